"""A portal as it speaks to the REST interface."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import HttpResponse
from django.test import Client

from intake.models import ApiClient, Submission
from routing import pipeline
from tests import factories as make

SUBMISSIONS = "/api/v1/submissions"


class PortalClient:
    """One client with its token."""

    def __init__(self, name: str = "", **values: Any) -> None:
        self.client, self.token = make.portal(name, **values)
        self.http = Client()

    def post(self, body: Any, *, key: str | None = "", path: str = SUBMISSIONS, **more: Any) -> HttpResponse:
        """Send ``body`` (JSON value, or bytes as they are); ``key=None`` sends none, "" a new one."""
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        if key is not None:
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        values = {"content_type": "application/json"} | more
        values.setdefault("CONTENT_TYPE", values["content_type"])  # the test client sends none with an empty body
        return self.http.post(path, data, headers=headers, **values)

    def get(self, path: str, **headers: str) -> HttpResponse:
        """Get an address of the interface."""
        return self.http.get(path, headers={"Authorization": f"Bearer {self.token}"} | headers)

    def submitted(self, body: Any, **more: Any) -> Submission:
        """Send it and take it through the pipeline."""
        answer = self.post(body, **more)
        assert answer.status_code == 201, answer.content
        pipeline.process(answer.json()["submission_id"])
        return Submission.objects.select_related("case", "number", "client").get(pk=answer.json()["submission_id"])


def multipart(submission: bytes, *files: tuple[str, str, bytes], boundary: str = "xyz") -> dict[str, Any]:
    """The arguments of ``post`` for a multipart body: (form name, file name, bytes) for each file."""
    parts = [b'Content-Disposition: form-data; name="submission"\r\n\r\n' + submission]
    for name, filename, content in files:
        head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content)
    lines = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
    body = lines + f"--{boundary}--\r\n".encode()
    return {"body": body, "content_type": f"multipart/form-data; boundary={boundary}"}


def kind(value: str) -> ApiClient.Kind:
    """A kind of client by its value."""
    return ApiClient.Kind(value)
