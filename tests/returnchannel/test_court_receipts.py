"""The Empfangsbekenntnis: a person gives it once, with a day that can be; it leaves whole, and its proof comes back."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.utils import timezone

from audit.acting import SYSTEM
from audit.registries import health, integrity, timeline_of
from cases.actions.base import NotPossible
from cases.models import Role
from intake.channels import get as arriving
from intake.models import Submission
from intake.standards import egvp_container
from returnchannel import channels, court_folder, tasks
from returnchannel.actions import court, court_outbox
from returnchannel.channels import Result
from returnchannel.models import CourtMessage
from tests import factories as make
from tests.intake import builders
from tests.returnchannel.courts import COURT, THEIR_ID, TOWN, Registry, demand, needs_schemas, returned

State = CourtMessage.State
OTHER_ID = "00000000-0000-4000-8000-0000000000aa"
pytestmark = [needs_schemas, pytest.mark.django_db]


@pytest.fixture
def registry(settings: Any) -> Registry:
    """A Vorgang in which a court asks for an Empfangsbekenntnis."""
    return Registry(settings)


def today(days: int = 0) -> Any:
    """Some day from today on."""
    return timezone.localdate() + timedelta(days=days)


def given(registry: Registry) -> CourtMessage:
    """The Empfangsbekenntnis of today, in the outbox."""
    message = court.give_receipt(submission=registry.asked, on=today(), by=registry.by)
    tasks.court_post()
    message.refresh_from_db()
    return message


def again(message: CourtMessage) -> CourtMessage:
    """The message as it is now."""
    return CourtMessage.objects.get(pk=message.pk)


def test_it_carries_the_swapped_references(registry: Registry) -> None:
    message = given(registry)
    said = registry.sent(message)
    assert (said.message_type, said.version, said.reply_to) == ("2200007", "3.6.2", THEIR_ID)
    assert (said.foreign_reference, said.own_reference) == ("32.1-2026-000123", "12 K 345/26")
    assert (said.sender.name, said.sender.safe_id) == ("Stadt Musterhausen", TOWN)
    assert (said.recipient.code, said.recipient.safe_id) == ("D6262", COURT)
    assert said.eeb is not None and said.eeb.received_on == today()
    assert said.message_id == str(message.message_id)


def test_the_container_has_the_layout_in_which_containers_arrive(registry: Registry) -> None:
    message = given(registry)
    read = next(iter(arriving("egvp").envelopes(registry.outbox / str(message.message_id))))
    assert [file.name for file in read.files] == ["additionals/nachricht.xml", "attachments/xjustiz_nachricht.xml"]
    carrier = egvp_container.read(read.files)
    assert (carrier.recipient.safe_id, carrier.subject) == (COURT, "EB zu: 12 K 345/26")
    assert (carrier.own_reference, carrier.foreign_reference) == ("12 K 345/26", "32.1-2026-000123")


def test_it_says_who_gave_it(registry: Registry) -> None:
    message = given(registry)
    assert (message.state, message.given_by, message.known_on) == (State.SENT, registry.person, today())
    told = [each for each in timeline_of(registry.case) if each.action == "give_receipt"]
    assert (told[0].text, told[0].actor) == ("Empfangsbekenntnis abgegeben", registry.person.username)
    assert f"{today():%d.%m.%Y}" in told[0].reason


@pytest.mark.parametrize(("days", "sentence"), [(1, "liegt in der Zukunft"), (-1000, "erst am")])
def test_a_day_that_cannot_be(registry: Registry, days: int, sentence: str) -> None:
    with pytest.raises(NotPossible, match=sentence):
        court.give_receipt(submission=registry.asked, on=today(days), by=registry.by)
    assert not CourtMessage.objects.exists()


def test_nobody_gives_it_but_who_is_entitled(registry: Registry) -> None:
    stranger = make.user(make.team("anderes"))
    lookers = [make.user(registry.unit, Role.DESK), make.user(registry.unit, Role.AUDITOR), stranger]
    for by in [*(make.Actor.of(each) for each in lookers), SYSTEM, channels.actor("egvp")]:
        with pytest.raises(PermissionDenied):
            court.give_receipt(submission=registry.asked, on=today(), by=by)


def test_twice_is_once(registry: Registry) -> None:
    given(registry)
    for deed in (
        lambda: court.give_receipt(submission=registry.asked, on=today(), by=registry.by),
        lambda: court.refuse_receipt(submission=registry.asked, code="2", text="", by=registry.by),
        lambda: court.note_receipt(submission=registry.asked, on=today(), by=registry.by),
    ):
        with pytest.raises(NotPossible, match="schon abgegeben"):
            deed()
    tasks.court_post()
    assert len(registry.waiting()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_give_one(registry: Registry) -> None:
    barrier, became = threading.Barrier(2), []

    def give() -> None:
        barrier.wait()
        try:
            became.append(court.give_receipt(submission=registry.asked, on=today(), by=registry.by))
        except NotPossible as error:
            became.append(str(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=give) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(isinstance(each, CourtMessage) for each in became) == [False, True]
    tasks.court_post()
    assert len(registry.waiting()) == 1


def test_a_failure_instead(registry: Registry) -> None:
    message = court.refuse_receipt(submission=registry.asked, code="2", text="Anlage K3 fehlt.", by=registry.by)
    tasks.court_post()
    said = registry.sent(again(message))
    assert said.eeb is not None
    assert (said.eeb.received_on, said.eeb.failure_code, said.eeb.failure_reason) == (None, "2", "Anlage K3 fehlt.")
    with pytest.raises(NotPossible, match="vorgesehenen Gründe"):
        court.refuse_receipt(submission=demand(message_id=OTHER_ID), code="7", text="", by=registry.by)


def test_what_is_not_asked_for_is_not_given(registry: Registry) -> None:
    other = returned(THEIR_ID, "2026-11-24", own=builders.OWN)
    with pytest.raises(NotPossible, match="verlangt kein"):
        court.give_receipt(submission=other, on=today(), by=registry.by)


def test_without_the_folder_it_stays_by_hand(registry: Registry, settings: Any) -> None:
    settings.EGVP_OUTBOX = None
    with pytest.raises(NotPossible, match="EGVP_OUTBOX"):
        court.give_receipt(submission=registry.asked, on=today(), by=registry.by)
    message = court.note_receipt(submission=registry.asked, on=today(), by=registry.by)
    assert (message.state, message.known_on) == (State.BY_HAND, today())
    assert tasks.court_post() == 0
    assert channels.get("egvp").send(message).result is Result.FAILED


def test_without_the_schema_nothing_is_sent(registry: Registry, settings: Any, tmp_path: Path) -> None:
    schemas = Path(settings.DATA_DIR) / "schemas"
    schemas.rename(tmp_path / "weg")
    with pytest.raises(NotPossible, match="standards install"):
        court.give_receipt(submission=registry.asked, on=today(), by=registry.by)
    assert not CourtMessage.objects.exists()


def test_without_a_mailbox_it_stays_by_hand(registry: Registry) -> None:
    asked = demand(safe_id="", message_id=OTHER_ID)
    with pytest.raises(NotPossible, match="SAFE-ID"):
        court.give_receipt(submission=asked, on=today(), by=registry.by)


@pytest.mark.parametrize("hostile", ["x" * 5000, "A]]&gt;&lt;B", "&#x202E;RLO", "ａｂｃ", "12 K&#10;&#9;345/26"])
def test_hostile_references_break_nothing(registry: Registry, hostile: str) -> None:
    asked = demand(message_id=OTHER_ID, foreign=hostile)
    try:
        message = court.give_receipt(submission=asked, on=today(), by=registry.by)
    except NotPossible as refused:
        assert str(refused).endswith(".")  # noqa: PT017
    else:
        tasks.court_post()
        assert registry.sent(again(message)).reply_to == OTHER_ID


class Killed(BaseException):
    """The process is gone."""


class TestKilled:
    """A process that dies at any step leaves nothing half, and the next one sends once."""

    @pytest.mark.parametrize("step", ["open", "fsync", "rename", "after"])
    def test_at_any_step(self, registry: Registry, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
        message = court.give_receipt(submission=registry.asked, on=today(), by=registry.by)
        with monkeypatch.context() as patch:
            self._die(patch, step)
            with pytest.raises(Killed):
                court_outbox.hand_over()
        finished = [name for name in registry.waiting() if not name.startswith(".")]
        assert finished == ([str(message.message_id)] if step == "after" else [])
        assert court_outbox.hand_over() == 1
        assert registry.waiting() == [str(message.message_id)]
        assert registry.sent(message).eeb is not None
        assert again(message).state == State.SENT

    def test_when_the_client_has_taken_it_already(self, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
        message = court.give_receipt(submission=registry.asked, on=today(), by=registry.by)
        with monkeypatch.context() as patch:
            self._die(patch, "after")
            with pytest.raises(Killed):
                court_outbox.hand_over()
        (registry.outbox / str(message.message_id)).rename(registry.receipts.parent.parent / "gesendet")
        court_outbox.hand_over()
        assert registry.waiting() == []  # no second message
        assert again(message).state == State.SENT

    def _die(self, patch: pytest.MonkeyPatch, step: str) -> None:
        def die(*args: Any) -> None:
            raise Killed

        if step == "open":
            patch.setattr(Path, "open", die)
        elif step == "after":
            publish = court_folder.publish
            patch.setattr(court_folder, "publish", lambda message_id: (publish(message_id), die()))
        else:
            patch.setattr(f"returnchannel.court_folder.os.{step}", die)


def test_a_folder_that_is_away_is_waited_for(registry: Registry) -> None:
    message = court.give_receipt(submission=registry.asked, on=today(), by=registry.by)
    registry.outbox.rename(registry.outbox.parent / "weg")
    registry.outbox.touch()  # a file where the folder was
    assert court_outbox.hand_over() == 0
    assert not dict(health)["gericht"]().ok
    registry.outbox.unlink()
    (registry.outbox.parent / "weg").rename(registry.outbox)
    assert court_outbox.hand_over() == 1
    assert again(message).state == State.SENT


class TestProof:
    """What the EGVP client says is kept."""

    def test_it_has_arrived(self, registry: Registry) -> None:
        message, at = given(registry), timezone.now().replace(microsecond=0)
        registry.accept(message, at)
        assert court_outbox.read_receipts() == 1
        kept = again(message)
        assert (kept.state, kept.delivered_at, kept.carrier_id) == (State.DELIVERED, at, "govapp_4711")
        assert kept.proof is not None
        assert [each.name for each in (registry.receipts / "processed").iterdir()] == [f"{message.message_id}.xml"]
        registry.refuse(message)  # a late word changes nothing
        court_outbox.read_receipts()
        assert again(message).state == State.DELIVERED

    def test_it_was_refused_and_is_sent_again(self, registry: Registry) -> None:
        message = given(registry)
        content = registry.sent(message)
        registry.refuse(message)
        court_outbox.read_receipts()
        assert (again(message).state, again(message).error) == (State.REFUSED, "Das Postfach nimmt nichts an.")
        assert any("nicht angenommen" in each.message for each in dict(integrity)["gericht"]())
        (registry.outbox / str(message.message_id)).rename(registry.outbox.parent / "alt")
        court.send_again(message=message, by=registry.by)
        tasks.court_post()
        assert registry.sent(message) == content
        registry.accept(message, timezone.now())
        court_outbox.read_receipts()
        assert again(message).state == State.DELIVERED

    def test_it_was_refused_and_done_by_hand(self, registry: Registry) -> None:
        message = given(registry)
        registry.refuse(message)
        court_outbox.read_receipts()
        with pytest.raises(NotPossible, match="wie und wann"):
            court.settle_by_hand(message=message, reason=" ", by=registry.by)
        court.settle_by_hand(message=message, reason="per Fax", by=registry.by)
        assert again(message).state == State.BY_HAND
        with pytest.raises(NotPossible, match="nicht nötig"):
            court.send_again(message=message, by=registry.by)

    def test_a_bad_status_is_no_proof(self, registry: Registry) -> None:
        message = given(registry)
        registry.accept(message, timezone.now(), status="invalid")
        court_outbox.read_receipts()
        assert (again(message).state, "invalid" in again(message).error) == (State.REFUSED, True)

    def test_what_says_nothing_is_put_aside(self, registry: Registry) -> None:
        message = given(registry)
        registry.put("notiz.txt", "?")
        registry.put(f"{message.message_id}.xml", "<!DOCTYPE a><a/>")
        registry.put("00000000-0000-4000-8000-000000000000.fehler.txt", "unbekannt")
        registry.put(f"{message.message_id}.xml.tmp", "<half")
        assert court_outbox.read_receipts() == 0
        assert len(list((registry.receipts / "failed").iterdir())) == 2  # what is locked is left alone
        assert again(message).state == State.SENT

    def test_a_time_that_cannot_be(self, registry: Registry) -> None:
        message = given(registry)
        registry.accept(message, timezone.now() - timedelta(days=3))
        assert court_outbox.read_receipts() == 0
        assert again(message).state == State.SENT


def test_an_old_one_is_reported(registry: Registry) -> None:
    then = timezone.now() - timedelta(days=9)
    Submission.objects.filter(pk=registry.asked.pk).update(received_at=then, stored_at=then)
    found = [each for each in dict(integrity)["gericht"]() if each.subject == registry.case.public_id]
    assert [each.message for each in found] == ["eEB offen seit 9 Tagen; bitte im Vorgang abgeben."]
    court.give_receipt(submission=registry.asked, on=today(-1), by=registry.by)
    assert list(dict(integrity)["gericht"]()) == []


def test_what_is_wrong_with_one_message_holds_up_no_other(registry: Registry) -> None:
    wrong = court.give_receipt(submission=registry.asked, on=today(), by=registry.by)
    CourtMessage.objects.filter(pk=wrong.pk).update(subject="\x02")  # XML cannot say it
    other = demand(message_id=str(uuid4()), own=registry.case.file_reference)
    message = court.give_receipt(submission=other, on=today(), by=registry.by)
    tasks.court_post()
    assert (again(wrong).state, again(message).state) == (State.WAITING, State.SENT)
