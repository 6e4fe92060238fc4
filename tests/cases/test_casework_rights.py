"""Who may come to the pages of casework, and what they cost, walked over every address that there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.acting import SYSTEM, Actor
from cases import actions
from cases.casework import urls
from cases.casework.base import CaseStepView
from cases.models import Case, Dispatch, Note, Notice, Party, Remedy, Role, User
from cases.standard_texts import RequestedItem
from tests import factories as make
from tests.pages import Desk, address, done, logged_in, shown

pytestmark = pytest.mark.django_db
MOST = 15
PARTS = ("case", "case-application", "case-history")


class Full:
    """A Vorgang in which everything has happened, ``many`` times."""

    def __init__(self, many: int = 1) -> None:
        self.unit = make.team()
        self.person, self.colleague = make.user(self.unit), make.user(self.unit)
        self.lead = make.lead(self.unit)
        parties = [make.applicant(), make.applicant(role=Party.Role.GUARDIAN, receives_post=True)]
        parties += [make.applicant(role=Party.Role.HOUSEHOLD_MEMBER, first_name=f"Kind {n}") for n in range(many)]
        self.case = make.application_case(self.unit, parties=parties)
        self.by = Actor.of(self.person)
        actions.take_up(case=self.case, by=self.by)
        self._write(many)
        self._decide(many)
        for number in range(many):
            make.document(self.case, title=f"Anlage {number}")
            actions.set_follow_up(case=self.case, due_on=make.tomorrow(number + 1), by=self.by)
        values = {"outcome": Case.Outcome.GRANTED, "operative_part": "Berichtigt."}
        actions.draft_decision(case=self.case, values=values, corrects=self.decision, by=self.by)

    def _write(self, many: int) -> None:
        items = [RequestedItem(f"nachweis-{number}", f"Nachweis {number}") for number in range(many)]
        for number in range(many):
            actions.write_note(case=self.case, text=f"Notiz {number}", by=self.by)
            request = make.information_request(self.case, self.person, items=items)
            make.posted(request, self.person)
            actions.set_items(request=request, accepted=[items[0].key], by=self.by)
            actions.send_notice(case=self.case, kind=Notice.Kind.INTERIM, subject="Stand", text="Ja.", by=self.by)

    def _decide(self, many: int) -> None:
        draft = make.draft(self.case, self.person)
        self.decision = actions.release_decision(decision=draft, revision=1, by=Actor.of(self.colleague))
        make.posted(self.decision, self.person)
        for _ in range(many):
            actions.register_remedy(
                decision=self.decision, kind=Remedy.Kind.OBJECTION, filed_on=timezone.localdate(), by=self.by
            )

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Every address of casework as (name, address), with the first thing that it can be about."""
        found = {
            "number": 1,
            "note_id": Note.objects.filter(case=self.case).earliest("pk").pk,
            "dispatch_id": Dispatch.objects.filter(case=self.case).earliest("pk").pk,
            "party_id": self.case.parties.first().pk,
            "remedy_id": Remedy.objects.filter(decision__case=self.case).earliest("pk").pk,
            "deadline_id": self.case.deadlines.earliest("pk").pk,
        }
        for pattern in urls.urlpatterns:
            wanted = [found[name] for name in pattern.pattern.converters]
            yield pattern.name, address(pattern.name, self.case, *wanted)


@pytest.fixture
def full() -> Full:
    """A Vorgang with one of each."""
    return Full()


def is_step(name: str) -> bool:
    """True for the address of a button."""
    view = next(pattern.callback.view_class for pattern in urls.urlpatterns if pattern.name == name)
    return issubclass(view, CaseStepView)


def test_a_stranger_finds_none_of_it(full: Full) -> None:
    before = Case.objects.get(pk=full.case.pk).version
    stranger = logged_in(make.user(make.team("fremd")))
    for name, url in full.addresses():
        assert stranger.get(url).status_code == 404, name
        assert stranger.post(url).status_code == 404, name
    assert Case.objects.get(pk=full.case.pk).version == before


def test_nobody_gets_in_without_logging_in(full: Full) -> None:
    for name, url in full.addresses():
        assert Client().post(url).url.startswith("/anmelden/"), name


def test_who_may_see_but_not_work_is_refused(full: Full) -> None:
    """A protected Vorgang names its readers; one of another team reads it, and does nothing with it."""
    reader = make.user(make.team("revision"))
    make.protect(full.case, reader, full.person)
    client = logged_in(reader)
    for part in PARTS:
        page = shown(client, address(part, full.case), full.case.public_id)
        assert "lm-toolbar" not in page
    for name, url in full.addresses():
        assert client.post(url).status_code == 403, name
        assert client.get(url).status_code == (302 if is_step(name) else 403), name


def test_only_the_named_work_on_a_protected_case(full: Full) -> None:
    make.protect(full.case, full.person)
    colleague, lead, named = (logged_in(each) for each in (full.colleague, full.lead, full.person))
    for name, url in full.addresses():
        assert colleague.get(url).status_code == 404, name
        assert lead.get(url).status_code == 404, name
    done(named, address("case-note", full.case), {"kind": "vermerk", "text": "Nur für mich."}, "gespeichert")


def test_the_address_of_a_button_leads_back(full: Full) -> None:
    client = logged_in(full.person)
    steps = [(name, url) for name, url in full.addresses() if is_step(name)]
    assert len(steps) >= 6
    for name, url in steps:
        assert client.get(url).url == address("case", full.case), name


def test_every_form_is_shown_with_labels(full: Full) -> None:
    writer, reader, lead = (logged_in(each) for each in (full.person, full.colleague, full.lead))
    for name, url in full.addresses():
        client = {"decision-release": reader, "case-protect": lead}.get(name, writer)
        if is_step(name) or name == "decision-preview":
            continue
        page = shown(client, url, full.case.public_id, "csrfmiddlewaretoken" if name != "case-request" else "Was fehlt")
        answer = client.get(url)
        for field in answer.context.get("form", []):
            if not field.is_hidden:
                assert field.label in page, (name, field.name)


def test_who_covers_the_handler_does_the_casework(desk: Desk) -> None:
    actions.assign(case=desk.case, to=desk.person, by=desk.by)
    substitute: User = make.user(make.team("wohngeld"))
    client = logged_in(substitute)
    assert client.get(desk.at("case-note")).status_code == 404
    make.cover(desk.person, substitute)
    shown(client, desk.at("case"), "Nachforderung", "Vermerk")
    done(client, desk.at("case-note"), {"kind": "vermerk", "text": "In Vertretung."}, "gespeichert")
    wanted = {"title": "Nachweise", "text": "Bitte:", "more": "Vertrag", "days": "14", "method": "einfach"}
    done(client, f"{desk.at('case-request')}?vorlage=", wanted, "liegt bereit zum Versand")
    make.protect(desk.again(), desk.person)
    assert client.get(desk.at("case-note")).status_code == 404


def queries(client: Client, url: str) -> tuple[int, str]:
    """How many queries a page costs, and which."""
    client.get(url)  # what is read once per process is read by now
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert answer.status_code == 200, url
    asked = [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    return len(asked), "\n".join(each[:60] + " … " + each.partition(" FROM ")[2][:100] for each in asked)


@pytest.mark.parametrize("many", [1, 12])
def test_each_page_costs_few_queries_however_much_there_is(many: int) -> None:
    full = Full(many)
    substitute = make.user(make.team("wohngeld"))
    make.cover(full.person, substitute)
    for _ in range(30 if many > 1 else 0):
        make.document(full.case)
    actions.set_membership(user=full.lead, role=Role.LEAD, unit=make.team("wohngeld"), by=SYSTEM)
    for who in (full.person, full.lead, substitute):
        client = logged_in(who)
        pages = [(part, address(part, full.case)) for part in PARTS]
        pages += [each for each in full.addresses() if not is_step(each[0])]
        for name, url in pages:
            if name == "case-protect" and who != full.lead:
                continue
            if (name == "note-change" and who != full.person) or (name == "case-assign" and who == substitute):
                continue  # others' Vermerke, and the Vorgang of whom one covers
            count, asked = queries(client, url)
            assert count <= MOST, (
                name,
                who,
                count,
                asked,
            )


def test_an_open_request_and_a_draft_cost_no_more() -> None:
    """The Vorgang before its Bescheid: Nachforderungen open and run out, a draft with all that it may lack."""
    unit = make.team()
    person = make.user(unit)
    case = make.application_case(unit)
    for _ in range(4):
        make.posted(make.information_request(case, person), person)
    make.draft(case, person, Case.Outcome.REFUSED, reasoning="", remedy_notice="")
    make.document(case)
    client = logged_in(person)
    for part in (*PARTS, "decision-draft", "decision-release", "case-request", "case-close"):
        count, asked = queries(client, address(part, case))
        assert count <= MOST, (part, count, asked)
