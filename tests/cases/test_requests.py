"""The Nachforderung: who gets it, until when, and how the Vorgang goes on after it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from audit.acting import SYSTEM, Actor
from cases import actions, blobs, gates
from cases.actions import NotPossible
from cases.models import Blob, Case, Deadline, DeadlineKind, Dispatch, InformationRequest, Notice, Pause, Role
from cases.standard_texts import RequestedItem
from tests import factories as make
from tests.cases import letter_samples

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def on_a_tuesday():
    """Today is 24 November 2026, noon."""
    with time_machine.travel("2026-11-24T11:00:00Z", tick=True):
        yield


def text_of(blob: Blob) -> str:
    """What a stored letter says."""
    with blobs.open_blob(blob.sha256) as stream:
        return letter_samples.text_of(stream.read())


def again(thing):
    """As it is in the database."""
    return type(thing).objects.get(pk=thing.pk)


def test_asking_makes_the_letter_the_deadline_and_the_status() -> None:
    unit = make.team()
    person = make.user(unit, first_name="Wanda", last_name="Amt")
    case = make.application_case(unit)
    request = make.information_request(case, person)

    assert again(case).status == "nachforderung"
    # posted Tuesday + 4 days = Saturday 28 November, + 14 days = Saturday 12 December, moved to Monday
    assert request.due_on == date(2026, 12, 14)
    (dispatch,) = request.dispatches.all()
    assert (dispatch.state, dispatch.recipient.name) == ("to_send", "Erika Muster")
    text = text_of(dispatch.document.files.get().blob)
    for said in ("Erika Muster", "Lindenweg 3", case.public_id, "Lohnabrechnung", "14. Dezember 2026", "§ 66 SGB I"):
        assert said in text, said
    deadline = case.deadlines.get(kind=DeadlineKind.REQUEST)
    assert (deadline.due_on, deadline.state) == (date(2026, 12, 14), "open")


def test_the_service_clock_stops_from_the_dispatch_until_the_answer() -> None:
    unit = make.team()
    person = make.user(unit)
    case = make.application_case(unit)  # arrived on 24 November, 42 days
    target = case.deadlines.get(kind=DeadlineKind.PROCESSING)
    assert target.due_on == date(2027, 1, 5)
    request = make.information_request(case, person)
    assert not Pause.objects.exists(), "it is not sent yet"

    make.posted(request, person)
    assert again(target).due_on == date(2027, 1, 25)  # 20 days until the Frist at the longest
    with time_machine.travel("2026-12-04T11:00:00Z"):
        actions.note_arrival(case=case, on=date(2026, 12, 4), by=SYSTEM)
    assert again(target).due_on == date(2027, 1, 15)  # ten real days


def test_the_legal_duty_never_stops() -> None:
    unit = make.team()
    person = make.user(unit)
    case = make.application_case(unit)
    before = {d.pk: d.due_on for d in case.deadlines.filter(kind__in=[DeadlineKind.VWGO, DeadlineKind.SGG])}
    assert before
    make.posted(make.information_request(case, person), person)
    assert {d.pk: d.due_on for d in Deadline.objects.filter(pk__in=before)} == before


def test_an_answer_brings_the_case_back_and_items_are_accepted_singly() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    case = make.application_case(unit)
    request = make.information_request(case, by.user)
    assert actions.note_arrival(case=case, on=TUESDAY, by=SYSTEM) == [request]
    assert (again(case).status, again(request).state) == ("in_pruefung", "answered")

    actions.set_items(request=request, accepted=["lohn"], by=by)
    assert dict(request.items.values_list("key", "state")) == {"lohn": "accepted", "rente": "open"}
    actions.set_items(request=request, accepted=[], by=by)
    assert not request.items.filter(state="accepted").exists()


def test_when_every_item_is_there_it_is_answered() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    case = make.application_case(unit)
    request = make.information_request(case, by.user)
    actions.set_items(request=request, accepted=["lohn", "rente"], by=by)
    assert (again(request).state, again(case).status) == ("answered", "in_pruefung")


def test_with_two_open_the_case_waits_for_both() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    case = make.application_case(unit)
    first, second = (make.information_request(case, by.user) for _ in range(2))
    actions.withdraw_request(request=first, by=by, reason="doppelt")
    assert again(case).status == "nachforderung"
    actions.withdraw_request(request=second, by=by, reason="liegt vor")
    assert again(case).status == "in_pruefung"
    assert set(Dispatch.objects.values_list("state", flat=True)) == {"cancelled"}


def test_it_runs_out_only_after_its_end_and_only_when_it_was_sent() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    case = make.application_case(unit)
    request = make.information_request(case, by.user)
    with time_machine.travel("2026-12-14T11:00:00Z"), pytest.raises(NotPossible, match="läuft noch"):
        actions.expire_request(request=request, by=SYSTEM)  # its last day
    with time_machine.travel("2026-12-15T11:00:00Z"), pytest.raises(NotPossible, match="nicht als versandt"):
        actions.expire_request(request=request, by=SYSTEM)
    make.posted(request, by.user)
    with time_machine.travel("2026-12-15T11:00:00Z"):
        actions.expire_request(request=request, by=SYSTEM)
    assert (again(request).state, again(case).status) == ("expired", "in_pruefung")
    assert case.deadlines.get(kind=DeadlineKind.REQUEST).state == "missed"


def test_it_can_be_extended_also_after_it_ended() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    case = make.application_case(unit)
    request = make.information_request(case, by.user)
    make.posted(request, by.user)
    with pytest.raises(NotPossible, match="Samstag"):
        actions.extend_request(request=request, until=date(2026, 12, 19), by=by)
    with pytest.raises(NotPossible, match="nach der bisherigen Frist"):
        actions.extend_request(request=request, until=date(2026, 12, 11), by=by)
    with time_machine.travel("2026-12-15T11:00:00Z"):
        actions.expire_request(request=request, by=by)
        actions.extend_request(request=request, until=date(2026, 12, 21), by=by, reason="Krankheit")
    assert (again(request).state, again(request).due_on, again(case).status) == (
        "open",
        date(2026, 12, 21),
        "nachforderung",
    )
    deadline = case.deadlines.get(kind=DeadlineKind.REQUEST)
    assert (deadline.state, deadline.due_on) == ("open", date(2026, 12, 21))
    assert case.deadlines.get(kind=DeadlineKind.PROCESSING).due_on == date(2027, 1, 5) + timedelta(days=27)


def test_a_reminder_is_a_letter_about_what_is_missing() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    request = make.information_request(make.application_case(unit), by.user)
    actions.set_items(request=request, accepted=["lohn"], by=by)
    with pytest.raises(NotPossible, match="als versandt vermerkt"):
        actions.remind_request(request=request, by=by)
    make.posted(request, by.user)
    actions.remind_request(request=request, by=by)
    letter = request.dispatches.latest("pk").document
    text = text_of(letter.files.get().blob)
    assert "Rentenbescheid" in text
    assert "Lohnabrechnung" not in text
    assert again(request).due_on == request.due_on


def test_it_goes_to_who_receives_the_post_and_never_to_nobody() -> None:
    unit = make.team()
    person = make.user(unit)
    guardian = make.applicant(first_name="Gert", last_name="Betreuer")
    guardian.role = "guardian"
    case = make.application_case(unit, parties=[make.applicant(), guardian])
    request = make.information_request(case, person)
    assert [row.recipient.name for row in request.dispatches.all()] == ["Gert Betreuer"]

    nobody = make.application_case(unit, parties=[make.applicant(postcode="")])
    with pytest.raises(NotPossible, match="Anschrift ist unvollständig"):
        make.information_request(nobody, person)
    assert not InformationRequest.objects.filter(case=nobody).exists()
    assert again(nobody).status == "eingegangen"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"items": []}, "mindestens einen Punkt"),
        ({"text": "  "}, "Gegenstand und Text"),
        ({"days": 0}, "Frist von 1 bis"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(changes: dict, said: str) -> None:
    unit = make.team()
    with pytest.raises(NotPossible, match=said):
        make.information_request(make.application_case(unit), make.user(unit), **changes)


def test_nothing_is_asked_on_a_decided_case_and_by_nobody_else() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    case = make.application_case(unit)
    with pytest.raises(PermissionDenied):
        make.information_request(case, make.user(make.team("wohngeld")))
    request = make.information_request(case, by.user)
    actions.close(case=case, outcome=Case.Outcome.WITHDRAWN, reason="zurückgenommen", by=by)
    assert again(request).state == "withdrawn"
    with pytest.raises(NotPossible, match="entschieden"):
        make.information_request(case, by.user)


def test_the_text_of_the_clerk_is_filled_and_nothing_else_is_interpreted() -> None:
    unit = make.team()
    case = make.application_case(unit, parties=[make.applicant(last_name="#import *x*")])
    request = make.information_request(
        case, make.user(unit), text="Guten Tag {name}, {unbekannt}", items=[RequestedItem("a", "$x$ _y_")]
    )
    text = text_of(request.dispatches.get().document.files.get().blob)
    assert "Guten Tag Erika #import *x*, {unbekannt}" in text
    assert "$x$ _y_" in text


def test_every_step_is_in_the_history_under_who_did_it() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit, username="wanda"))
    request = make.information_request(make.application_case(unit), by.user)
    actions.withdraw_request(request=request, by=by, reason="liegt vor")
    rows = request.history.order_by("history_id")
    assert [(row.history_action, row.history_user_id, row.history_reason) for row in rows] == [
        ("request_information", "wanda", ""),
        ("withdraw_request", "wanda", "liegt vor"),
    ]
    assert timezone.localdate() == TUESDAY


def ends_of_clock(case: Case) -> date:
    """When the processing target ends."""
    return case.deadlines.get(kind=DeadlineKind.PROCESSING).due_on


def test_a_late_answer_stops_the_clock_no_longer_than_the_frist() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    case = make.application_case(unit)
    request = make.information_request(case, by.user)
    make.posted(request, by.user)
    with time_machine.travel("2026-12-16T11:00:00Z"):  # nobody has noted yet that the Frist has run out
        actions.note_arrival(case=case, on=date(2026, 12, 16), by=SYSTEM)
    assert ends_of_clock(case) == date(2027, 1, 5) + timedelta(days=20)
    assert case.deadlines.get(kind=DeadlineKind.REQUEST).state == "missed"


def test_accepting_items_after_the_end_or_withdrawing_late_does_not_stretch_the_pause() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    for end in ("accept", "withdraw"):
        case = make.application_case(unit)
        request = make.information_request(case, by.user)
        make.posted(request, by.user)
        with time_machine.travel("2026-12-30T11:00:00Z"):
            if end == "accept":
                actions.expire_request(request=request, by=SYSTEM)
                actions.set_items(request=request, accepted=["lohn", "rente"], by=by)
            else:
                actions.withdraw_request(request=request, by=by, reason="liegt vor")
        assert ends_of_clock(case) == date(2027, 1, 5) + timedelta(days=20), end


def test_what_came_before_it_was_asked_for_is_no_answer() -> None:
    unit = make.team()
    case = make.application_case(unit)
    request = make.information_request(case, make.user(unit))
    assert actions.note_arrival(case=case, on=date(2026, 11, 23), by=SYSTEM) == []
    assert (again(request).state, again(case).status) == ("open", "nachforderung")


def test_an_answer_in_time_that_is_filed_late_counts_as_one() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    case = make.application_case(unit)
    request = make.information_request(case, by.user)
    make.posted(request, by.user)
    with time_machine.travel("2026-12-15T11:00:00Z"):
        actions.expire_request(request=request, by=SYSTEM)
    with time_machine.travel("2026-12-17T11:00:00Z"):
        assert actions.note_arrival(case=case, on=date(2026, 12, 15), by=SYSTEM) == [], "that was too late"
        assert actions.note_arrival(case=case, on=date(2026, 12, 14), by=SYSTEM) == [request]
        refused = make.draft(case, by.user, Case.Outcome.REFUSED)
        assert any("schriftliche Nachforderung" in sentence for sentence in gates.what_is_missing(refused))
    assert (again(request).state, again(request).answered_on) == ("answered", date(2026, 12, 14))
    assert case.deadlines.get(kind=DeadlineKind.REQUEST).state == "met"


def test_the_clock_stopped_also_when_the_dispatch_is_noted_after_the_answer() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    case = make.application_case(unit)
    request = make.information_request(case, by.user)
    with time_machine.travel("2026-12-04T11:00:00Z"):
        actions.note_arrival(case=case, on=date(2026, 12, 4), by=SYSTEM)
        make.posted(request, by.user, on=TUESDAY)
    assert ends_of_clock(case) == date(2027, 1, 5) + timedelta(days=10)


def test_a_letter_is_not_sent_when_its_frist_is_over() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    request = make.information_request(make.application_case(unit), by.user)
    with time_machine.travel("2026-12-16T11:00:00Z"):
        with pytest.raises(NotPossible, match=r"endete schon am 14\.12\.2026"):
            make.posted(request, by.user)
        actions.withdraw_request(request=request, by=by, reason="zu spät")
    assert request.dispatches.get().state == "cancelled"


def test_an_answer_that_does_not_suffice_can_be_asked_for_again() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    case = make.application_case(unit)
    request = make.information_request(case, by.user)
    make.posted(request, by.user)
    with time_machine.travel("2026-12-04T11:00:00Z"):
        actions.note_arrival(case=case, on=date(2026, 12, 4), by=SYSTEM)
    with time_machine.travel("2026-12-07T11:00:00Z"):
        actions.set_items(request=request, accepted=["lohn"], by=by)
        actions.extend_request(request=request, until=date(2026, 12, 21), by=by, reason="Rente fehlt")
    assert (again(request).state, again(request).answered_on, again(case).status) == ("open", None, "nachforderung")
    assert ends_of_clock(case) == date(2027, 1, 5) + timedelta(days=10 + 14)  # not the three days in which we read it
    with time_machine.travel("2026-12-08T11:00:00Z"):
        actions.set_items(request=request, accepted=["lohn", "rente"], by=by)
        with pytest.raises(NotPossible, match="nicht mehr"):
            actions.extend_request(request=request, until=date(2026, 12, 28), by=by)


def test_a_reminder_is_no_ground_for_a_versagung() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    case = make.application_case(unit)
    request = make.information_request(case, by.user, method=Dispatch.Method.EEB)
    make.posted(request, by.user)
    actions.remind_request(request=request, by=by)  # by letter
    make.posted(request, by.user)
    with time_machine.travel("2026-12-15T11:00:00Z"):
        actions.expire_request(request=request, by=SYSTEM)
        refused = make.draft(case, by.user, Case.Outcome.REFUSED)
        assert any("schriftliche Nachforderung" in sentence for sentence in gates.what_is_missing(refused))


def test_a_letter_that_arrived_after_its_frist_is_no_ground_and_an_unsent_reminder_stays_at_home() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    case = make.application_case(unit)
    request = make.information_request(case, by.user)
    (row,) = make.posted(request, by.user)
    actions.remind_request(request=request, by=by)
    with time_machine.travel("2026-12-16T11:00:00Z"):
        actions.record_delivery(dispatch=row, on=date(2026, 12, 15), by=by)
        actions.expire_request(request=request, by=SYSTEM)
        refused = make.draft(case, by.user, Case.Outcome.REFUSED)
        assert any("schriftliche Nachforderung" in sentence for sentence in gates.what_is_missing(refused))
    assert request.dispatches.get(is_reminder=True).state == "cancelled"


def test_the_frist_of_a_request_changes_with_the_request_only() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    deadline = make.information_request(make.application_case(unit), by.user).deadline
    with pytest.raises(NotPossible, match="gehört zu einer Nachforderung"):
        actions.extend_deadline(deadline=deadline, due_on=date(2027, 1, 18), by=by, reason="x")
    with pytest.raises(NotPossible, match="gehört zu einer Nachforderung"):
        actions.settle_deadline(deadline=deadline, by=by)
    with pytest.raises(NotPossible, match="gehört zu einer Nachforderung"):
        actions.cancel_deadline(deadline=deadline, by=by, reason="x")


def test_a_holiday_that_is_added_late_moves_the_pause_and_extended_fristen_and_hearings() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    admin = Actor.of(make.user(role=Role.ADMIN, unit=unit))
    computed, extended = make.application_case(unit), make.application_case(unit)
    first, second = (make.information_request(case, by.user) for case in (computed, extended))
    for request in (first, second):
        make.posted(request, by.user)
    actions.extend_request(request=second, until=date(2026, 12, 21), by=by)
    said = {"subject": "Anhörung", "text": "Bitte äußern Sie sich.", "due_on": date(2026, 12, 21)}
    actions.send_notice(case=computed, kind=Notice.Kind.HEARING, by=by, **said)
    for on in (date(2026, 12, 14), date(2026, 12, 21)):
        actions.add_local_holiday(on=on, name="Stadtfest", by=admin)
    assert (again(first).ends_on, again(second).ends_on) == (date(2026, 12, 15), date(2026, 12, 22))
    assert computed.deadlines.get(kind=DeadlineKind.HEARING).due_on == date(2026, 12, 22)
    assert ends_of_clock(computed) == date(2027, 1, 5) + timedelta(days=21)
    assert ends_of_clock(extended) == date(2027, 1, 5) + timedelta(days=28)
    moved = again(second).deadline
    assert moved.reasons[-1] == "Feiertag Stadtfest am 21.12.2026 nachgetragen."
    with time_machine.travel("2026-12-22T11:00:00Z"), pytest.raises(NotPossible, match="läuft noch"):
        actions.expire_request(request=second, by=SYSTEM)


def test_a_hearing_ends_on_a_working_day_and_an_item_is_asked_for_once() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    case = make.application_case(unit)
    with pytest.raises(NotPossible, match="kein Werktag"):
        actions.send_notice(
            case=case, kind=Notice.Kind.HEARING, subject="x", text="x", due_on=date(2026, 12, 19), by=by
        )
    with pytest.raises(NotPossible, match="steht zweimal"):
        make.information_request(case, by.user, items=[RequestedItem("lohn", "Lohn"), RequestedItem("lohn", "Lohn")])
    assert again(case).status == "eingegangen"
