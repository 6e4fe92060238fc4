"""Background work of this room: files are shown to the virus scanner; Nachforderungen run out."""

from __future__ import annotations

import logging

from audit.acting import SYSTEM
from cases import blobs, scanner
from cases.actions import NotPossible, expire_request
from cases.actions.checking import claim_scan, postpone_scan, record_scan
from cases.models import BlobCheck
from cases.selectors import requests_run_out

log = logging.getLogger("laufmappe.scanner")
cases_log = logging.getLogger("laufmappe.cases")


def expire_due() -> int:
    """End the Nachforderungen whose Frist has run out without an answer; returns how many. Idempotent."""
    ended = 0
    for request in requests_run_out():
        try:
            expire_request(request=request, by=SYSTEM)
        except NotPossible as refusal:  # answered or extended a moment ago
            cases_log.info("Nachforderung %s of %s: %s", request.number, request.case.public_id, refusal)
        else:
            ended += 1
    return ended


def scan_due(client: scanner.Scanner | None = None, *, limit: int = 100) -> bool:
    """Scan up to ``limit`` files that are due. False when the scanner cannot be reached: try again later.

    Without ``client`` it is that of ``CLAMAV_SOCKET``; without that either nothing is done.
    """
    client = client or scanner.configured()
    if client is None:
        return True
    for _ in range(limit):
        check = claim_scan()
        if check is None:
            return True
        if not _scan(client, check):
            return False
    return True


def _scan(client: scanner.Scanner, check: BlobCheck) -> bool:
    """Scan one file and keep the result; False when the scanner cannot be reached."""
    try:
        with blobs.open_blob(check.blob_id) as stream:
            signature = client.scan(stream, check.blob.size)
    except scanner.Unreachable as error:
        log.warning("the scanner cannot be reached: %s", error)
        postpone_scan(check, BlobCheck.Trouble.UNREACHABLE)
        return False
    except scanner.TooLarge:
        postpone_scan(check, BlobCheck.Trouble.TOO_LARGE)
    except (scanner.Refused, OSError) as error:
        log.error("blob %s cannot be scanned: %s", check.blob_id, error)
        postpone_scan(check, BlobCheck.Trouble.REFUSED)
    else:
        record_scan(check, signature=signature)
        if signature:
            log.error("blob %s is infected: %s", check.blob_id, signature)
    return True
