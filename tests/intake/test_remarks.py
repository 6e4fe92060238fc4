"""What was found in an application stands beside the value that it is about."""

from __future__ import annotations

import pytest

from cases import presenting
from cases.presenting import DataRow
from tests import factories as make
from tests.intake.portal_client import PortalClient
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db


def test_a_remark_stands_at_its_value_at_what_it_is_part_of_or_at_the_end() -> None:
    rows = [DataRow("Name", "Eva", "/person/name"), DataRow("Ort", "Bonn", "/person/ort"), DataRow("Art", "x", "/art")]
    remarks = [("/person/name", "zu kurz"), ("/person", "unvollständig"), ("/art/2", "fehlt hier")]
    assert presenting.remarked(rows, remarks) == [
        ("Name", "Eva", ["zu kurz", "unvollständig"]),
        ("Ort", "Bonn", []),
        ("Art", "x", []),
        ("art › 2", "fehlt", ["fehlt hier"]),
    ]


def test_a_finding_of_an_application_is_shown_beside_its_value() -> None:
    service = make.service("wohngeld")
    body = make.application()
    body["data"]["applicant"]["shoe_size"] = "43"
    submission = PortalClient().submitted(body)
    page = text_of(logged_in(make.user(service.unit)).get(f"/vorgaenge/{submission.case.public_id}/antrag/"))
    row = page.split("shoe_size</dt>")[1].split("</dd>")[0]
    assert "43" in row
    assert submission.findings[0]["message"] in row.replace("&quot;", '"')
