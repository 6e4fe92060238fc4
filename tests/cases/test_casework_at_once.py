"""Two people at one Vorgang in the same moment: one of them comes first, and nothing is done twice or half."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from audit.acting import SYSTEM, Actor
from cases import actions
from cases.actions import NotPossible
from cases.models import Case, Decision
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*steps: Callable[[], object]) -> list[str]:
    """Do all in threads that start together; what became of each: ``done`` or the name of the exception."""
    became, together = [""] * len(steps), threading.Barrier(len(steps))

    def run(index: int) -> None:
        try:
            together.wait(20)
            steps[index]()
            became[index] = "done"
        except Exception as error:  # noqa: BLE001 (it is what the test looks at)
            became[index] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return became


def test_two_requests_have_two_numbers_and_two_letters() -> None:
    unit = make.team()
    people = [make.user(unit), make.user(unit)]
    case = make.application_case(unit)
    became = at_once(*(lambda person=person: make.information_request(case, person) for person in people))
    assert became == ["done", "done"]
    assert sorted(case.information_requests.values_list("number", flat=True)) == [1, 2]
    assert sorted(case.documents.values_list("number", flat=True)) == [1, 2]


def test_a_bescheid_is_released_once_and_not_after_the_vorgang_was_closed() -> None:
    unit = make.team()
    writer, *others = (make.user(unit) for _ in range(3))
    draft = make.draft(make.application_case(unit), writer)

    def release(person) -> Decision:
        return actions.release_decision(decision=draft, revision=1, by=Actor.of(person))

    became = at_once(
        *(lambda person=person: release(person) for person in others),
        lambda: actions.close(case=draft.case, outcome=Case.Outcome.WITHDRAWN, reason="x", by=Actor.of(writer)),
    )
    assert sorted(became) == ["NotPossible", "NotPossible", "done"]
    letters, state = draft.case.dispatches.count(), Decision.objects.get(pk=draft.pk).state
    assert (letters, state) in ((1, "released"), (0, "discarded"))


def test_an_answer_and_its_end_exclude_each_other() -> None:
    unit = make.team()
    by = Actor.of(make.user(unit))
    request = make.information_request(make.application_case(unit), by.user)
    became = at_once(
        lambda: actions.note_arrival(case=request.case, on=request.sent_on, by=SYSTEM),
        lambda: actions.withdraw_request(request=request, by=by, reason="liegt vor"),
    )
    assert became in (["done", "done"], ["done", NotPossible.__name__])
    current = type(request).objects.get(pk=request.pk)
    assert current.state in ("answered", "withdrawn")
    assert current.history.exclude(state="open").count() == 1
    assert Case.objects.get(pk=request.case_id).status == "in_pruefung"
