"""Documents beside a form: what can be read there, and nothing that is withheld."""

from __future__ import annotations

import pytest

from cases import presenting
from cases.models import BlobCheck, Case
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db


def shown(case: Case) -> list[int]:
    """The numbers of the documents that stand beside a form."""
    return [document.number for document, _ in presenting.shown_beside(case)]


def test_programs_and_infected_files_are_not_offered() -> None:
    case = make.case()
    make.document(case)
    make.document(case, b"MZ" + b"\x00" * 200, "setup.exe")
    assert shown(case) == [1]
    BlobCheck.objects.filter(blob__sha256=case.documents.get(number=1).files.get().blob_id).update(
        scan_state=BlobCheck.Scan.INFECTED
    )
    assert shown(case) == []


def test_what_can_be_undone_is_not_called_final() -> None:
    unit = make.team()
    case = make.case(unit)
    page = text_of(logged_in(make.user(unit)).get(f"/vorgaenge/{case.public_id}/abschliessen/"))
    assert "Den Vorgang abschließen?" in page
    assert "nicht rückgängig" not in page, "it can be taken up again"
