"""The demonstration's whole exception queue in a real browser: cleared, and a rule from it, which places the like."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from cases.models import Case, User
from config import importing
from config.demo import run, town
from config.demo.container import Container, container_files, write_folder
from config.demo.pdf import Page as Sheet
from config.demo.pdf import letter
from config.demo.sample import NOTICE, ZONE
from config.demo.senders import FG_MUENSTER, TOWN
from config.demo.xjustiz import DOCUMENTS, Document, FilePart, Message, Partner, to_xml
from intake.models import Submission
from routing.models import ExceptionEntry
from tests.browser.test_browser_pages import accessible, open_page  # noqa: F401 - the fixture
from tests.browser.test_casework_day import log_in, reach

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:Session-scoped fixtures defined as instance methods"),  # pytest-playwright's
]
Opener = Callable[..., Page]
FORTY = 40
ALIKE = FORTY + 3
"""The demonstration's mail holds three of this cause already."""


def inquiry(folder: Path, number: int) -> Path:
    """Lay down the Finanzgericht's inquiry of this number: id, Aktenzeichen and subject are its own."""
    arrived = datetime(2026, 11, 16, 9, 0, tzinfo=ZONE) + timedelta(minutes=number)
    reference = f"4 K {3000 + number}/26 Gr"
    message = Message(
        version="3.6.2",
        kind=DOCUMENTS,
        created=arrived.isoformat(),
        sender=Partner(FG_MUENSTER.name, FG_MUENSTER.code, FG_MUENSTER.safe_id),
        recipient=Partner(TOWN.name, safe_id=TOWN.safe_id),
        id=str(uuid.uuid4()),
        sender_reference=reference,
        subject=f"Grundsteuer: Bitte um Auskunft zum Bescheid Nr. {7000 + number}",
        documents=(Document(str(uuid.uuid4()), "Ersuchen", NOTICE, date(2026, 11, 13), (FilePart("Ersuchen.pdf"),)),),
    )
    paper = letter(Sheet(FG_MUENSTER.name, message.subject, (f"In der Sache {reference} wird um Auskunft gebeten.",)))
    container = Container(
        message_id=f"govapp_{int(arrived.timestamp() * 1000)}{uuid.uuid4().int % 10**20:020d}",
        arrived=arrived,
        sender=FG_MUENSTER,
        subject=message.subject,
        attachments={"xjustiz_nachricht.xml": to_xml(message), "Ersuchen.pdf": paper},
        sender_reference=reference,
    )
    write_folder(container_files(container), folder / f"{number:03d}")
    return folder


def arrive(folder: Path, numbers: range) -> list[Submission]:
    """Take the inquiries of these numbers through the pipeline."""
    for number in numbers:
        inquiry(folder, number)
    result = importing.run([folder], channel="egvp")
    rows = Submission.objects.in_bulk([pk for _, pk, known in result.submissions if not known])
    assert len(rows) == len(numbers)
    return list(rows.values())


class Queue:
    """The queue in the browser of somebody who leads a team."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def entry(self, reason: str, **more: str) -> ExceptionEntry:
        """The oldest open Klärfall of this reason."""
        found = ExceptionEntry.objects.filter(reason=reason, resolved_at=None, **more).order_by("pk").first()
        assert found is not None, reason
        return found

    def link(self, entry: ExceptionEntry) -> Locator:
        """Its line in the list."""
        return self.page.locator(f'.lm-table--clearing a[href="/klaerung/{entry.pk}/"]')

    def open(self, entry: ExceptionEntry) -> None:
        """By a click in the list."""
        self.link(entry).click()
        expect(self.page.get_by_role("heading", name="Klärfall lösen")).to_be_visible()

    def way(self, verb: str) -> Locator:
        """The form of a way out, unfolded."""
        way = self.page.locator(f"details#{verb}")
        if not way.evaluate("each => each.open"):
            way.locator("summary").click()
        return way

    def say(self, verb: str, **values: str) -> None:
        """Go a way: texts by the ids of their fields, choices by what is shown."""
        way = self.way(verb)
        for name, value in values.items():
            field = way.locator(f"#{verb}-{name}")
            if field.evaluate("each => each.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)
        way.locator(".lm-form button[type=submit]").click()

    def done(self, sentence: str) -> None:
        """What the page says."""
        expect(self.page.get_by_role("status")).to_contain_text(sentence)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """The demonstration as it is shown, its mail delivered, and forty inquiries more, which no rule knows."""
    town.build()
    run.deliver(progress=lambda line: None)
    arrive(tmp_path / "forty", range(FORTY))
    assert ExceptionEntry.objects.filter(resolved_at=None).count() == 22 + FORTY
    return tmp_path


def test_the_whole_queue_and_then_a_rule(inbox: Path, open_page: Opener) -> None:  # noqa: F811
    pia = User.objects.get(username="pia.post")
    page = open_page("/anmelden/")
    log_in(page, pia)
    page.get_by_role("link", name="Klärung").first.click()
    queue = Queue(page)
    expect(page.get_by_text(f"{22 + FORTY} Klärfälle offen")).to_be_visible()
    _forty_at_once(page)
    _several_at_once(page)
    _one_by_one(queue)
    _by_keyboard(queue)
    _with_another_team(queue, open_page)
    _later(queue)
    expect(page.get_by_text("0 Klärfälle offen")).to_be_visible()
    assert not ExceptionEntry.objects.filter(resolved_at=None).exists()

    _propose(page)
    _publish(open_page)
    received = arrive(inbox / "again", range(FORTY, 2 * FORTY))
    assert {each.state for each in received} == {"filed"}
    assert {each.case.unit.slug for each in received} == {"rechtsamt"}
    assert not ExceptionEntry.objects.filter(resolved_at=None).exists()
    page.goto(page.url.split("/regeln/")[0] + "/klaerung/")
    expect(page.get_by_text("0 Klärfälle offen")).to_be_visible()


def _together(page: Page, way: str) -> Locator:
    """A way for all that are ticked, unfolded below the list."""
    form = page.locator(".lm-bulk .lm-details", has=page.locator("summary", has_text=way))
    if not form.is_visible():
        page.get_by_text("Ausgewählte Klärfälle bearbeiten").click()
    form.locator("summary").click()
    return form


def _forty_at_once(page: Page) -> None:
    page.get_by_label(f"alle {ALIKE} dieser Ursache auswählen").check()
    expect(page.locator("[data-chosen]")).to_have_text(f" ({ALIKE})")
    way = _together(page, "Neuen Vorgang eröffnen")
    way.get_by_label("Leistung").select_option(label="Gerichtspost")
    way.get_by_label("Team").select_option(label="Rechtsamt")
    way.get_by_role("button", name="Vorgang eröffnen").click()
    page.get_by_role("dialog").get_by_role("button", name="Vorgang eröffnen").click()
    expect(page.get_by_text(f"Neuen Vorgang eröffnen: {ALIKE} von {ALIKE} Klärfällen erledigt.")).to_be_visible()
    assert Case.objects.filter(unit__slug="rechtsamt", subject__startswith="Grundsteuer").count() == ALIKE


def _several_at_once(page: Page) -> None:
    """What cannot be opened goes back, whatever its cause."""
    reasons = ("zip_bomb", "zip_unsafe_name", "zip_encrypted", "message_empty")
    for entry in ExceptionEntry.objects.filter(reason__in=reasons, resolved_at=None):
        page.locator(f'input[name=entry][value="{entry.pk}"]').check()
    way = _together(page, "Zurückweisen")
    way.get_by_label("Grund").fill("Das Archiv lässt sich nicht öffnen.")
    way.get_by_label("Mitteilung an den Absender").fill("Bitte senden Sie die Dokumente einzeln und ohne Kennwort.")
    way.get_by_role("button", name="Zurückweisen").click()
    page.get_by_role("dialog").get_by_role("button", name="Zurückweisen").click()
    expect(page.get_by_text("Zurückweisen: 4 von 4 Klärfällen erledigt.")).to_be_visible()


def _one_by_one(queue: Queue) -> None:
    first, second = ExceptionEntry.objects.filter(reason="xml_doctype", resolved_at=None).order_by("pk")[:2]
    queue.open(first)
    queue.say("neuer-vorgang", service="Gerichtspost", unit="Ordnungsamt")
    queue.done("ist eröffnet, die Nachricht liegt darin.")
    queue.open(second)
    queue.say("dublette", original=first.submission.number.public_id)
    queue.done("als Dublette")
    queue.open(queue.entry("xml_doctype"))
    queue.say("zurueckweisen", reason="Gefährlicher Inhalt.", sender_text="Bitte ohne DOCTYPE senden.")
    queue.done("zurückgewiesen")
    for reason in ("attachment_missing", "several_xjustiz"):
        queue.open(queue.entry(reason))
        queue.say("fortsetzen", reason="Das Gericht reicht es nach.")
        queue.done("Die Nachricht liegt jetzt im Vorgang")
    queue.open(queue.entry("portal_reference"))
    queue.page.get_by_role("button", name="Diesem zuordnen").first.click()
    queue.done("zugeordnet")
    queue.open(queue.entry("service_unknown"))
    queue.say("neuer-vorgang", service="Bewohnerparkausweis")
    queue.done("ist eröffnet")
    queue.open(queue.entry("unknown_standard"))
    queue.say("neuer-vorgang", service="Gerichtspost", unit="Ordnungsamt")
    queue.done("ist eröffnet")
    case = Case.objects.filter(unit__slug="ordnungsamt").earliest("pk")
    for channel in ("eml", "scan"):
        queue.open(queue.entry("no_rule", submission__channel=channel))
        queue.say("zuordnen", case=case.public_id)
        queue.done(f"dem Vorgang {case} zugeordnet")


def _by_keyboard(queue: Queue) -> None:
    """From the list into a Klärfall and out of it, without the mouse."""
    page = queue.page
    _open_by_keys(queue, queue.entry("unknown_version"))
    _unfold_by_keys(page, "neuer-vorgang")
    for field, said in (("Leistung", "Gerichtspost"), ("Team", "Bauaufsicht")):
        reach(page, page.locator("#neuer-vorgang").get_by_label(field))
        page.keyboard.type(said)
    reach(page, page.get_by_role("button", name="Vorgang eröffnen"))
    page.keyboard.press("Enter")
    queue.done("ist eröffnet, die Nachricht liegt darin.")
    _open_by_keys(queue, queue.entry("xml_not_wellformed"))
    _unfold_by_keys(page, "zurueckweisen")
    reach(page, page.locator("#zurueckweisen-reason"))
    page.keyboard.type("Bricht mitten im Satz ab.")
    reach(page, page.locator("#zurueckweisen").get_by_role("button"))
    page.keyboard.press("Enter")
    queue.done("zurückgewiesen")


def _open_by_keys(queue: Queue, entry: ExceptionEntry) -> None:
    link = queue.link(entry)
    for _ in range(ExceptionEntry.objects.filter(resolved_at=None).count()):
        queue.page.keyboard.press("j")
        if link.evaluate("each => each === document.activeElement"):
            break
    expect(link).to_be_focused()
    queue.page.keyboard.press("Enter")
    expect(queue.page.get_by_role("heading", name="Klärfall lösen")).to_be_visible()


def _unfold_by_keys(page: Page, verb: str) -> None:
    reach(page, page.locator(f"#{verb} summary"))
    page.keyboard.press("Enter")


def _with_another_team(queue: Queue, open_page: Opener) -> None:  # noqa: F811
    """One question is answered by the Wohngeldstelle; what belongs to it is solved there."""
    asked = queue.entry("data_invalid", submission__facts__service="wohngeld")
    queue.open(asked)
    queue.say("rueckfrage", unit="Wohngeldstelle", text="Kennen Sie die Person?")
    queue.done("Wohngeldstelle ist gefragt.")
    queue.page.get_by_role("link", name="Klärung").last.click()
    queue.open(queue.entry("schema_invalid"))
    queue.say("weitergeben", unit="Wohngeldstelle", reason="Es geht um Wohngeld.")
    queue.done("Der Klärfall liegt jetzt bei Wohngeldstelle.")

    there = Queue(open_page("/klaerung/", User.objects.get(username="willi.wohngeld")))
    there.page.get_by_label("Antwort").fill("Ja, bitte einen Vorgang eröffnen.")
    there.page.get_by_role("button", name="Antworten").click()
    there.done("Danke, die Antwort steht jetzt am Klärfall.")
    there.open(there.entry("schema_invalid"))
    there.say("fortsetzen", reason="Der Absender steht im Schreiben.")
    there.done("Die Nachricht liegt jetzt im Vorgang")

    queue.open(asked)
    expect(queue.page.get_by_text("Ja, bitte einen Vorgang eröffnen.")).to_be_visible()
    queue.say("neuer-vorgang", service="Wohngeld")
    queue.done("ist eröffnet")


def _later(queue: Queue) -> None:
    """What is laid aside is found again, and taken up."""
    entry = queue.entry("data_invalid")
    queue.open(entry)
    queue.say("parken", period="2 Wochen", reason="Die Halterin ruft zurück.")
    queue.done("zurückgestellt")
    expect(queue.link(entry)).to_have_count(0)
    queue.page.get_by_role("link", name="Zurückgestellt 1").click()
    queue.open(entry)
    queue.page.get_by_role("button", name="Jetzt wieder aufnehmen").click()
    queue.done("steht wieder in der Liste")
    queue.say("neuer-vorgang", service="Bewohnerparkausweis")
    queue.done("ist eröffnet")


def _propose(page: Page) -> None:
    """From what was solved to a draft and its trial run, which the same person cannot publish."""
    page.get_by_role("link", name="Zuletzt gelöst: Regel vorschlagen").click()
    proposed = page.get_by_role("link", name="Regel vorschlagen: Keine Regel passt, Rechtsamt")
    accessible(page, 1440)
    words = proposed.locator(".kern-label")
    assert proposed.evaluate("each => each.clientWidth") > words.evaluate("each => each.offsetWidth"), "as a button"
    proposed.click()
    expect(page.get_by_text(f"Sie erfasst alle {ALIKE} gelösten Klärfälle")).to_be_visible()
    name = "Finanzgericht Münster: Grundsteuer: Bitte um Auskunft zum → Rechtsamt"
    expect(page.get_by_label("Name der Regel")).to_have_value(name)
    page.get_by_role("button", name="In einen Entwurf übernehmen").click()
    expect(page.get_by_role("heading", name="Probelauf", exact=True)).to_be_visible()
    expect(page.get_by_text(f"{ALIKE} kämen nicht mehr in die Klärung")).to_be_visible()
    accessible(page, 1440)
    expect(page.get_by_role("button", name="Veröffentlichen")).to_have_count(0)


def _publish(open_page: Opener) -> None:  # noqa: F811
    """The Fachadministration finds the draft, looks at its trial run, and publishes it."""
    page = open_page("/anmelden/")
    log_in(page, User.objects.get(username="admin"))
    page.get_by_role("link", name="Regeln").first.click()
    page.get_by_role("link", name="Entwürfe (1 in Arbeit)").click()
    page.get_by_role("link", name="Vorschlag: ").click()
    page.get_by_role("link", name="Probelauf und Veröffentlichung").click()
    expect(page.get_by_text(f"{ALIKE} kämen nicht mehr in die Klärung")).to_be_visible()
    page.get_by_role("button", name="Veröffentlichen").click()
    page.get_by_role("dialog").get_by_role("button", name="Veröffentlichen").click()
    expect(page.get_by_role("status")).to_contain_text("veröffentlicht")
