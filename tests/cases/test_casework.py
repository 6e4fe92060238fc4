"""The Vorgang's life so far: who may do what, from which state, and what the history says of it."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.acting import SYSTEM, Actor, Source, acting
from audit.registries import timeline_of
from cases import actions, policy, selectors
from cases.actions.base import NotPossible
from cases.models import Case, CaseReader, Role, Service
from cases.signals import case_event
from tests import factories as make

pytestmark = pytest.mark.django_db
RULE = Actor(Source.RULE, "Regel 1")


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_open_take_up_close_reopen() -> None:
    unit = make.team()
    person, lead = make.user(unit), make.lead(unit)
    case = make.case(unit)
    assert (case.status, case.version, again(case).is_open) == ("eingegangen", 1, True)

    actions.take_up(case=case, by=Actor.of(person))
    assert (again(case).status, again(case).handler, again(case).version) == ("in_pruefung", person, 2)

    actions.close(case=case, outcome=Case.Outcome.DONE, reason="Irrläufer", by=Actor.of(person))
    closed = again(case)
    assert (closed.status, closed.outcome, closed.is_open, closed.version) == ("entschieden", "erledigt", False, 3)
    assert closed.closed_at is not None

    actions.reopen(case=case, reason="doch für uns", by=Actor.of(lead))
    assert (again(case).status, again(case).outcome, again(case).closed_at) == ("in_pruefung", "", None)
    assert [row.history_action for row in case.history.order_by("history_id")] == [
        "open_case",
        "take_up",
        "close",
        "reopen",
    ]


def test_each_step_is_one_history_row_and_one_event() -> None:
    told = []

    def listen(sender, case, kind, by, **kwargs) -> None:
        told.append((kind, by.name, case.version))

    case_event.connect(listen)
    try:
        unit = make.team()
        case = make.case(unit)
        actions.take_up(case=case, by=Actor.of(make.user(unit, username="kim")))
    finally:
        case_event.disconnect(listen)
    assert told == [("status", "kim", 2)]
    assert case.history.count() == 2


def test_what_the_state_machine_does_not_allow_changes_nothing() -> None:
    unit = make.team()
    by = Actor.of(make.lead(unit))
    case = make.case(unit)
    with pytest.raises(NotPossible, match="ist eingegangen"):
        actions.reopen(case=case, reason="x", by=by)
    actions.take_up(case=case, by=by)
    with pytest.raises(NotPossible, match="ist in Prüfung"):
        actions.take_up(case=case, by=by)
    assert case.history.count() == 2


def test_status_cannot_be_set_past_the_state_machine() -> None:
    case = make.case()
    with pytest.raises(AttributeError):
        case.status = "entschieden"
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(status="erledigt")
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(status="entschieden")


def test_closing_needs_a_reason_and_no_outcome_of_a_bescheid() -> None:
    unit = make.team()
    by = Actor.of(make.lead(unit))
    case = make.case(unit)
    with pytest.raises(NotPossible, match="Grund"):
        actions.close(case=case, outcome=Case.Outcome.DONE, reason=" ", by=by)
    for outcome in set(Case.Outcome) - {"eingestellt", "zurueckgenommen", "abgegeben", "erledigt"}:
        with pytest.raises(NotPossible, match="Bescheid"):
            actions.close(case=case, outcome=outcome, reason="x", by=by)


def test_the_machine_never_decides() -> None:
    case = make.case()
    for by in (SYSTEM, RULE, Actor(Source.CHANNEL, "egvp")):
        with pytest.raises(PermissionDenied):
            actions.close(case=case, outcome=Case.Outcome.DONE, reason="x", by=by)
        with pytest.raises(PermissionDenied):
            actions.reopen(case=case, reason="x", by=by)
    assert {
        "open_case",
        "take_up",
        "add_documents",
        "expire_request",
        "open_deadline",
        "settle_deadline",
        "start_pause",
        "end_pause",
    } == policy.MACHINE
    assert set(policy.PEOPLE) >= policy.MACHINE
    reported = {"withdraw", "report_examination", "report_request", "report_decision"}
    assert reported == policy.REPORTED, "what people elsewhere have done, and an access reports"


def test_assigning() -> None:
    unit = make.team()
    person, colleague, stranger, lead = make.user(unit), make.user(unit), make.user(make.team("fremd")), make.lead(unit)
    case = make.case(unit)
    actions.assign(case=case, to=person, by=Actor.of(person))
    with pytest.raises(PermissionDenied):
        actions.assign(case=case, to=colleague, by=Actor.of(colleague))
    with pytest.raises(PermissionDenied):
        actions.assign(case=case, to=colleague, by=Actor.of(person))
    actions.assign(case=case, to=colleague, by=Actor.of(lead))
    assert again(case).handler == colleague
    with pytest.raises(NotPossible, match="gehört nicht zum Team"):
        actions.assign(case=case, to=stranger, by=Actor.of(lead))
    actions.assign(case=case, to=None, by=Actor.of(lead))
    assert again(case).handler is None


@pytest.mark.parametrize("role", [None, Role.DESK, Role.AUDITOR, Role.OPERATIONS, Role.ADMIN])
def test_who_has_no_team_role_sees_and_does_nothing(role: Role | None) -> None:
    case = make.case()
    somebody = make.user(is_admin=True)
    if role:
        actions.set_membership(user=somebody, role=role, by=SYSTEM)
    assert not selectors.visible_cases(somebody).exists()
    with pytest.raises(PermissionDenied):
        actions.take_up(case=case, by=Actor.of(somebody))


def test_a_team_sees_its_own_and_a_teamleitung_the_teams_below() -> None:
    above = make.team("amt")
    below = make.team("team", parent=above)
    other = make.team("fremd")
    mine, theirs = make.case(below), make.case(other)
    assert list(selectors.visible_cases(make.user(below))) == [mine]
    assert list(selectors.visible_cases(make.lead(above))) == [mine]
    assert list(selectors.visible_cases(make.user(above))) == []
    assert list(selectors.visible_cases(make.user(other))) == [theirs]


def test_somebody_who_has_left_does_nothing() -> None:
    unit = make.team()
    person = make.user(unit)
    with acting(SYSTEM, "test"):
        person.is_active = False
        person.save()
    with pytest.raises(PermissionDenied):
        actions.take_up(case=make.case(unit), by=Actor.of(person))


def test_a_protected_vorgang_is_seen_by_named_people_only() -> None:
    unit = make.team()
    named, other, lead = make.user(unit), make.user(unit), make.lead(unit)
    case = make.case(unit)
    with acting(SYSTEM, "test"):
        Case.objects.filter(pk=case.pk).update(is_protected=True)
        CaseReader.objects.create(case=case, user=named)
    assert [selectors.visible_cases(u).exists() for u in (named, other, lead)] == [True, False, False]
    with pytest.raises(PermissionDenied, match="namentlich"):
        actions.take_up(case=case, by=Actor.of(lead))
    actions.take_up(case=case, by=Actor.of(named))


def test_who_leads_the_clearing_puts_mail_anywhere_but_does_no_casework() -> None:
    lead = make.lead(make.team("poststelle", is_clearing=True))
    case = make.case(make.team())
    assert policy.may(Actor.of(lead), "add_documents", case.unit_id)
    assert policy.may(Actor.of(lead), "open_case", case.unit_id)
    with pytest.raises(PermissionDenied):
        actions.take_up(case=case, by=Actor.of(lead))


def test_aktenzeichen_are_numbered_per_prefix_without_gaps() -> None:
    year = timezone.localdate().year
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make.case()
        raise ZeroDivisionError
    court = [make.case().file_reference for _ in range(3)]
    parking = make.case(make.team("verkehr"), service=make.service("bewohnerparkausweis")).file_reference
    assert court == [f"30.4-{year}-{n:06d}" for n in (1, 2, 3)]
    assert parking == f"32.7-{year}-000001"


def test_an_adopted_aktenzeichen_is_kept() -> None:
    case = make.case(file_reference="552.6#04-004/008")
    assert again(case).file_reference == "552.6#04-004/008"


def test_a_vorgang_keeps_the_version_of_its_leistung(tmp_path) -> None:
    case = make.case()
    directory = tmp_path / "gerichtspost"
    directory.mkdir()
    declared = (make.SHIPPED / "gerichtspost" / "leistung.toml").read_text()
    (directory / "leistung.toml").write_text(declared.replace('name = "Gerichtspost"', 'name = "Justizpost"'))
    version, is_new = actions.load_package(directory=directory, by=SYSTEM)
    assert (is_new, version.number) == (True, 2)
    assert again(case).service_version.number == 1
    assert Service.objects.get(slug="gerichtspost").name == "Justizpost"
    assert make.case(service=version.service).service_version.number == 2
    assert actions.load_package(directory=directory, by=SYSTEM) == (version, False)


def test_two_files_of_one_document_keep_the_aktenzeichen_in_their_names() -> None:
    case = make.case()
    for content in (make.PDF, make.PDF + b"2"):
        make.document(case, content)
    sha = case.documents.first().files.get().blob_id
    new = actions.NewDocument(files=[actions.NewFile(sha, "a.pdf"), actions.NewFile(sha, "b.pdf")])
    (filed,) = actions.add_documents(case=case, documents=[new], received_at=make.ARRIVAL, by=SYSTEM)
    stem = f"2026-11-24_{case.file_reference}_sonstiges_03"
    assert {file.file_name for file in filed.files.all()} == {f"{stem}.pdf", f"{stem}-2.pdf"}


def test_the_same_document_with_newer_content_is_a_new_version() -> None:
    case = make.case()
    first = make.document(case, source_id="ad69e779", name="Klage.pdf")
    again_same = make.document(case, source_id="ad69e779", name="Klage.pdf")
    newer = make.document(case, make.PDF + b"2", source_id="ad69e779", name="Klage.pdf")
    assert first == again_same == newer
    files = newer.files.order_by("version")
    stem = f"2026-11-24_{case.file_reference}_klage_01"
    assert [(f.version, f.file_name) for f in files] == [(1, f"{stem}.pdf"), (2, f"{stem}_v2.pdf")]
    assert "Dokument 01: neue Version 2" in [entry.text for entry in timeline_of(case)]
    assert make.document(make.case(), source_id="ad69e779") != first, "in another Vorgang it is another document"


def test_documents_get_running_numbers_and_names() -> None:
    case = make.case()
    first, second = make.document(case), make.document(case, role="anlage", name="Anlage K1.pdf")
    assert [first.number, second.number] == [1, 2]
    assert second.files.get().file_name == f"2026-11-24_{case.file_reference}_anlage_02.pdf"
