"""A portal and a Fachverfahren that speak about a Vorgang, and who works on it."""

from __future__ import annotations

import base64
from typing import Any

from django.http import HttpResponse

from cases.models import Case, InformationRequest, User
from intake.models import Submission
from routing import pipeline
from tests import factories as make
from tests.intake.portal_client import PortalClient
from tests.sample_files import PDF


class Matter:
    """An application that a portal has handed over, filed, and the person who works on it."""

    def __init__(self, portal: PortalClient | None = None) -> None:
        make.service("wohngeld")
        self.portal = portal or PortalClient()
        self.application = self.portal.submitted(make.application())
        self.public_id = self.application.number.public_id
        self.person: User = make.user(self.case.unit)

    @property
    def case(self) -> Case:
        """The Vorgang as it is now."""
        return Case.objects.get(public_id=self.public_id)

    def asked(self, **values: Any) -> InformationRequest:
        """A Nachforderung of two items (``lohn``, ``rente``)."""
        return make.information_request(self.case, self.person, **values)

    def send(self, what: str, body: Any, *, public_id: str = "", **more: Any) -> HttpResponse:
        """Send something to this Vorgangs-ID, or another."""
        return self.portal.post(body, path=f"/api/v1/cases/{public_id or self.public_id}/{what}", **more)

    def sent(self, what: str, body: Any, **more: Any) -> Submission:
        """Send it and take it through the pipeline."""
        answer = self.send(what, body, **more)
        assert answer.status_code == 201, answer.content
        return processed(answer)

    def status(self) -> dict[str, Any]:
        """What the portal sees."""
        return self.portal.get(f"/api/v1/cases/{self.public_id}").json()


def processed(answer: HttpResponse) -> Submission:
    """The Eingang of an answer, taken through the pipeline."""
    pipeline.process(answer.json()["submission_id"])
    return as_it_is(answer)


def as_it_is(answer: HttpResponse) -> Submission:
    """The Eingang of an answer."""
    return Submission.objects.select_related("case", "number").get(pk=answer.json()["submission_id"])


def attachment(name: str = "lohn.pdf", content: bytes = PDF) -> dict[str, str]:
    """A file inside the JSON."""
    return {"filename": name, "media_type": "application/pdf", "content": base64.b64encode(content).decode()}


def response(request: InformationRequest, *keys: str) -> dict[str, Any]:
    """An answer with a file of its own for each of these items."""
    return {
        "information_request": request.number,
        "items": [{"key": key, "attachment": index} for index, key in enumerate(keys)],
        "attachments": [attachment(f"{key}.pdf", PDF + f"{request.pk} {key}".encode()) for key in keys],
    }


def problem(answer: HttpResponse, status: int, code: str) -> list[tuple[str, str]]:
    """The pointers and codes of a problem, which it must be."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["type"], body["status"]) == (f"/problems/{code}", status)
    assert body["detail"]
    return [(error["pointer"], error["code"]) for error in body["errors"]]
