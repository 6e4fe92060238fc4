"""Messages to courts are handed over, and what the EGVP client says became of them is read back.

Two committed steps: first the container lies complete beside its place (``is_staged``), then it is given its name.
A process that dies in between leaves nothing half, and nothing is sent twice: only one container can be renamed.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from enum import Enum

from django.db import DatabaseError, transaction
from django.utils import timezone

from audit.acting import Actor, acting
from audit.faults import where
from cases import blobs
from cases.actions.base import NotPossible
from cases.actions.documents import register_blobs
from cases.actions.sending import record_delivery
from cases.models import Case, Dispatch
from intake.channels.folder import FAILED, PROCESSED
from intake.facts import Facts
from intake.models import Submission
from returnchannel import channels, court_folder
from returnchannel.channels import Result
from returnchannel.court_folder import Receipt
from returnchannel.models import CourtMessage

State = CourtMessage.State
EARLIER = timedelta(minutes=5)  # clocks differ
log = logging.getLogger("laufmappe.court")


class Became(Enum):
    """What became of a receipt: it is kept, it is for nothing that was sent, or it came before we had noted that."""

    NOTED = 1
    STRANGE = 2
    EARLY = 3


def hand_over() -> int:
    """Hand over all that waits; returns how many messages. Does nothing while the channel is off."""
    if court_folder.outbox() is None:
        return 0
    done = 0
    waiting = CourtMessage.objects.filter(state=State.WAITING).order_by("pk").values_list("pk", flat=True)
    for pk in list(waiting):
        try:
            done += _step(pk, is_staged=False) and _step(pk, is_staged=True)
        except DatabaseError:
            raise
        except Exception as error:  # what is wrong with one message holds up no other
            log.error("message %s cannot be handed over: %s", pk, where(error))
    return done


def _step(pk: int, *, is_staged: bool) -> bool:
    """Stage a message, or give a staged one its name; True when the next step may come."""
    channel, by = channels.get("egvp"), channels.actor("egvp")
    with transaction.atomic(), acting(by, "hand_to_court"):
        rows = CourtMessage.objects.select_for_update(of=("self",), skip_locked=True)
        row = rows.filter(pk=pk, state=State.WAITING).first()
        if row is None:
            return False
        if row.is_staged and not is_staged:
            return True
        outcome = channel.send(row) if is_staged else channel.stage(row)
        if outcome.result != Result.DELIVERED:
            log.error("message %s cannot be handed over: %s", pk, outcome.error)
            return False
        if is_staged:
            row.state, row.sent_at = State.SENT, timezone.now()
        row.is_staged = True
        row.save()
        return True


def read_receipts() -> int:
    """Read what the EGVP client has put down; returns how many receipts were understood."""
    done = 0
    for path in court_folder.complete():
        try:
            receipt = court_folder.read(path)
            became = _note(receipt) if receipt else Became.STRANGE
            if became is not Became.EARLY:
                court_folder.put_away(path, PROCESSED if became is Became.NOTED else FAILED)
        except OSError as error:  # it is looked at again
            log.error("a receipt of the EGVP client cannot be read: %s", where(error))
            continue
        if became is Became.STRANGE:
            log.error("a receipt of the EGVP client is for no message of ours, or says nothing; it lies in %s", FAILED)
        done += became is Became.NOTED
    return done


def _note(receipt: Receipt) -> Became:
    """Keep a receipt with its message. Read twice = once; that it arrived counts more than that it did not."""
    by = channels.actor("egvp")
    with transaction.atomic():
        row = CourtMessage.objects.select_for_update(of=("self",)).filter(message_id=receipt.message_id).first()
        if row is None or (row.sent_at is None and not row.is_staged):
            return Became.STRANGE
        if row.state == State.WAITING and row.is_staged:  # it is being handed over just now
            return Became.EARLY
        if receipt.at is not None and not row.given_at - EARLIER <= receipt.at <= timezone.now() + EARLIER:
            return Became.STRANGE
        if row.state in (State.DELIVERED, State.BY_HAND) or (receipt.error and row.state != State.SENT):
            return Became.NOTED
        with receipt.path.open("rb") as stream:
            sha256, size = blobs.write(stream)
        register_blobs([(sha256, size)])
        row.proof_id = sha256
        if receipt.at is not None:
            row.state, row.delivered_at, row.carrier_id, row.error = State.DELIVERED, receipt.at, receipt.carrier_id, ""
        else:
            row.state, row.error = State.REFUSED, receipt.error
        with acting(by, "court_refused" if receipt.error else "court_delivered", reason=receipt.error):
            row.save()
    return Became.NOTED


def match_returned() -> int:
    """Link returned Empfangsbekenntnisse to what was served; returns how many.

    Only where the message names the id of ours: then its day is the proof of delivery. All else is for a person.
    """
    done = 0
    sent = CourtMessage.objects.filter(answer=None, dispatches__isnull=False, state__in=(State.SENT, State.DELIVERED))
    for message in sent.distinct():
        wanted = str(message.message_id)
        rows = Submission.objects.filter(
            case=message.case_id,
            state=Submission.State.FILED,
            facts__message_type="2200007",
            answered_court_message=None,
        )
        found = [row for row in rows if str(row.facts.get("reply_to", "")).lower() == wanted]
        if len(found) == 1 and _linked(message, found[0]):
            done += 1
    return done


def _linked(message: CourtMessage, answer: Submission) -> bool:
    facts = Facts.from_json(answer.facts)
    on = facts.eeb.received_on if facts.eeb else None
    same = facts.sender.safe_id == message.safe_id
    if on is None or not same:
        return False
    by = channels.actor("egvp")
    try:
        with transaction.atomic():
            Case.objects.select_for_update(no_key=True, of=("self",)).get(pk=message.case_id)  # always before it
            locked = CourtMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
            if locked.answer_id is not None:
                return False
            with acting(by, "link_returned_receipt"):
                locked.answer = answer
                locked.save()
            for row in locked.dispatches.filter(state=Dispatch.State.SENT, delivered_on=None):
                _deliver(row, facts, by)
    except NotPossible:  # the day cannot be: a person looks at it, the panel shows it as not matched
        return False
    return True


def _deliver(row: Dispatch, facts: Facts, by: Actor) -> None:
    record_delivery(dispatch=row, on=facts.eeb.received_on, by=by, reason=f"Empfangsbekenntnis {facts.message_id}")
