"""Has the same thing been here before? The same message id of the same sender, or the same documents and references."""

from __future__ import annotations

import hashlib
import json

from cases import references
from intake.facts import Facts, FilePart
from intake.models import Submission

CONTENT = (FilePart.ORIGINAL, FilePart.REPRESENTATION)


def content_key(facts: Facts, blob_of: dict[str, str]) -> str:
    """A fingerprint of documents (SHA-256 of their bytes), references and sender; empty without documents.

    ``blob_of`` gives the SHA-256 of each file of the message by its name.
    """
    files = [f.name for d in facts.documents for f in d.files if f.part in CONTENT]
    hashes = sorted(blob_of[name] for name in files if name in blob_of)
    if not hashes:
        return ""
    named = [references.key(facts.own_reference), references.key(facts.foreign_reference), facts.sender.code]
    return hashlib.sha256(json.dumps([hashes, named]).encode()).hexdigest()


def earlier(submission: Submission, facts: Facts) -> tuple[Submission, str] | None:
    """The earlier Eingang that this one repeats, and why (a German sentence); None when it is new."""
    before = Submission.objects.filter(pk__lt=submission.pk, duplicate_of=None)
    before = before.exclude(state=Submission.State.REJECTED).order_by("pk")
    if submission.message_id:
        sender = facts.sender.code or facts.sender.safe_id
        for other in before.filter(message_id=submission.message_id):
            if _sender(other) == sender:
                return other, "Dieselbe Nachricht desselben Absenders ist schon eingegangen."
    if submission.content_key:
        other = before.filter(content_key=submission.content_key).first()
        if other:
            return other, "Dieselben Dokumente mit denselben Zeichen sind schon eingegangen."
    return None


def _sender(submission: Submission) -> str:
    sender = submission.facts.get("sender") or {}
    return sender.get("code") or sender.get("safe_id") or ""
