"""The portal of the demonstration: it sends its applications to the same view as a real one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from rest_framework.test import APIRequestFactory, force_authenticate

from audit.acting import SYSTEM
from config import importing
from config.demo.applications import APPLICATIONS, Paper, SampleApplication
from config.demo.pdf import Page, letter
from intake.actions import make_client
from intake.api.submissions import Submissions
from intake.models import ApiClient, Submission

NAME = "Serviceportal Musterhausen"
BOUNDARY = "serviceportal-musterhausen"
PATH = "/api/v1/submissions"


def deliver(*, progress: Callable[[str], None]) -> importing.Import:
    """Send all applications and take each through the pipeline; the same keys again are the same submissions."""
    client = ApiClient.objects.filter(name=NAME).first()
    if client is None:
        client, _ = make_client(name=NAME, kind=ApiClient.Kind.PORTAL, services=[], by=SYSTEM)
    result = importing.Import()
    with importing.timed(result):
        for number, sample in enumerate(APPLICATIONS, 1):
            known = Submission.objects.filter(client=client, external_id=f"{client.pk}:{sample.key}").exists()
            submission_id = _send(sample, client)
            importing.settle(submission_id)
            result.submissions.append((f"portal/{number:02d}-{sample.key}", submission_id, known))
            progress(f"{number} Anträge verarbeitet")
    return result


def body_of(sample: SampleApplication, file_reference: str) -> tuple[bytes, str]:
    """The body of the request and its content type; ``file_reference`` is what the sample ``names``."""
    value: dict[str, Any] = {"service": sample.service, "data": sample.data} | sample.more
    if sample.names:
        value["data"] = sample.data | {"remark": file_reference}
    if sample.sender_reference:
        value["sender_reference"] = sample.sender_reference
    entries = [{"filename": p.filename, "media_type": "application/pdf", "role": p.role} for p in sample.papers]
    files = [(paper.filename, _pdf(paper)) for paper in sample.papers]
    if sample.as_multipart:
        value["attachments"] = entries
        return _multipart(json.dumps(value, ensure_ascii=False).encode(), files)
    contents = [{"content": base64.b64encode(content).decode()} for _, content in files]
    value["attachments"] = [entry | content for entry, content in zip(entries, contents, strict=True)]
    return json.dumps(value, ensure_ascii=False).encode(), "application/json"


def _send(sample: SampleApplication, client: ApiClient) -> int:
    file_reference = ""
    if sample.names:
        named = Submission.objects.select_related("case").get(external_id=f"{client.pk}:{sample.names}")
        file_reference = named.case.file_reference
    body, content_type = body_of(sample, file_reference)
    request = APIRequestFactory().post(PATH, body, content_type=content_type, HTTP_IDEMPOTENCY_KEY=sample.key)
    force_authenticate(request, token=client)
    answer = Submissions.as_view()(request)
    if answer.status_code != 201:
        raise RuntimeError(f"{sample.key}: {answer.status_code} {answer.content.decode()}")
    return json.loads(answer.content)["submission_id"]


def _pdf(paper: Paper) -> bytes:
    return letter(Page(letterhead=paper.title, subject=paper.title, paragraphs=(paper.text,)))


def _multipart(submission: bytes, files: list[tuple[str, bytes]]) -> tuple[bytes, str]:
    parts = [b'Content-Disposition: form-data; name="submission"\r\n\r\n' + submission]
    for number, (name, content) in enumerate(files, 1):
        head = f'Content-Disposition: form-data; name="file{number}"; filename="{name}"\r\n'
        parts.append(f"{head}Content-Type: application/pdf\r\n\r\n".encode() + content)
    lines = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return lines + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"
