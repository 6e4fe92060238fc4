"""Letters by the print shop: printed once, never what was withdrawn, and noted as sent when it says so."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from audit.acting import Actor
from cases import actions, blobs
from cases.models import Dispatch
from returnchannel import channels, print_folder, printing, tasks
from returnchannel.actions import failures, sending
from returnchannel.models import Delivery
from routing.actions import elsewhere
from routing.exceptions import explain
from routing.models import ExceptionEntry
from tests import factories as make
from tests.returnchannel.hooks import later
from tests.returnchannel.sent import Applied, PrintShop, fresh, send_all, ways_of

pytestmark = pytest.mark.django_db(transaction=True)
State = Dispatch.State


class Died(BaseException):
    """The process was killed at this point."""


@pytest.fixture
def shop(settings: Any, tmp_path: Path) -> PrintShop:
    settings.PRINT_FOLDER = tmp_path / "druck"
    return PrintShop(settings.PRINT_FOLDER)


@pytest.fixture
def applied(shop: PrintShop) -> Applied:
    return Applied()


class TestHandingOver:
    def test_the_control_file_says_what_is_needed(self, shop: PrintShop, applied: Applied) -> None:
        row = applied.notice()
        send_all()
        (name,) = shop.names()
        control, content = shop.control(), (shop.folder / f"{name}.pdf").read_bytes()
        assert control["case_id"] == applied.case.public_id
        assert control["message_id"] == f"{applied.case.public_id}/2"
        assert control["file_reference"] == applied.case.file_reference
        assert control["recipient"][0] == row.recipient.name and len(control["recipient"]) == 3
        assert (control["delivery_method"], control["pages"], control["file"]) == ("einfach", 1, f"{name}.pdf")
        assert control["sha256"] == hashlib.sha256(content).hexdigest()
        assert {path.suffix for path in shop.folder.iterdir()} == {".pdf", ".json"}
        assert fresh(row).state == State.TO_SEND, "sent is what the print shop says"

    def test_posted_is_sent_by_the_channel(self, shop: PrintShop, applied: Applied) -> None:
        row = applied.decided().dispatches.get()
        send_all()
        shop.answer("versandt", f'{{"posted_on": "{timezone.localdate()}"}}')
        row = fresh(row)
        assert (row.state, row.sent_on, row.sent_by) == (State.SENT, timezone.localdate(), None)
        assert row.known_on == row.sent_on + timedelta(days=4) and row.deadline is not None
        first = row.history.filter(history_action="mark_sent").get()
        assert (first.history_user_id, first.history_source) == ("Druckstraße", "channel")
        assert ways_of(row) == {"letter": "delivered"}
        assert [path.name for path in shop.folder.iterdir()] == ["erledigt"]

    @pytest.mark.parametrize("text", ["", "2026-11-24", '{"reference": "X"}'])
    def test_a_short_answer_will_do(self, shop: PrintShop, applied: Applied, text: str) -> None:
        row = applied.notice()
        send_all()
        shop.answer("versandt", text.replace("2026-11-24", str(timezone.localdate())))
        assert fresh(row).sent_on == timezone.localdate()

    def test_an_answer_twice_is_one(self, shop: PrintShop, applied: Applied) -> None:
        row = applied.notice()
        send_all()
        name = shop.take()
        shop.answer("versandt", name=name)
        shop.answer("versandt", name=name)
        assert row.history.filter(history_action="mark_sent").count() == 1
        assert not list(shop.folder.glob("*.versandt"))

    @pytest.mark.parametrize("text", ["{", '{"posted_on": "gestern"}', '{"posted_on": 7}'])
    def test_what_cannot_be_read_waits_and_is_set_aside(self, shop: PrintShop, applied: Applied, text: str) -> None:
        row = applied.notice()
        send_all()
        name = shop.take()
        shop.answer("versandt", text, name)
        assert (shop.folder / f"{name}.versandt").exists(), "it may still be being written"
        os.utime(shop.folder / f"{name}.versandt", (1, 1))
        printing.read_back()
        assert (shop.folder / "unklar" / f"{name}.versandt").exists()
        assert fresh(row).state == State.TO_SEND

    @pytest.mark.parametrize("name", ["x", "V-7K3M-9QTR-G_1_99", "_1", "a_1_²", "b_2_" + "9" * 30])
    def test_what_is_about_no_letter_is_set_aside(self, shop: PrintShop, applied: Applied, name: str) -> None:
        shop.folder.mkdir()
        (shop.folder / f"{name}.fehler").write_text("kaputt")
        os.utime(shop.folder / f"{name}.fehler", (1, 1))
        printing.read_back()
        assert (shop.folder / "unklar" / f"{name}.fehler").exists()

    def test_posted_in_the_future_is_for_a_person(self, shop: PrintShop, applied: Applied) -> None:
        row = applied.notice()
        send_all()
        shop.answer("versandt", str(make.tomorrow()))
        assert (fresh(row).state, ways_of(row)) == (State.TO_SEND, {"letter": "refused"})
        assert "liegt in der Zukunft" in explain(ExceptionEntry.objects.get(kind="delivery")).cause


class TestKills:
    """A process that dies anywhere leaves a letter that is printed once, under its one name."""

    POINTS = ("write_letter", "prepare_control", "release", "_sync_folder")

    @pytest.mark.parametrize("point", POINTS)
    @pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
    def test_killed(
        self, shop: PrintShop, applied: Applied, monkeypatch: pytest.MonkeyPatch, point: str, after: bool
    ) -> None:
        applied.notice()
        real = getattr(print_folder, point)

        def dying(*args: Any, **kwargs: Any) -> None:
            if after:
                real(*args, **kwargs)
            raise Died

        with monkeypatch.context() as patched:
            patched.setattr(print_folder, point, dying)
            with pytest.raises(Died):
                tasks.send_one()
        with later(minutes=6):
            send_all()
        (name,) = shop.names()
        assert sorted(path.name for path in shop.folder.iterdir()) == [f"{name}.json", f"{name}.pdf"]
        assert Delivery.objects.get().state == Delivery.State.SENT

    def test_killed_after_release_and_printed_meanwhile(
        self, shop: PrintShop, applied: Applied, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = applied.notice()
        with monkeypatch.context() as patched:
            patched.setattr(sending, "_note_sent", _die)
            with pytest.raises(Died):
                tasks.send_one()
        name = shop.take()
        with later(minutes=6):
            assert tasks.send_one()
        assert shop.names() == [], "it is at the print shop, and not there again"
        shop.answer("versandt", name=name)
        assert fresh(row).state == State.SENT

    def test_killed_while_an_answer_is_kept(
        self, shop: PrintShop, applied: Applied, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = applied.notice()
        send_all()
        with monkeypatch.context() as patched:
            patched.setattr(print_folder, "clear", _die)
            with pytest.raises(Died):
                shop.answer("versandt")
        printing.read_back()
        assert row.history.filter(history_action="mark_sent").count() == 1
        assert [path.name for path in shop.folder.iterdir()] == ["erledigt"]

    def test_always_killed_is_for_a_person(
        self, shop: PrintShop, applied: Applied, monkeypatch: pytest.MonkeyPatch, settings: Any
    ) -> None:
        settings.DELIVERY_MAX_ATTEMPTS = 2
        row = applied.notice()
        with monkeypatch.context() as patched:
            patched.setattr(print_folder, "write_letter", _die)
            for minutes in (0, 6):
                with later(minutes=minutes), pytest.raises(Died):
                    tasks.send_one()
            with later(minutes=12):
                tasks.send_due()
        assert ways_of(row) == {"letter": "refused"}
        assert ExceptionEntry.objects.filter(kind="delivery").count() == 1


def _die(*args: Any, **kwargs: Any) -> None:
    raise Died


class TestTrouble:
    def test_a_folder_that_is_away_is_tried_again(self, shop: PrintShop, applied: Applied) -> None:
        shop.folder.write_text("keine Ablage")
        row = applied.notice()
        tasks.send_one()
        delivery = Delivery.objects.get()
        assert delivery.state == Delivery.State.WAITING and "PRINT_FOLDER" in delivery.last_error
        assert delivery.next_attempt_at > timezone.now() + timedelta(seconds=25)
        shop.folder.unlink()
        with later(minutes=2):
            send_all()
        assert ways_of(row) == {"letter": "sent"} and len(shop.names()) == 1

    def test_a_damaged_file_is_never_printed(self, shop: PrintShop, applied: Applied) -> None:
        row = applied.notice()
        path = blobs.path_of(row.document.files.get().blob_id)
        path.chmod(0o600)
        path.write_bytes(b"%PDF-1.7 anders")
        send_all()
        assert ways_of(row) == {"letter": "refused"} and shop.names() == []
        assert "beschädigt" in Delivery.objects.get().last_error

    def test_what_the_print_shop_cannot_print_is_in_the_queue(self, shop: PrintShop, applied: Applied) -> None:
        row = applied.notice()
        send_all()
        shop.answer("fehler", "Anschrift nicht lesbar")
        entry = ExceptionEntry.objects.get(kind="delivery")
        assert (entry.case, entry.unit) == (applied.case, applied.case.unit)
        assert explain(entry).cause == "Die Druckstraße meldet: Anschrift nicht lesbar"
        assert (fresh(row).state, ways_of(row)) == (State.TO_SEND, {"letter": "refused"})

    def test_it_is_printed_again_under_the_same_name(self, shop: PrintShop, applied: Applied) -> None:
        applied.notice()
        send_all()
        name = shop.take()
        shop.answer("fehler", "Papierstau", name)
        lead = make.lead(applied.case.unit)
        elsewhere.resume(entry=ExceptionEntry.objects.get(), by=Actor.of(lead), way=failures.RESEND)
        send_all()
        assert shop.names() == [name]
        assert ExceptionEntry.objects.get().resolved_by == lead

    def test_or_by_hand(self, shop: PrintShop, applied: Applied) -> None:
        row = applied.notice()
        send_all()
        shop.answer("fehler", '{"error": "Papierstau"}')
        failures.take_over(delivery=Delivery.objects.get(), by=applied.by)
        assert ways_of(row) == {"letter": "cancelled"} and ExceptionEntry.objects.get().resolved_at
        actions.mark_sent(dispatch=row, on=timezone.localdate(), by=applied.by)
        assert fresh(row).state == State.SENT


class TestCallingBack:
    """Never printed is what was withdrawn, wherever it was at that moment."""

    def test_withheld_before_it_was_handed_over(self, shop: PrintShop, applied: Applied) -> None:
        row = applied.notice()
        actions.withhold(dispatch=row, by=applied.by, reason="überholt")
        assert send_all() == 0 and ways_of(row) == {"letter": "cancelled"}

    def test_withheld_from_the_folder(self, shop: PrintShop, applied: Applied) -> None:
        row = applied.notice()
        send_all()
        actions.withhold(dispatch=row, by=applied.by, reason="überholt")
        assert ways_of(row) == {"letter": "cancelled"} and list(shop.folder.iterdir()) == []

    def test_withheld_while_it_was_being_written(self, shop: PrintShop, applied: Applied) -> None:
        row = applied.notice()
        delivery = sending.claim()
        outcome = channels.get("letter").send(delivery)
        actions.withhold(dispatch=row, by=applied.by, reason="überholt")
        sending.settle(delivery, outcome)
        assert ways_of(row) == {"letter": "cancelled"} and list(shop.folder.iterdir()) == []

    def test_what_the_print_shop_has_is_not_withheld(self, shop: PrintShop, applied: Applied) -> None:
        row = applied.notice()
        send_all()
        shop.take()
        with pytest.raises(actions.NotPossible, match="Druckstraße hat diesen Brief schon übernommen"):
            actions.withhold(dispatch=row, by=applied.by, reason="überholt")
        assert (fresh(row).state, ways_of(row)) == (State.TO_SEND, {"letter": "sent"})

    def test_a_withholding_that_fails_leaves_the_letter_where_it_was(self, shop: PrintShop, applied: Applied) -> None:
        row = applied.notice()
        send_all()
        before = shop.names()
        with pytest.raises(Died), transaction.atomic():
            actions.withhold(dispatch=row, by=applied.by, reason="überholt")
            assert shop.names() == []
            raise Died
        printing.read_back()
        assert shop.names() == before and ways_of(row) == {"letter": "sent"}

    def test_a_withdrawn_bescheid_is_not_printed(self, shop: PrintShop, applied: Applied) -> None:
        decision = applied.decided()
        send_all()
        actions.withdraw_decision(decision=decision, reason="falsch", by=applied.by)
        assert shop.names() == [] and list(shop.folder.glob("*.pdf")) == []
        assert decision.dispatches.get().state == State.CANCELLED

    def test_a_withdrawn_one_that_is_being_printed_is_noted_as_sent(self, shop: PrintShop, applied: Applied) -> None:
        decision = applied.decided()
        send_all()
        name = shop.take()
        actions.withdraw_decision(decision=decision, reason="falsch", by=applied.by)
        shop.answer("versandt", name=name)
        row = decision.dispatches.get()
        assert row.state == State.SENT and row.deadline is None, "no remedy runs against what does not stand"

    def test_sent_by_hand_is_not_printed_too(self, shop: PrintShop, applied: Applied) -> None:
        row = applied.notice()
        send_all()
        actions.mark_sent(dispatch=row, on=timezone.localdate(), by=applied.by)
        assert list(shop.folder.iterdir()) == [] and ways_of(row) == {"letter": "cancelled"}


STEPS = st.lists(st.sampled_from(["write", "control", "release", "take", "back"]), max_size=12)


@given(steps=STEPS)
@how(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_taken_and_called_back_are_never_both(steps: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder, name, content = tmp_path_factory.mktemp("druck"), "V-1_1_1", b"%PDF-1.7"
    taken = called_back = False
    for step in steps:
        if step == "write" and not called_back:
            path = folder / "quelle"
            path.write_bytes(content)
            with path.open("rb") as stream:
                print_folder.write_letter(folder, name, stream, hashlib.sha256(content).hexdigest())
        elif step == "control" and not called_back:
            print_folder.prepare_control(folder, name, {"format": 1})
        elif step == "release" and not called_back and (folder / f"{name}.json.part").exists():
            print_folder.release(folder, name)
        elif step == "take" and (folder / f"{name}.json").exists():
            assert not called_back and not taken, "it is offered once"
            (folder / f"{name}.json").rename(folder / f"{name}.in-arbeit")
            taken = True
        elif step == "back" and not called_back:
            called_back = print_folder.call_back(folder, name, was_released=taken)
            if called_back:
                print_folder.clear(folder, name)
        assert not (taken and called_back)
