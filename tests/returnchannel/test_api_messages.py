"""What the authority has written, and its PDF: for the client that handed the application over, and nobody else."""

from __future__ import annotations

import io

import pikepdf
import pytest

from audit.acting import Actor
from cases.actions import take_up
from intake.models import Submission
from routing.actions import clearing
from routing.models import ExceptionEntry
from tests import factories as make
from tests.intake.portal_client import PortalClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal() -> PortalClient:
    make.service("wohngeld")
    return PortalClient()


def url(submission: Submission) -> str:
    return f"/api/v1/cases/{submission.number.public_id}/messages"


def test_the_receipt_is_there_from_the_first_moment(portal: PortalClient) -> None:
    posted = portal.post(make.application()).json()
    (message,) = portal.get(f"/api/v1/cases/{posted['case_id']}/messages").json()["messages"]
    assert (message["n"], message["kind"], message["has_document"]) == (1, "receipt", True)
    assert posted["case_id"] in message["text"] and "42 Tage" in message["text"]


def test_its_pdf_is_for_the_archive_and_the_same_each_time(portal: PortalClient) -> None:
    submission = portal.submitted(make.application())
    answer = portal.get(f"{url(submission)}/1/document")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert f"{submission.number.public_id}-1.pdf" in answer["Content-Disposition"]
    with pikepdf.open(io.BytesIO(answer.content)) as pdf, pdf.open_metadata() as metadata:
        assert metadata["pdfaid:part"] in ("2", "3")
    assert portal.get(f"{url(submission)}/1/document").content == answer.content
    assert portal.get(f"{url(submission)}/1/document", Accept="application/pdf").status_code == 200


def test_a_letter_is_a_message_without_anybodys_name(portal: PortalClient) -> None:
    submission = portal.submitted(make.application())
    user = make.user(submission.case.unit, first_name="Wanda", last_name="Szymańska", username="wanda.wohngeld")
    take_up(case=submission.case, by=Actor.of(user))
    make.information_request(submission.case, user)
    answer = portal.get(url(submission))
    message = answer.json()["messages"][-1]
    assert (message["n"], message["kind"], message["has_document"]) == (2, "information_request", True)
    assert not {"wanda", "szymańska"} & set(answer.content.decode().lower().split())
    document = portal.get(f"{url(submission)}/2/document")
    assert b"".join(document.streaming_content).startswith(b"%PDF-")


def test_head_is_get_without_its_body(portal: PortalClient) -> None:
    submission = portal.submitted(make.application())
    for path in (url(submission), f"{url(submission)}/1/document"):
        head = portal.http.head(path, headers={"Authorization": f"Bearer {portal.token}"})
        assert (head.status_code, head.content) == (200, b"")
        assert head["Content-Length"] == str(len(portal.get(path).content))


def test_what_there_is_not_and_what_is_others_are_the_same_404(portal: PortalClient) -> None:
    submission, foreign = portal.submitted(make.application()), PortalClient().submitted(make.application())
    court = make.case()
    paths = [url(foreign), f"{url(foreign)}/1/document", f"{url(submission)}/9/document"]
    paths += [f"{url(submission)}/{10**30}/document", f"/api/v1/cases/{court.public_id}/messages"]
    paths += [f"/api/v1/cases/{submission.case.file_reference}/messages", "/api/v1/cases/x/messages"]
    answers = [portal.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert PortalClient(kind="fachverfahren").get(url(submission)).status_code == 403


def test_an_alias_has_its_own_receipt_and_nothing_else(portal: PortalClient) -> None:
    """Not even for the portal that handed both over: another person may stand behind the other Vorgang."""
    theirs = portal.submitted(make.application()).case
    user = make.user(theirs.unit)
    take_up(case=theirs, by=Actor.of(user))
    make.information_request(theirs, user)
    submission = portal.submitted(make.application(sender_reference=theirs.file_reference))
    entry = ExceptionEntry.objects.get(submission=submission)
    ExceptionEntry.objects.filter(pk=entry.pk).update(unit=theirs.unit)
    clearing.assign_to_case(entry=entry, case=theirs, by=Actor.of(make.lead(theirs.unit)))
    (message,) = portal.get(url(submission)).json()["messages"]
    assert message["kind"] == "receipt"
    assert portal.get(f"{url(submission)}/2/document").status_code == 404
    status = portal.get(url(submission).removesuffix("/messages"))
    body = status.json()
    assert (body["alias"], body["status"], body["public_note"]) == (True, "eingegangen", None)
    assert (body["open_information_request"], body["expected_by"], body["file_reference"]) == (None, None, None)
    assert theirs.public_id not in status.content.decode()
    assert portal.get(f"/api/v1/cases/{theirs.file_reference}").status_code == 404
