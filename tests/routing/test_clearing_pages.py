"""The exception queue: who sees it, what it says, and the five ways out, each in the history."""

from __future__ import annotations

import pytest

from audit.acting import SYSTEM, Actor
from audit.models import AccessLog
from cases import blobs
from cases.actions import set_membership
from cases.models import Case, OrgUnit, Role, User
from intake.models import Submission
from routing import exceptions
from routing.actions import clearing
from routing.models import ExceptionEntry
from tests import factories
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def post() -> OrgUnit:
    """The Poststelle, which clears what belongs to nobody."""
    return factories.team("poststelle", is_clearing=True)


@pytest.fixture
def chief(post: OrgUnit) -> User:
    """Who leads the Poststelle."""
    return factories.lead(post)


def clear(user: User, entry: ExceptionEntry, verb: str, **data: str):
    return logged_in(user).post(f"/klaerung/{entry.pk}/{verb}/", data)


def solved(entry: ExceptionEntry) -> ExceptionEntry:
    return ExceptionEntry.objects.select_related("submission", "case", "resolved_by").get(pk=entry.pk)


def actions_of(entry: ExceptionEntry) -> list[tuple[str, str]]:
    return list(solved(entry).history.order_by("history_id").values_list("history_action", "history_user_id"))


def test_the_queue_is_for_the_teamleitung(post: OrgUnit, chief: User) -> None:
    entry = factories.entry(post)
    worker = factories.user(post)
    for path in (f"/klaerung/{entry.pk}/", f"/klaerung/{entry.pk}/dateien/1/"):
        answer = logged_in(worker).get(path)
        assert answer.status_code == 403
        assert "Klärfälle bearbeitet die Teamleitung." in text_of(answer)
    assert "Klärung" not in text_of(logged_in(worker).get("/"))
    own = text_of(logged_in(worker).get("/klaerung/"))
    assert "Keine Fragen an Ihr Team" in own and "Grundsteuer" not in own and "sammelaktion" not in own
    assert logged_in(factories.user()).get("/klaerung/").status_code == 403
    assert logged_in(worker).post(f"/klaerung/{entry.pk}/zurueckweisen/", {"reason": "x"}).status_code == 403
    assert "1<span" in text_of(logged_in(chief).get("/"))


def test_entries_of_other_teams_are_unknown(post: OrgUnit) -> None:
    entry = factories.entry(post)
    stranger = factories.lead(factories.team("wohngeld"))
    file = entry.submission.files.first()
    for path in (f"/klaerung/{entry.pk}/", f"/klaerung/{entry.pk}/dateien/{file.pk}/"):
        assert logged_in(stranger).get(path).status_code == 404
    assert clear(stranger, entry, "zurueckweisen", reason="x").status_code == 404
    assert "Keine Klärfälle – alles erledigt" in text_of(logged_in(stranger).get("/klaerung/"))


@pytest.mark.parametrize(
    ("channel", "ending"), [("portal", "oder berichtigen und fortsetzen."), ("egvp", "oder zurückweisen.")]
)
def test_what_to_do_names_only_the_ways_that_there_are(channel: str, ending: str, post: OrgUnit) -> None:
    held = factories.entry(post, channel=channel)
    held.reason = "data_invalid"
    assert exceptions.explain(held).what_to_do.endswith(f" {ending}")


def test_the_queue_is_grouped_by_cause(post: OrgUnit, chief: User, django_assert_max_num_queries) -> None:
    for number in range(4):
        factories.entry(post, subject=f"Grundsteuer {number}")
    factories.entry(post, files={"attachments/xjustiz_nachricht.xml": b"<kaputt"})
    client = logged_in(chief)
    with django_assert_max_num_queries(12):
        answer = client.get("/klaerung/")
    page = text_of(answer)
    assert "5 Klärfälle offen" in page and "Keine Regel passt" in page and "4 heute, der älteste" in page
    assert page.index("Grundsteuer 0") < page.index("Grundsteuer 3")


def test_an_entry_explains_itself(post: OrgUnit, chief: User) -> None:
    factories.rule("Gewerbe", unit=post, name="Gewerberecht")
    entry = factories.entry(post)
    page = text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    number = entry.submission.number.public_id
    for part in (
        "Keine Regel passt",
        "Grundsteuer 2025",
        "12 K 345/26",
        "XJustiz 3.6.2",
        "attachments/Klage.pdf",
        number,
    ):
        assert part in page, part
    for verb in ("zuordnen", "neuer-vorgang", "dublette", "zurueckweisen", "fortsetzen"):
        assert f'action="/klaerung/{entry.pk}/{verb}/"' in page
    assert AccessLog.objects.get().what == "entry_seen"


def test_findings_are_shown_with_their_place(post: OrgUnit, chief: User) -> None:
    files = factories.container(files=("Klage.pdf", "fehlt.pdf"))
    entry = factories.entry(post, files=files)
    page = text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    assert "Mangel" in page and "fehlt.pdf" in page and 'name="accepted"' in page


def test_assign_to_a_case(post: OrgUnit, chief: User) -> None:
    case = factories.case(factories.team("rechtsamt"))
    entry = factories.entry(post)
    answer = clear(chief, entry, "zuordnen", case=f" {case.file_reference} ", reason="gehört dazu")
    assert answer.url == "/klaerung/"
    done = solved(entry)
    assert (done.resolution, done.case, done.resolved_by) == ("assigned", case, chief)
    assert done.submission.state == Submission.State.FILED
    assert actions_of(entry)[-1] == ("resolve_assigned", chief.username)
    page = text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    assert "Gelöst: einem Vorgang zugeordnet" in page and "<form method" not in page.split("<main")[1]


def test_the_message_links_the_case_only_to_who_may_see_it(post: OrgUnit) -> None:
    both = factories.lead(post)
    law = factories.team("rechtsamt")
    case = factories.case(law)
    factories.actions.set_membership(user=both, role=Role.CASEWORKER, unit=law, by=factories.SYSTEM)
    for user, linked in ((both, True), (factories.lead(post), False)):
        entry = factories.entry(post, foreign=f"7 K {user.pk}/26")
        client = logged_in(user)
        answer = client.post(f"/klaerung/{entry.pk}/zuordnen/", {"case": case.public_id}, follow=True)
        page = text_of(answer)
        assert f"dem Vorgang {case} zugeordnet" in page
        assert (f'href="/vorgaenge/{case.public_id}/"' in page) is linked


def test_assigning_needs_an_exact_and_reachable_case(post: OrgUnit, chief: User) -> None:
    law = factories.team("rechtsamt")
    case = factories.case(law)
    entry = factories.entry(post)
    for text in ("", "V-0000-0000-0", case.public_id[:-3], "30.4-2026"):
        answer = clear(chief, entry, "zuordnen", case=text)
        assert answer.status_code == 422
        page = text_of(answer)
        assert 'href="#zuordnen-case"' in page and 'aria-invalid="true"' in page
    lead = factories.lead(factories.team("wohngeld"))
    ExceptionEntry.objects.filter(pk=entry.pk).update(unit=factories.team("wohngeld"))
    assert clear(lead, entry, "zuordnen", case=case.public_id).status_code == 422
    assert solved(entry).resolved_at is None


def test_candidates_are_one_click_away(post: OrgUnit, chief: User) -> None:
    law = factories.team("rechtsamt")
    first, second = factories.case(law), factories.case(law)
    entry = factories.entry(post, subject=f"Zu {first.public_id} und {second.public_id}")
    page = text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    assert "Mehrere Vorgänge kommen in Frage" in page
    for case in (first, second):
        assert f'name="case" value="{case.public_id}"' in page
        assert case.subject not in page.split("kommen in Frage</p>")[1].split("</ul>")[0]


def test_open_a_new_case(post: OrgUnit, chief: User) -> None:
    law = factories.team("rechtsamt")
    service = factories.service(unit=law)
    entry = factories.entry(post)
    answer = clear(chief, entry, "neuer-vorgang", service=str(service.pk), unit="")
    assert answer.url == "/klaerung/"
    done = solved(entry)
    assert (done.resolution, done.case.unit, done.case.service) == ("new_case", law, service)
    assert done.case.public_id == done.submission.number.public_id
    assert actions_of(entry)[-1] == ("resolve_new_case", chief.username)


def test_a_new_case_needs_a_service(post: OrgUnit, chief: User) -> None:
    answer = clear(chief, factories.entry(post), "neuer-vorgang", service="", unit="")
    assert answer.status_code == 422
    assert 'href="#neuer-vorgang-service"' in text_of(answer)


def test_a_lead_opens_cases_in_their_own_teams_only() -> None:
    own, other = factories.team("wohngeld"), factories.team("rechtsamt")
    service = factories.service(unit=other)
    lead = factories.lead(own)
    post = factories.team("poststelle", is_clearing=True)
    entry = factories.entry(post)
    ExceptionEntry.objects.filter(pk=entry.pk).update(unit=own)
    answer = clear(lead, entry, "neuer-vorgang", service=str(service.pk), unit="")
    assert answer.status_code == 422
    assert "fehlt Ihnen in diesem Team die Berechtigung" in text_of(answer)
    assert not Case.objects.exists()


def test_link_as_a_duplicate(post: OrgUnit, chief: User) -> None:
    factories.rule("Klage", unit=factories.team("rechtsamt"))
    original = factories.processed(subject="Klage", foreign="7 K 1/26")
    entry = factories.entry(post)
    answer = clear(chief, entry, "dublette", original=original.number.public_id.lower())
    assert answer.url == "/klaerung/"
    done = solved(entry)
    assert (done.resolution, done.submission.duplicate_of, done.case) == ("duplicate", original, original.case)
    assert actions_of(entry)[-1] == ("resolve_duplicate", chief.username)


@pytest.mark.parametrize("text", ["", "quatsch", "own"])
def test_a_duplicate_needs_an_original(post: OrgUnit, chief: User, text: str) -> None:
    entry = factories.entry(post)
    original = entry.submission.number.public_id if text == "own" else text
    answer = clear(chief, entry, "dublette", original=original)
    assert answer.status_code == 422
    assert "Bitte prüfen" in text_of(answer)
    assert solved(entry).resolved_at is None


def test_reject_with_a_reason(post: OrgUnit, chief: User) -> None:
    entry = factories.entry(post)
    refused = clear(chief, entry, "zurueckweisen", reason="  ")
    assert refused.status_code == 422
    assert 'href="#zurueckweisen-reason"' in text_of(refused)
    assert clear(chief, entry, "zurueckweisen", reason="Werbung").url == "/klaerung/"
    done = solved(entry)
    assert (done.resolution, done.submission.state) == ("rejected", "rejected")
    assert actions_of(entry)[-1] == ("resolve_rejected", chief.username)
    last = done.submission.history.order_by("history_id").last()
    assert (last.history_action, last.history_reason) == ("reject_submission", "Werbung")


def test_what_came_from_a_portal_is_not_rejected(post: OrgUnit, chief: User) -> None:
    entry = factories.entry(post, channel="portal")
    assert "zurueckweisen/" not in text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    assert clear(chief, entry, "zurueckweisen", reason="Werbung").status_code == 404


def correct_data(entry: ExceptionEntry, **changed: str) -> dict[str, str]:
    facts = entry.submission.facts
    names = ("subject", "own_reference", "foreign_reference", "court_code", "court_reference", "service")
    return {name: facts[name] for name in names} | {"sender_code": facts["sender"]["code"]} | changed


def test_correct_and_resume(post: OrgUnit, chief: User) -> None:
    law = factories.team("rechtsamt")
    entry = factories.entry(post)
    factories.rule("Gewerbe", unit=law)
    answer = clear(chief, entry, "fortsetzen", **correct_data(entry, subject="Gewerbe: Grundsteuer"))
    assert answer.url == "/klaerung/"
    done = solved(entry)
    assert (done.resolution, done.case.unit, done.case.subject) == ("resumed", law, "Gewerbe: Grundsteuer")
    assert done.submission.corrections["facts"] == {"subject": "Gewerbe: Grundsteuer"}
    assert actions_of(entry)[-1] == ("resolve_resumed", chief.username)


def test_resuming_in_vain_says_why(post: OrgUnit, chief: User) -> None:
    entry = factories.entry(post)
    answer = logged_in(chief).post(f"/klaerung/{entry.pk}/fortsetzen/", correct_data(entry), follow=True)
    assert answer.redirect_chain == [(f"/klaerung/{entry.pk}/", 302)]
    assert "lässt sich auch so nicht zuordnen" in text_of(answer)
    assert solved(entry).resolved_at is None


def test_findings_can_be_accepted(post: OrgUnit, chief: User) -> None:
    factories.rule("Gewerbe", unit=factories.team("rechtsamt"))
    entry = factories.entry(post, files=factories.container(files=("Klage.pdf", "fehlt.pdf")))
    assert entry.reason == "attachment_missing"
    data = correct_data(entry, accepted="attachment_missing")
    assert clear(chief, entry, "fortsetzen", **data).url == "/klaerung/"
    assert solved(entry).submission.state == Submission.State.FILED
    assert "Gelöst" in text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))


def test_a_solved_entry_is_not_solved_again(post: OrgUnit, chief: User) -> None:
    entry = factories.entry(post)
    clear(chief, entry, "zurueckweisen", reason="Werbung")
    again = clear(chief, entry, "zurueckweisen", reason="Werbung")
    assert again.status_code == 422
    assert "schon gelöst" in text_of(again)


def test_a_solved_entry_is_no_door_into_a_vorgang_that_one_may_not_see(post: OrgUnit, chief: User) -> None:
    entry = factories.entry(post, subject="Grundsteuer Eva Klug")
    file = entry.submission.files.first()
    youth = factories.team("jugendamt")

    def takes_file(user: User) -> int:
        answer = logged_in(user).get(f"/klaerung/{entry.pk}/dateien/{file.pk}/")
        assert not answer.streaming or b"".join(answer.streaming_content)
        return answer.status_code

    assert takes_file(chief) == 200
    by = Actor.of(chief)
    case = clearing.open_new_case(entry=entry, service=factories.service(), unit=youth, by=by)
    page = text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    assert "Gelöst: neuer Vorgang" in page
    assert "12 K 345/26" not in page
    assert takes_file(chief) == 404
    own = factories.lead(post)
    set_membership(user=own, role=Role.CASEWORKER, unit=youth, by=SYSTEM)
    assert takes_file(own) == 200
    assert case.unit == youth


def test_a_solved_entry_of_a_protected_vorgang_is_for_those_who_are_named(post: OrgUnit, chief: User) -> None:
    entry, other = factories.entry(post, subject="Grundsteuer Eva Klug"), factories.entry(post, subject="Hundesteuer")
    for each in (entry, other):
        case = clearing.open_new_case(entry=each, service=factories.service(), unit=post, by=Actor.of(chief))
    named = factories.lead(post)
    factories.protect(ExceptionEntry.objects.get(pk=entry.pk).case, named)
    addresses = [f"/klaerung/{entry.pk}/", f"/klaerung/vorschlag/?eintrag={entry.pk}"]
    for address in addresses:
        assert logged_in(named).get(address).status_code == 200
        assert logged_in(chief).get(address).status_code in (403, 404)
    assert logged_in(chief).get(f"/klaerung/{other.pk}/").status_code == 200
    assert case.unit == post


def test_a_repetition_becomes_a_matter_of_its_own_by_one_click(post: OrgUnit) -> None:
    factories.rule("Gewerbe")
    original = factories.processed(pdf=factories.PDF, foreign="5 K 5/26")
    repeated = factories.processed(pdf=factories.PDF, foreign="5 K 5/26")
    client = logged_in(factories.user(original.case.unit))
    address, case_page = f"/eingaenge/{repeated.pk}/eigene-sache/", f"/vorgaenge/{original.case.public_id}/"
    assert "gilt als Dublette" in text_of(client.get(case_page))
    assert address in text_of(client.get(f"{case_page}antrag/"))
    stranger = logged_in(factories.user(factories.team("fremd")))
    assert stranger.post(address).status_code == 404, "as one that does not exist"
    assert stranger.post("/eingaenge/999999/eigene-sache/").status_code == 404
    answer = client.post(address, follow=True)
    assert "Der Eingang ist jetzt im Vorgang" in text_of(answer)
    assert "gilt als Dublette" not in text_of(client.get(case_page))
    assert address not in text_of(client.get(f"{case_page}antrag/"))
    assert Submission.objects.get(pk=repeated.pk).state == "filed"


def test_a_rejection_is_taken_back_from_its_page(post: OrgUnit, chief: User) -> None:
    entry = factories.entry(post)
    clear(chief, entry, "zurueckweisen", reason="Werbung")
    address = f"/klaerung/{entry.pk}/zurueckweisung-aufheben/"
    client = logged_in(chief)
    assert address in text_of(client.get(f"/klaerung/{entry.pk}/"))
    assert "Bitte einen Grund angeben" in text_of(client.post(address, {"reason": " "}, follow=True))
    assert "steht jetzt so: in Klärung" in text_of(client.post(address, {"reason": "doch wichtig"}, follow=True))
    assert address not in text_of(client.get(f"/klaerung/{entry.pk}/"))


def test_a_vanished_file_stops_the_step_with_a_sentence(post: OrgUnit, chief: User) -> None:
    entry = factories.entry(post)
    for file in entry.submission.files.all():
        blobs.path_of(file.blob_id).unlink()
    factories.service("wohngeld")
    answer = clear(chief, entry, "fortsetzen", service="wohngeld")
    assert answer.status_code == 422
    assert "nichts wurde geändert" in text_of(answer)
    assert solved(entry).resolved_at is None


def test_files_of_a_message_are_served_as_stored(post: OrgUnit, chief: User) -> None:
    entry = factories.entry(post)
    how = {}
    for file in entry.submission.files.all():
        answer = logged_in(chief).get(f"/klaerung/{entry.pk}/dateien/{file.pk}/")
        how[file.name] = answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert b"".join(answer.streaming_content)
    assert how == {
        "attachments/Klage.pdf": 'inline; filename="Klage.pdf"',
        "attachments/xjustiz_nachricht.xml": 'attachment; filename="xjustiz_nachricht.xml"',
    }
    other = factories.entry(post)
    wrong = other.submission.files.first()
    assert logged_in(chief).get(f"/klaerung/{entry.pk}/dateien/{wrong.pk}/").status_code == 404
