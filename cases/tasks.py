"""Background work of this room: files are shown to the virus scanner, one after another."""

from __future__ import annotations

import logging

from cases import blobs, scanner
from cases.actions.checking import claim_scan, postpone_scan, record_scan
from cases.models import BlobCheck

log = logging.getLogger("laufmappe.scanner")


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
