"""The Bescheid: written by one, released by another, and every gate before it."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audit.acting import SYSTEM, Actor, acting
from cases import actions, gates
from cases.actions import NotPossible, Outdated
from cases.models import Case, DeadlineKind, Decision, Dispatch, Remedy, User
from tests import factories as make
from tests.cases.test_requests import again, text_of

pytestmark = pytest.mark.django_db
Outcome = Case.Outcome


@pytest.fixture(autouse=True)
def on_a_tuesday():
    """Today is 24 November 2026, noon."""
    with time_machine.travel("2026-11-24T11:00:00Z", tick=True):
        yield


def release(draft: Decision, by: User) -> Decision:
    """Release it as it stands."""
    return actions.release_decision(decision=draft, revision=draft.revision, by=Actor.of(by))


def released(unit=None, **values) -> Decision:
    """A Bescheid that one has drafted and another released."""
    unit = unit or make.team()
    case = make.application_case(unit, slug=values.pop("slug", "wohngeld"))
    return release(make.draft(case, make.user(unit), **values), make.user(unit))


def test_one_drafts_another_releases() -> None:
    unit = make.team()
    writer, second = make.user(unit), make.user(unit, first_name="Zweite", last_name="Person")
    case = make.application_case(unit)
    draft = make.draft(case, writer)
    assert again(case).status == "eingegangen", "a draft decides nothing"

    decision = release(draft, second)
    decided = again(case)
    assert (decided.status, decided.outcome, decided.is_open) == ("entschieden", "bewilligt", False)
    assert (again(decision).state, again(decision).released_by) == ("released", second)
    (row,) = decision.dispatches.all()
    assert row.state == "to_send"
    text = text_of(row.document.files.get().blob)
    for said in (case.public_id, case.file_reference, "Wir bewilligen 100 Euro.", "Widerspruch", "Zweite Person"):
        assert said in text, said
    assert "28. Dezember" not in text, "no computed end of the remedy"
    assert not case.deadlines.filter(state="open").exists()


def test_nobody_releases_what_they_have_written_on_not_even_a_superuser() -> None:
    unit = make.team()
    first, second = make.user(unit, is_admin=True), make.user(unit)
    draft = make.draft(make.application_case(unit), first)
    with pytest.raises(NotPossible, match="Vier-Augen-Prinzip"):
        release(draft, first)
    draft = actions.change_draft(decision=draft, values={"reasoning": "neu"}, revision=1, by=Actor.of(second))
    for each in (first, second):  # both have written on it
        with pytest.raises(NotPossible, match="Vier-Augen-Prinzip"):
            release(draft, each)
    assert again(draft).state == "draft"
    release(draft, make.user(unit))


def test_without_four_eyes_the_drafter_may() -> None:
    unit = make.team()
    person = make.user(unit)
    case = make.application_case(unit, slug="bewohnerparkausweis")
    release(make.draft(case, person), person)
    assert again(case).status == "entschieden"


def test_the_machine_never_decides() -> None:
    unit = make.team()
    draft = make.draft(make.application_case(unit), make.user(unit))
    with pytest.raises(PermissionDenied, match="ein Mensch"):
        actions.release_decision(decision=draft, revision=1, by=SYSTEM)


def test_nobody_of_another_team_drafts_or_releases() -> None:
    unit = make.team()
    draft = make.draft(make.application_case(unit), make.user(unit))
    stranger = make.user(make.team("wohngeld"), is_admin=True)
    with pytest.raises(PermissionDenied):
        release(draft, stranger)
    with pytest.raises(PermissionDenied):
        make.draft(make.application_case(unit), stranger)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"remedy_notice": " "}, "Rechtsbehelfsbelehrung fehlt"),
        ({"outcome": Outcome.REJECTED, "reasoning": ""}, "Begründung fehlt"),
        ({"outcome": Outcome.PARTLY_GRANTED, "reasoning": ""}, "Begründung fehlt"),
        ({"operative_part": "Höhe: [Betrag] Euro"}, r"Platzhalter: \[Betrag\]"),
        ({"remedy_notice": "Widerspruch bei [Stelle]"}, r"Platzhalter: \[Stelle\]"),
        ({"reasoning": "Ihr Antrag vom {eingang}"}, r"Platzhalter: \{eingang\}"),
        ({"outcome": Outcome.REFUSED}, "schriftliche Nachforderung"),
    ],
)
def test_the_gates(values: dict, said: str) -> None:
    unit = make.team()
    draft = make.draft(make.application_case(unit), make.user(unit), **values)
    with pytest.raises(NotPossible, match=said):
        release(draft, make.user(unit))
    assert again(draft.case).is_open
    assert not Dispatch.objects.exists()


def test_the_gates_stand_in_the_database_too() -> None:
    decision = released()
    for broken in ({"remedy_notice": ""}, {"outcome": "abgelehnt", "reasoning": ""}):
        with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM, "break"):
            Decision.objects.filter(pk=decision.pk).update(**broken)


def test_refusing_for_lack_of_cooperation_needs_a_proven_request_that_has_run_out() -> None:
    """§ 66 III SGB I: written, with the consequence named, sent, and expired without an answer."""
    unit = make.team()
    writer, second = make.user(unit), make.user(unit)
    case = make.application_case(unit)

    def missing() -> bool:
        draft = case.decisions.filter(state="draft").first() or make.draft(case, writer, Outcome.REFUSED)
        return any("schriftliche Nachforderung" in sentence for sentence in gates.what_is_missing(draft))

    request = make.information_request(case, writer)
    assert missing(), "not sent"
    make.posted(request, writer)
    assert missing(), "still running"
    with time_machine.travel("2026-12-14T11:00:00Z"):
        assert missing(), "on its last day"
    with time_machine.travel("2026-12-15T11:00:00Z"):
        actions.expire_request(request=request, by=SYSTEM)
        assert not missing()
        release(case.decisions.get(), second)
    assert again(case).outcome == "versagt"


@pytest.mark.parametrize(("consequence", "method"), [("", "einfach"), ("Sonst versagen wir.", "eeb")])
def test_a_request_without_the_consequence_or_not_written_is_no_ground(consequence: str, method: str) -> None:
    unit = make.team()
    writer = make.user(unit)
    case = make.application_case(unit)
    request = make.information_request(case, writer, consequence=consequence, method=Dispatch.Method(method))
    make.posted(request, writer)
    with time_machine.travel("2026-12-15T11:00:00Z"):
        actions.expire_request(request=request, by=SYSTEM)
        with pytest.raises(NotPossible, match="schriftliche Nachforderung"):
            release(make.draft(case, writer, Outcome.REFUSED), make.user(unit))


def test_only_social_benefits_are_refused_for_lack_of_cooperation() -> None:
    unit = make.team()
    case = make.application_case(unit, slug="bewohnerparkausweis")
    with pytest.raises(NotPossible, match="nur eine Sozialleistung"):
        release(make.draft(case, make.user(unit), Outcome.REFUSED), make.user(unit))


def test_two_write_on_one_draft_and_nothing_is_lost() -> None:
    unit = make.team()
    one, other = Actor.of(make.user(unit)), Actor.of(make.user(unit))
    draft = make.draft(make.application_case(unit), one.user)
    actions.change_draft(decision=draft, values={"reasoning": "vom einen"}, revision=1, by=one)
    with pytest.raises(Outdated) as told:
        actions.change_draft(decision=draft, values={"reasoning": "vom anderen"}, revision=1, by=other)
    assert told.value.current.reasoning == "vom einen"
    with pytest.raises(Outdated):  # nobody releases what they have not read
        actions.release_decision(decision=draft, revision=1, by=Actor.of(make.user(unit)))


def test_there_is_one_draft_at_a_time() -> None:
    unit = make.team()
    person = make.user(unit)
    case = make.application_case(unit)
    draft = make.draft(case, person)
    with pytest.raises(NotPossible, match="schon einen Entwurf"):
        make.draft(case, person)
    actions.discard_draft(decision=draft, by=Actor.of(person))
    make.draft(case, person)


def test_where_the_fachverfahren_leads_or_no_texts_are_declared_nothing_is_drafted_here() -> None:
    unit = make.team()
    with pytest.raises(NotPossible, match="kein Bescheid geschrieben"):
        make.draft(make.case(unit), make.user(unit))


def test_known_and_remedy_dates_come_with_the_dispatch() -> None:
    unit = make.team()
    decision = released(unit)
    (row,) = make.posted(decision, make.user(unit))
    assert row.known_on == date(2026, 11, 28)  # worked example 10: a Saturday, not shifted
    remedy = decision.case.deadlines.get(kind=DeadlineKind.REMEDY)
    assert (remedy.due_on, remedy.state) == (date(2026, 12, 28), "open")
    assert any("§ 37" in reason for reason in row.reasons)


def test_a_later_arrival_counts_and_moves_the_remedy() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    decision = released(unit)
    (row,) = make.posted(decision, by.user)
    with time_machine.travel("2026-12-03T11:00:00Z"):
        row = actions.record_delivery(dispatch=row, on=date(2026, 12, 2), by=by)
    assert row.known_on == date(2026, 12, 2)
    assert decision.case.deadlines.get(kind=DeadlineKind.REMEDY).due_on == date(2027, 1, 4)


def test_with_a_proof_of_delivery_its_date_counts_and_before_it_nothing_runs() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    decision = released(unit, method=Dispatch.Method.PZU)
    (row,) = make.posted(decision, by.user)
    assert row.known_on is None
    assert not decision.case.deadlines.filter(kind=DeadlineKind.REMEDY).exists()
    with time_machine.travel("2026-11-27T11:00:00Z"):
        assert actions.record_delivery(dispatch=row, on=date(2026, 11, 26), by=by).known_on == date(2026, 11, 26)
    assert decision.case.deadlines.get(kind=DeadlineKind.REMEDY).due_on == date(2026, 12, 28)  # 26.12. is a holiday


def test_a_letter_is_not_sent_twice_nor_in_the_future_nor_before_it_was_written() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    row = released(unit).dispatches.get()
    with pytest.raises(NotPossible, match="Zukunft"):
        actions.mark_sent(dispatch=row, on=date(2026, 11, 25), by=by)
    with pytest.raises(NotPossible, match="nicht früher"):
        actions.mark_sent(dispatch=row, on=date(2026, 11, 23), by=by)
    actions.mark_sent(dispatch=row, on=date(2026, 11, 24), by=by)
    with pytest.raises(NotPossible, match="schon als"):
        actions.mark_sent(dispatch=row, on=date(2026, 11, 24), by=by)


def test_each_recipient_has_a_letter_and_a_remedy_of_their_own() -> None:
    unit = make.team()
    writer = make.user(unit)
    parties = [make.applicant(receives_post=True), make.applicant(first_name="Max", receives_post=True)]
    case = make.application_case(unit, parties=parties)
    decision = release(make.draft(case, writer), make.user(unit))
    make.posted(decision, writer)
    rows = decision.dispatches.all()
    assert [row.recipient.name for row in rows] == ["Erika Muster", "Max Muster"]
    assert "Max Muster" not in text_of(rows[0].document.files.get().blob)
    assert case.deadlines.filter(kind=DeadlineKind.REMEDY).count() == 2


def test_a_correction_takes_the_place_and_the_case_stays_decided() -> None:
    unit = make.team()
    writer = make.user(unit)
    first = released(unit)
    corrected = actions.draft_decision(
        case=first.case,
        by=Actor.of(writer),
        corrects=first,
        values={
            "outcome": Outcome.PARTLY_GRANTED,
            "operative_part": "Wir bewilligen 90 Euro.",
            "reasoning": "Rechenfehler.",
        },
    )
    second = release(corrected, make.user(unit))
    assert (again(first).state, again(second).state) == ("replaced", "released")
    assert first.dispatches.get().state == "cancelled"
    assert (again(first.case).status, again(first.case).outcome) == ("entschieden", "teilweise_bewilligt")


def test_withdrawing_opens_the_case_again_and_keeps_the_unsent_letter_at_home() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    decision = released(unit)
    with pytest.raises(NotPossible, match="Grund"):
        actions.withdraw_decision(decision=decision, by=by, reason=" ")
    actions.withdraw_decision(decision=decision, by=by, reason="falsch berechnet")
    assert (again(decision).state, again(decision.case).status) == ("withdrawn", "in_pruefung")
    assert decision.dispatches.get().state == "cancelled"
    assert decision.case.deadlines.filter(kind=DeadlineKind.PROCESSING, state="open").exists()


@pytest.mark.parametrize(("filed", "in_time"), [(date(2026, 12, 28), True), (date(2026, 12, 29), False)])
def test_a_remedy_is_judged_by_the_dates(filed: date, in_time: bool) -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    decision = released(unit)
    make.posted(decision, by.user)
    with time_machine.travel("2027-01-07T11:00:00Z"):
        remedy = actions.register_remedy(decision=decision, kind=Remedy.Kind.OBJECTION, filed_on=filed, by=by)
    assert remedy.in_time is in_time


def test_while_the_delivery_is_not_known_nobody_says_whether_a_remedy_is_in_time() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    decision = released(unit)
    remedy = actions.register_remedy(decision=decision, kind=Remedy.Kind.OBJECTION, filed_on=date(2026, 11, 24), by=by)
    assert remedy.in_time is None


def test_remedying_takes_the_case_up_again() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    decision = released(unit)
    make.posted(decision, by.user)
    remedy = actions.register_remedy(decision=decision, kind=Remedy.Kind.OBJECTION, filed_on=date(2026, 11, 24), by=by)
    actions.settle_remedy(remedy=remedy, state=Remedy.State.REMEDIED, by=by)
    assert again(decision.case).status == "in_pruefung"
    with pytest.raises(NotPossible, match="abgeholfen"):
        actions.settle_remedy(remedy=remedy, state=Remedy.State.REJECTED, by=by)


def test_finality_comes_after_the_last_remedy_and_not_while_one_is_pending() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    decision = released(unit)
    with pytest.raises(NotPossible, match="noch nicht allen bekannt"):
        actions.mark_final(decision=decision, by=by)
    make.posted(decision, by.user)
    with pytest.raises(NotPossible, match="läuft noch bis zum 28.12.2026"):
        actions.mark_final(decision=decision, by=by)
    with time_machine.travel("2026-12-29T11:00:00Z"):
        assert actions.mark_final(decision=decision, by=by).final_since == date(2026, 12, 29)
        remedy = actions.register_remedy(
            decision=decision, kind=Remedy.Kind.OBJECTION, filed_on=date(2026, 12, 29), by=by
        )
        assert (remedy.in_time, again(decision).final_since) == (False, None)
        with pytest.raises(NotPossible, match="anhängig"):
            actions.mark_final(decision=decision, by=by)


def test_closing_leaves_no_draft_and_no_open_request_behind() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    case = make.application_case(unit)
    request, draft = make.information_request(case, by.user), make.draft(case, by.user)
    actions.close(case=case, outcome=Outcome.WITHDRAWN, reason="Rücknahme", by=by)
    assert (again(request).state, again(draft).state) == ("withdrawn", "discarded")
    assert not case.deadlines.filter(state="open").exists()


def test_remedies_against_wohngeld_lead_to_the_verwaltungsgericht() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    decision = released(unit)
    make.posted(decision, by.user)
    remedy = actions.register_remedy(decision=decision, kind=Remedy.Kind.OBJECTION, filed_on=date(2026, 11, 24), by=by)
    said = " ".join(remedy.reasons)
    assert "§§ 70, 74 VwGO" in said
    assert "SGG" not in said + decision.remedy_notice
    assert "§ 3a Absatz 2 des Verwaltungsverfahrensgesetzes" in decision.remedy_notice


def corrected(first: Decision, writer: User, **values) -> Decision:
    """The draft of a corrected version."""
    written = {"outcome": Outcome.GRANTED, "operative_part": "Wir bewilligen 90 Euro.", "reasoning": "Rechenfehler."}
    return actions.draft_decision(case=first.case, by=Actor.of(writer), corrects=first, values=written | values)


def remedy_states(case: Case) -> list[str]:
    """The states of its Fristen for a Rechtsbehelf, in their order."""
    rows = case.deadlines.filter(kind=DeadlineKind.REMEDY).order_by("pk")
    return list(rows.values_list("state", flat=True))


def test_a_bescheid_ends_what_was_still_asked_for() -> None:
    unit = make.team()
    writer = make.user(unit)
    case = make.application_case(unit)
    request = make.information_request(case, writer)
    release(make.draft(case, writer), make.user(unit))
    assert again(request).state == "withdrawn"
    assert request.dispatches.get().state == "cancelled"
    assert not case.deadlines.filter(state="open").exists()


def test_after_abhilfe_a_corrected_version_decides_the_case() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    first = released(unit)
    make.posted(first, by.user)
    remedy = actions.register_remedy(decision=first, kind=Remedy.Kind.OBJECTION, filed_on=date(2026, 11, 24), by=by)
    actions.settle_remedy(remedy=remedy, state=Remedy.State.REMEDIED, by=by)
    assert remedy_states(first.case) == ["met"]
    with time_machine.travel("2027-01-07T11:00:00Z"), pytest.raises(NotPossible, match="abgeholfen"):
        actions.mark_final(decision=first, by=by)
    release(corrected(first, by.user), make.user(unit))
    decided = again(first.case)
    assert (decided.status, decided.outcome, again(first).state) == ("entschieden", "bewilligt", "replaced")
    assert decided.closed_at is not None


def test_a_remedy_runs_against_what_stands_and_against_nothing_else() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    first = released(unit)
    make.posted(first, by.user)
    case = first.case
    actions.reopen(case=case, by=by, reason="neue Angaben")
    actions.close(case=case, outcome=Outcome.DONE, by=by, reason="doch nichts zu ändern")
    assert remedy_states(case) == ["open"], "the Bescheid still stands"
    assert again(case).next_due == date(2026, 12, 28)

    second = release(corrected(first, by.user), make.user(unit))
    make.posted(second, by.user)
    assert remedy_states(case) == ["cancelled", "open"]
    actions.reopen(case=case, by=by, reason="falsch")
    actions.withdraw_decision(decision=second, by=by, reason="falsch")  # of a Vorgang that is open again already
    assert remedy_states(case) == ["cancelled", "cancelled"]
    assert (again(second).state, again(case).status) == ("withdrawn", "in_pruefung")


def test_the_proof_of_delivery_of_what_was_withdrawn_starts_no_remedy() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    decision = released(unit, method=Dispatch.Method.PZU)
    (row,) = make.posted(decision, by.user)
    actions.withdraw_decision(decision=decision, by=by, reason="falsch")
    actions.record_delivery(dispatch=row, on=date(2026, 11, 24), by=by)
    assert remedy_states(decision.case) == []


def test_what_is_final_has_no_open_frist_and_another_delivery_undoes_it() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    decision = released(unit)
    (row,) = make.posted(decision, by.user)
    with time_machine.travel("2026-12-29T11:00:00Z"):
        actions.mark_final(decision=decision, by=by)
        assert remedy_states(decision.case) == ["missed"]
        assert again(decision.case).next_due is None
        actions.record_delivery(dispatch=row, on=date(2026, 12, 4), by=by)
    assert again(decision).final_since is None
    assert remedy_states(decision.case) == ["open"]
    assert again(decision.case).next_due == date(2027, 1, 4)


def test_nothing_is_lodged_against_a_bescheid_before_it_is_there() -> None:
    unit = make.team()
    with pytest.raises(NotPossible, match="noch nicht freigegeben"):
        actions.register_remedy(
            decision=released(unit),
            kind=Remedy.Kind.OBJECTION,
            filed_on=date(2026, 11, 23),
            by=Actor.of(make.user(unit)),
        )
