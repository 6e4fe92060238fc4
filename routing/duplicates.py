"""Has the same thing been here before? Only what is the same in every respect that matters is a repetition."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from django.db.models import Q

from cases import references
from cases.conditions import fold
from intake.facts import Facts, FilePart
from intake.models import Submission
from intake.standards.portal import STANDARD as PORTAL

CONTENT = (FilePart.ORIGINAL, FilePart.REPRESENTATION)


@dataclass(frozen=True)
class Earlier:
    """An earlier Eingang: the same (``is_same``), or another one under the same message id; ``why`` in German."""

    submission: Submission
    why: str
    is_same: bool = True


def content_key(facts: Facts, blob_of: dict[str, str]) -> str:
    """A fingerprint of what a message says: documents (SHA-256 of their bytes), sender, references, subject and text.

    Empty without documents: then only the message id can tell. ``blob_of`` gives the SHA-256 of each file by its name.
    Of an application from a portal it is the portal, its reference, the Leistung and all that was said; without a
    reference it is empty, for two who say the same may be two. Of what a portal sends to a Vorgang it is that, and
    what was sent for which item.
    """
    if facts.standard == PORTAL:
        return _application_key(facts, blob_of)
    files = [f.name for d in facts.documents for f in d.files if f.part in CONTENT]
    hashes = sorted(blob_of[name] for name in files if name in blob_of)
    if not hashes:
        return ""
    named = [facts.own_reference, *facts.further_own_references, facts.foreign_reference, facts.court_reference]
    said = [
        facts.message_type,
        facts.sender.code,
        facts.sender.safe_id or _sender(vars(facts.sender)),
        facts.court_code,
    ]
    texts = [fold(facts.subject), fold(facts.text)]
    return hashlib.sha256(json.dumps([hashes, [references.key(n) for n in named], said, texts]).encode()).hexdigest()


def _application_key(facts: Facts, blob_of: dict[str, str]) -> str:
    if facts.case_id:
        return _reply_key(facts, blob_of)
    if not facts.foreign_reference:
        return ""
    hashes = [blob_of.get(f.name, "") for d in facts.documents for f in d.files]
    said = [facts.sender.safe_id, facts.foreign_reference, facts.service, facts.data, hashes]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _reply_key(facts: Facts, blob_of: dict[str, str]) -> str:
    """What was sent to the same Vorgang for the same, with the same documents; without any it may be meant again."""
    hashes = [(d.title, blob_of.get(f.name, "")) for d in facts.documents for f in d.files]
    said = [facts.sender.safe_id, facts.case_id, facts.subject, facts.text, hashes]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest() if hashes else ""


def earlier(submission: Submission, facts: Facts) -> Earlier | None:
    """The Eingang that this one repeats, or whose message id it uses for something else; None when it is new.

    What is still waiting is none: of two at once the one that is placed first is the original.
    """
    others = Submission.objects.exclude(pk=submission.pk).filter(duplicate_of=None)
    others = others.exclude(state__in=[Submission.State.RECEIVED, Submission.State.REJECTED]).order_by("pk")
    if submission.content_key:
        same = others.filter(content_key=submission.content_key).first()
        if same:
            return Earlier(
                same, "Dieselben Dokumente desselben Absenders mit denselben Zeichen sind schon eingegangen."
            )
    if submission.message_id:
        for other in others.filter(message_id=submission.message_id):
            if _sender(other.facts.get("sender") or {}) == _sender(vars(facts.sender)):
                if other.fingerprint == submission.fingerprint:
                    return Earlier(other, "Dieselbe Nachricht desselben Absenders ist schon eingegangen.")
                return Earlier(
                    other, "Unter dieser Kennung kam vom selben Absender schon etwas anderes.", is_same=False
                )
    return None


def originals(submission: Submission) -> Q:
    """Which Eingänge a person may call the original of ``submission``."""
    closed = [Submission.State.REJECTED, Submission.State.DUPLICATE]
    return ~Q(pk=submission.pk) & ~Q(state__in=closed)


def _sender(sender: dict[str, str]) -> str:
    """Who sent it: by code or mailbox, else by what the sender is called (in an e-mail with the address)."""
    return sender.get("code") or sender.get("safe_id") or sender.get("name") or ""
