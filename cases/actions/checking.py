"""What stored bytes are, kept once for each Blob; and what the virus scanner says of them.

The bytes decide, and nobody else: these actions have no actor and no history. When a virus was found, the timelines of
the Vorgänge say so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from cases import blobs
from cases.inspection import inspect
from cases.models import Blob, BlobCheck

LEASE = timedelta(minutes=3)  # longer than one scan may take
LONGEST_PAUSE = 3600  # seconds between two attempts


def check_blobs(hashes: Collection[str] | QuerySet) -> None:
    """Look into the Blobs with these SHA-256 (or of a query for them) that nobody has looked into.

    Known ones cost one query together. The findings of the same bytes are the same, so it does not matter who of two
    is first.
    Raises FileNotFoundError when the bytes have vanished.
    """
    look_into(Blob.objects.filter(pk__in=hashes, result=None).select_related("result"))


def look_into(blobs: Iterable[Blob]) -> None:
    """As ``check_blobs``, for Blobs that are at hand with their ``result`` (no query when all are known)."""
    unknown: dict[str, list[Blob]] = {}
    for blob in blobs:
        if blob.known is None:
            unknown.setdefault(blob.pk, []).append(blob)
    found = {sha256: _inspected(same[0]) for sha256, same in sorted(unknown.items())}
    if found:
        BlobCheck.objects.bulk_create(found.values(), ignore_conflicts=True)
    for sha256, same in unknown.items():
        for blob in same:
            blob.result = found[sha256]


def check_blob(sha256: str) -> BlobCheck:
    """Look into the Blob with this SHA-256, unless that has been done; returns what is known of it."""
    check_blobs([sha256])
    return BlobCheck.objects.get(pk=sha256)


def claim_scan() -> BlobCheck | None:
    """Take the file that has been waiting longest for the virus scanner: leased, and the attempt counted."""
    due = BlobCheck.objects.filter(scan_state=BlobCheck.Scan.UNSCANNED, next_scan_at__lte=timezone.now())
    with transaction.atomic():
        free = due.select_for_update(skip_locked=True, of=("self",)).select_related("blob")
        row = free.order_by("next_scan_at").first()
        if row is None:
            return None
        row.attempts, row.next_scan_at = row.attempts + 1, timezone.now() + LEASE
        row.save(update_fields=["attempts", "next_scan_at"])
    return row


def record_scan(check: BlobCheck, *, signature: str) -> None:
    """Keep what the scanner found: the name of the malware, or "" for a clean file.

    When two have scanned it, because the first took longer than its lease, clean does not undo infected.
    """
    state = BlobCheck.Scan.INFECTED if signature else BlobCheck.Scan.CLEAN
    rows = BlobCheck.objects.filter(pk=check.pk)
    rows = rows if signature else rows.exclude(scan_state=BlobCheck.Scan.INFECTED)
    rows.update(scan_state=state, scanned_at=timezone.now(), signature=signature[:200], trouble="", next_scan_at=None)


def postpone_scan(check: BlobCheck, trouble: BlobCheck.Trouble) -> None:
    """It could not be scanned: try again, later each time (2, 4, 8 … at most 3600 seconds); too large: never."""
    pause = timedelta(seconds=min(2 ** min(check.attempts, 20), LONGEST_PAUSE))
    again = None if trouble == BlobCheck.Trouble.TOO_LARGE else timezone.now() + pause
    BlobCheck.objects.filter(pk=check.pk).update(trouble=trouble, next_scan_at=again)


def _inspected(blob: Blob) -> BlobCheck:
    with blobs.open_blob(blob.sha256) as stream:
        found = inspect(stream, blob.size)
    return BlobCheck(
        blob=blob,
        media_type=found.media_type[:100],
        pages=found.pages,
        flags=[flag.value for flag in found.flags],
        next_scan_at=timezone.now() if blob.size else None,
    )
