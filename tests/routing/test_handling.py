"""Before a Klärfall is solved: who works on it, who else is asked, when it comes back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from audit.acting import SYSTEM, Actor, acting
from audit.models import PersonDataVersion
from audit.registries import erasure
from cases.models import OrgUnit
from routing import selectors
from routing.actions import clearing, handling
from routing.actions.locking import Claimed, NotClearable
from routing.models import ClearingQuestion, ExceptionEntry
from tests import factories as make

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def post() -> OrgUnit:
    return make.team("poststelle", is_clearing=True)


@pytest.fixture
def pia(post: OrgUnit) -> Actor:
    return Actor.of(make.lead(post, username="pia", first_name="Pia", last_name="Post"))


@pytest.fixture
def tom(post: OrgUnit) -> Actor:
    return Actor.of(make.lead(post, username="tom", first_name="Tom", last_name="Post"))


def again(entry: ExceptionEntry) -> ExceptionEntry:
    return ExceptionEntry.objects.get(pk=entry.pk)


def last_action(entry: ExceptionEntry) -> tuple[str, str, str]:
    row = entry.history.order_by("history_id").last()
    return row.history_action, row.history_user_id, row.history_reason


# --- claiming ---


def test_claiming_is_visible_and_recorded(pia: Actor) -> None:
    entry = make.entry()
    handling.claim(entry=entry, by=pia)
    assert (again(entry).claimed_by, again(entry).claimed_at.date()) == (pia.user, timezone.now().date())
    assert last_action(entry) == ("claim_entry", "pia", "")
    since = again(entry).claimed_at
    handling.claim(entry=entry, by=pia)
    assert again(entry).claimed_at == since, "claiming again changes nothing"


WAYS: dict[str, Callable[[ExceptionEntry, Actor], object]] = {
    "assign": lambda e, by: clearing.assign_to_case(entry=e, case=make.case(), by=by),
    "new case": lambda e, by: clearing.open_new_case(entry=e, service=make.service(), unit=make.team(), by=by),
    "duplicate": lambda e, by: clearing.link_duplicate(entry=e, of=make.entry(foreign="1 K 9/26").submission, by=by),
    "reject": lambda e, by: clearing.reject(entry=e, reason="Werbung", by=by),
    "resume": lambda e, by: clearing.correct_and_resume(entry=e, corrections={}, accepted=[], by=by),
    "claim": lambda e, by: handling.claim(entry=e, by=by),
    "release": lambda e, by: handling.release(entry=e, by=by),
    "pass on": lambda e, by: handling.pass_on(entry=e, unit=make.team(), reason="x", by=by),
    "ask": lambda e, by: handling.ask(entry=e, unit=e.unit, text="Ihres?", by=by),
    "park": lambda e, by: handling.park(entry=e, until=make.tomorrow(), by=by),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_somebody_else_works_on_is_refused_naming_them_since_when_and_the_way(
    pia: Actor, tom: Actor, way: str
) -> None:
    entry = make.entry()
    handling.claim(entry=entry, by=pia)
    at = timezone.localtime(again(entry).claimed_at)
    with pytest.raises(Claimed) as refused:
        WAYS[way](again(entry), tom)
    said = f"Pia Post bearbeitet diesen Klärfall seit {at:%H:%M} Uhr. Bitte sprechen Sie sich ab"
    assert str(refused.value).startswith(said) and "„Übernehmen“" in str(refused.value)
    assert (again(entry).resolved_at, again(entry).claimed_by) == (None, pia.user)


def test_a_claim_of_yesterday_names_the_day(pia: Actor, tom: Actor) -> None:
    entry = make.entry()
    handling.claim(entry=entry, by=pia)
    at = datetime(2026, 11, 3, 9, 5, tzinfo=BERLIN)
    ExceptionEntry.objects.filter(pk=entry.pk).update(claimed_at=at)
    with pytest.raises(Claimed, match=r"seit dem 03\.11\.2026, 09:05 Uhr\."):
        handling.claim(entry=entry, by=tom)


def test_taking_over_is_a_step_of_its_own(pia: Actor, tom: Actor) -> None:
    entry = make.entry()
    handling.claim(entry=entry, by=pia)
    handling.take_over(entry=entry, by=tom, reason="Pia ist krank")
    assert last_action(entry) == ("take_over_entry", "tom", "Pia ist krank")
    with pytest.raises(Claimed, match="Tom Post"):
        clearing.reject(entry=entry, reason="Werbung", by=pia)
    clearing.reject(entry=entry, reason="Werbung", by=tom)
    assert again(entry).claimed_by is None, "a solved one is nobody's"


def test_a_claim_is_given_back(pia: Actor, tom: Actor) -> None:
    entry = make.entry()
    with pytest.raises(NotClearable, match="gerade niemand"):
        handling.release(entry=entry, by=pia)
    handling.claim(entry=entry, by=pia)
    handling.release(entry=entry, by=pia)
    clearing.reject(entry=entry, reason="Werbung", by=tom)


def test_only_who_sees_it_handles_it(post: OrgUnit, pia: Actor) -> None:
    entry = make.entry()
    handling.claim(entry=entry, by=pia)
    for stranger in (make.lead(make.team("fremd")), make.user(post), make.user(is_admin=True)):
        for step in (WAYS["park"], WAYS["claim"], lambda e, by: handling.take_over(entry=e, by=by)):
            with pytest.raises(PermissionDenied):
                step(entry, Actor.of(stranger))


def test_who_has_left_handles_nothing(post: OrgUnit, pia: Actor) -> None:
    entry = make.entry()
    pia.user.is_active = False
    for step in WAYS.values():
        with pytest.raises(PermissionDenied):
            step(entry, pia)


# --- another team ---


def test_passing_on_moves_it_with_a_reason(post: OrgUnit, pia: Actor) -> None:
    entry, law = make.entry(), make.team("rechtsamt")
    lead = make.lead(law)
    handling.claim(entry=entry, by=pia)
    handling.park(entry=entry, until=make.tomorrow(), by=pia)
    with pytest.raises(NotClearable, match="warum das andere Team zuständig ist"):
        handling.pass_on(entry=entry, unit=law, reason="  ", by=pia)
    handling.pass_on(entry=entry, unit=law, reason="Grundsteuer macht das Rechtsamt", by=pia)
    now = again(entry)
    assert (now.unit, now.claimed_by, now.parked_until) == (law, None, None)
    assert last_action(entry) == ("pass_on_entry", "pia", "Grundsteuer macht das Rechtsamt")
    assert list(selectors.open_entries(lead)) == [entry]
    assert not selectors.open_entries(pia.user).exists()
    with pytest.raises(PermissionDenied):
        clearing.reject(entry=entry, reason="Werbung", by=pia)


def test_nothing_is_passed_to_where_nobody_sees_it(post: OrgUnit, pia: Actor) -> None:
    entry, empty = make.entry(), make.team("leer")
    make.user(empty)
    with pytest.raises(NotClearable, match="Leer hat keine Teamleitung"):
        handling.pass_on(entry=entry, unit=empty, reason="x", by=pia)
    with pytest.raises(NotClearable, match="liegt schon bei Poststelle"):
        handling.pass_on(entry=entry, unit=post, reason="x", by=pia)


def test_another_team_is_asked_and_answers(pia: Actor) -> None:
    entry, law = make.entry(), make.team("rechtsamt")
    with pytest.raises(NotClearable, match="arbeitet niemand"):
        handling.ask(entry=entry, unit=law, text="Gehört das Ihnen?", by=pia)
    worker, stranger = make.user(law), make.user(make.team("fremd"))
    question = handling.ask(entry=entry, unit=law, text="Gehört das Ihnen?", by=pia)
    assert list(selectors.questions_to({law.pk})) == [question]
    assert again(entry).unit.slug == "poststelle", "it stays where it is"
    assert not selectors.visible_entries(worker).exists(), "a question is no way into the queue"
    with pytest.raises(PermissionDenied):
        handling.answer(question=question, text="Nein", by=Actor.of(stranger))
    with pytest.raises(NotClearable, match="Antwort eingeben"):
        handling.answer(question=question, text=" ", by=Actor.of(worker))
    done = handling.answer(question=question, text="Ja, Az. 7", by=Actor.of(worker))
    assert (done.answer, done.answered_by) == ("Ja, Az. 7", worker)
    assert not selectors.questions_to({law.pk}).exists()
    with pytest.raises(NotClearable, match="schon beantwortet"):
        handling.answer(question=question, text="Doch nicht", by=Actor.of(worker))
    actions = list(question.history.order_by("history_id").values_list("history_action", "history_user_id"))
    assert actions == [("ask_about_entry", "pia"), ("answer_question", worker.username)]


def test_a_question_ends_with_its_entry(pia: Actor) -> None:
    entry, law = make.entry(), make.team("rechtsamt")
    worker = make.user(law)
    question = handling.ask(entry=entry, unit=law, text="Gehört das Ihnen?", by=pia)
    clearing.reject(entry=entry, reason="Werbung", by=pia)
    assert not selectors.questions_to({law.pk}).exists()
    with pytest.raises(NotClearable, match="inzwischen gelöst"):
        handling.answer(question=question, text="Ja", by=Actor.of(worker))


# --- for the sender, and forgetting ---


def test_what_the_sender_may_be_told_is_kept_apart_from_the_reason(pia: Actor) -> None:
    entry = make.entry()
    clearing.reject(entry=entry, reason="Werbung", sender_text=" Bitte an das Finanzamt wenden. ", by=pia)
    assert again(entry).sender_text == "Bitte an das Finanzamt wenden."
    assert last_action(entry)[2] == "Werbung"
    versions = PersonDataVersion.objects.filter(model="routing.exceptionentry", object_id=entry.pk)
    assert versions.last().values == {"sender_text": ["", "Bitte an das Finanzamt wenden."]}
    assert not hasattr(entry.history.first(), "sender_text"), "no values of people in the history"


def test_questions_and_texts_are_forgotten_with_the_vorgang(pia: Actor) -> None:
    entry, law = make.entry(), make.team("rechtsamt")
    worker = make.user(law)
    question = handling.ask(entry=entry, unit=law, text="Kennen Sie Eva Klug?", by=pia)
    handling.answer(question=question, text="Ja, Eva Klug ist hier bekannt.", by=Actor.of(worker))
    case = clearing.open_new_case(entry=entry, service=make.service(), unit=law, by=pia)
    with acting(SYSTEM, "test"):
        ExceptionEntry.objects.filter(pk=entry.pk).update(sender_text="Liebe Eva Klug")
    assert dict(erasure)["routing"](case, by=SYSTEM) == 2
    kept = ClearingQuestion.objects.get()
    assert (kept.text, kept.answer, again(entry).subject, again(entry).sender_text) == ("", "", "", "")
    rows = PersonDataVersion.objects.filter(model__startswith="routing.")
    assert rows.exists() and all(row.values is None for row in rows)


# --- parking ---


def test_a_parked_one_leaves_the_count_and_comes_back_by_itself(pia: Actor, monkeypatch) -> None:
    entry = make.entry()
    tomorrow = make.tomorrow()
    handling.park(entry=entry, until=tomorrow, by=pia, reason="Rückruf abwarten")
    assert last_action(entry) == ("park_entry", "pia", "Rückruf abwarten")
    assert again(entry).is_parked and selectors.open_count(pia.user) == 0
    monkeypatch.setattr(timezone, "localdate", lambda *args: tomorrow)
    assert not again(entry).is_parked and selectors.open_count(pia.user) == 1


def test_parking_is_for_days_to_come(pia: Actor) -> None:
    entry = make.entry()
    for days, sentence in ((0, "in der Zukunft"), (-1, "in der Zukunft"), (200, "halbes Jahr")):
        with pytest.raises(NotClearable, match=sentence):
            handling.park(entry=entry, until=make.tomorrow(days), by=pia)
    with pytest.raises(NotClearable, match="nicht zurückgestellt"):
        handling.bring_back(entry=entry, by=pia)


def test_a_parked_one_is_taken_up_any_time(pia: Actor) -> None:
    entry = make.entry()
    handling.park(entry=entry, until=make.tomorrow(14), by=pia)
    handling.bring_back(entry=entry, by=pia)
    assert not again(entry).is_parked
    assert timezone.now() - again(entry).waits_since < timedelta(minutes=1)


# --- two at once ---


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["claim", "solve"])
def test_two_at_once_one_wins_and_the_other_is_told(step: str) -> None:
    post = make.team("poststelle", is_clearing=True)
    leads = [make.lead(post, first_name=name, last_name="Post") for name in ("Pia", "Tom")]
    entry, case = make.entry(), make.case()
    told: list[str] = []
    start = threading.Barrier(2)

    def run(user) -> None:
        try:
            start.wait()
            handling.claim(entry=entry, by=Actor.of(user))
            if step == "solve":
                clearing.assign_to_case(entry=entry, case=case, by=Actor.of(user))
            told.append("done")
        except NotClearable as error:
            told.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(user,)) for user in leads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count("done") == 1
    (refusal,) = (said for said in told if said != "done")
    assert "bearbeitet diesen Klärfall seit" in refusal or "schon gelöst" in refusal
    assert case.documents.count() == (step == "solve")


def test_who_answers_needs_a_role_in_the_asked_team(pia: Actor) -> None:
    law = make.team("rechtsamt")
    worker = make.user(law)
    question = handling.ask(entry=make.entry(), unit=law, text="Ihres?", by=pia)
    with acting(SYSTEM, "test"):
        worker.memberships.all().delete()
    with pytest.raises(PermissionDenied):
        handling.answer(question=question, text="Ja", by=Actor.of(worker))
    with pytest.raises(ClearingQuestion.DoesNotExist):
        selectors.question_for(worker, question.pk)
