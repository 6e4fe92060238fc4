"""Whether what leaves the house names its Vorgangs-ID: measured on message and PDF, when they are written."""

from __future__ import annotations

import pikepdf

from cases import blobs
from cases.models import Document


def names(public_id: str, *texts: str) -> bool:
    """True when one of the texts names the Vorgangs-ID."""
    return any(public_id in text for text in texts)


def letter_names(public_id: str, letter: Document) -> bool:
    """True when each PDF of a letter that the house has set names the Vorgangs-ID in its title.

    The title is set from the same value as what is printed beside the address and in the code. To read it instead of
    the page costs milliseconds only. It is for the house's own letters: what others wrote is not opened here.
    """
    titles = [_title(file.blob_id) for file in letter.files.all()]
    return bool(titles) and all(public_id in title for title in titles)


def _title(sha256: str) -> str:
    with blobs.open_blob(sha256) as stream, pikepdf.open(stream) as pdf:
        return str(pdf.docinfo.get("/Title", ""))
