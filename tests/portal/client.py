"""A portal as it speaks to the interface: each call by its description, each answer checked, each hitch survived."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.portal.description import Description, NotAsDescribed

Json = dict[str, Any]
SCHEMA = "/api/v1/schema"
TRIES, FIRST_PAUSE, LONGEST_PAUSE = 8, 0.2, 60.0
RETRIED = frozenset({429, 500, 502, 503, 504})


class Refused(Exception):
    """The authority has said no, as a problem (RFC 9457)."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status, self.problem = answer.status_code, answer.json()
        super().__init__(f"{self.status} {self.problem['type']}: {self.problem['detail']}")

    @property
    def code(self) -> str:
        """The last part of the problem's address."""
        return str(self.problem["type"]).rpartition("/")[2]


@dataclass(frozen=True)
class File:
    """Something to enclose."""

    name: str
    content: bytes
    media_type: str = "application/pdf"
    role: str = "nachweis"

    def entry(self) -> Json:
        """As it stands in the JSON."""
        content = base64.b64encode(self.content).decode()
        return {"filename": self.name, "media_type": self.media_type, "role": self.role, "content": content}


Files = Sequence[File]


@dataclass
class Portal:
    """One client of the interface. ``http`` knows the authority's address; ``sleep`` waits for so many seconds."""

    http: httpx.Client
    token: str
    sleep: Callable[[float], None] = time.sleep
    heard: list[httpx.Response] = field(default_factory=list)
    """Every answer that it has ever got."""
    cursor: str | None = None
    _known: dict[str, tuple[str, Json]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        answer = self.http.get(SCHEMA)
        answer.raise_for_status()
        self.described = Description(answer.json())

    def call(
        self, name: str, given: Json | None = None, *, key: str | None = None, body: Any = None, files: Files = ()
    ) -> httpx.Response:
        """Make a call by its ``operationId`` until it is answered; raise ``Refused`` for a problem.

        ``given``: parameters by their names. A call that needs a key gets a new one, which all its attempts share.
        With ``files`` the body goes as ``multipart/form-data``, else as JSON.
        """
        operation, given = self.described.operation(name), dict(given or {})
        if operation.needs_key:
            given["Idempotency-Key"] = key or str(uuid.uuid4())
        self.described.check_request(name, given, body, "multipart/form-data" if files else "application/json")
        places = {each["name"]: each["in"] for each in operation.parameters}
        headers = {each: value for each, value in given.items() if places[each] == "header"}
        request: dict[str, Any] = {
            "params": {each: value for each, value in given.items() if places[each] == "query"},
            "headers": headers | {"Authorization": f"Bearer {self.token}"},
        }
        if files:
            parts = [(self.described.json_part(name), (None, json.dumps(body).encode(), "application/json"))]
            request["files"] = parts + [
                (part, (file.name, file.content, file.media_type)) for part, file in named(files)
            ]
        elif body is not None:
            request["json"] = body
        may_repeat = operation.needs_key or operation.method != "POST"
        answer = self._until_answered(operation.method, self.described.address(name, given), request, may_repeat)
        self.described.check_answer(name, answer)
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise Refused(answer)
        return answer

    def _until_answered(self, method: str, path: str, request: dict[str, Any], may_repeat: bool) -> httpx.Response:
        """The first answer that is none to "try again": what repeats is the very same request with the same key."""
        for number in range(1, TRIES + 1):
            pause = min(FIRST_PAUSE * 2**number, LONGEST_PAUSE)
            is_last = number == TRIES or not may_repeat
            try:
                answer = self.http.request(method, path, **request)
            except httpx.TransportError:
                if is_last:
                    raise
            else:
                self.heard.append(answer)
                wait = answer.headers.get("Retry-After")
                is_hitch = answer.status_code in RETRIED or (answer.status_code == 409 and wait is not None)
                if is_last or not is_hitch:
                    return answer
                pause = min(float(wait or pause), LONGEST_PAUSE)
            self.sleep(pause)
        raise AssertionError("unreachable")

    def apply(self, application: Json, files: Files = (), *, multipart: bool = False, key: str | None = None) -> Json:
        """Hand an application over; what the authority answers, with the Vorgangs-ID."""
        inside = {} if multipart else {"attachments": [file.entry() for file in files]}
        answer = self.call("submit", key=key, body=application | inside, files=files if multipart else ())
        told: Json = answer.json()
        where = self.described.address("case", {"case_id": told["case_id"]})
        if answer.headers["Location"] != where:
            raise NotAsDescribed(f"Location ist {answer.headers['Location']} statt {where}.")
        return told

    def status(self, case_id: str) -> tuple[Json, bool]:
        """The status, and whether it has changed since it was last asked for (else 304, by its ETag)."""
        etag, known = self._known.get(case_id, ("", {}))
        answer = self.call("case", {"case_id": case_id} | ({"If-None-Match": etag} if etag else {}))
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return known, False
        self._known[case_id] = (answer.headers["ETag"], answer.json())
        return answer.json(), True

    def changes(self, *, limit: int | None = None) -> Iterator[Json]:
        """What has changed since it was last asked for, in its order."""
        more = True
        while more:
            given: Json = {"after": self.cursor} if self.cursor else {}
            page = self.call("changes", given | ({"limit": limit} if limit else {})).json()
            yield from page["changes"]
            self.cursor, more = page["next"], page["more"]

    def messages(self, case_id: str) -> list[Json]:
        """What the authority has written."""
        return list(self.call("messages", {"case_id": case_id}).json()["messages"])

    def document(self, case_id: str, n: int) -> bytes:
        """The PDF of a message."""
        return self.call("document", {"case_id": case_id, "n": n}).content

    def answer(
        self, case_id: str, request: Json, papers: dict[str, File], *, multipart: bool = False, **more: Any
    ) -> Json:
        """Answer a Nachforderung as the status tells it: a file for each of its items, by their keys.

        ``more``: ``text``, and the ``key`` of the call.
        """
        files = list(papers.values())
        places: list[Any] = [part for part, _ in named(files)] if multipart else list(range(len(files)))
        body: Json = {
            "information_request": request["id"],
            "items": [{"key": item, "attachment": place} for item, place in zip(papers, places, strict=True)],
        }
        body |= {} if multipart else {"attachments": [file.entry() for file in files]}
        body |= {"text": more["text"]} if more.get("text") else {}
        sent = files if multipart else ()
        return dict(self.call("respond", {"case_id": case_id}, key=more.get("key"), body=body, files=sent).json())

    def withdraw(self, case_id: str, reason: str = "", *, key: str | None = None) -> Json:
        """Take an application back."""
        body = {"reason": reason} if reason else {}
        return dict(self.call("withdraw", {"case_id": case_id}, key=key, body=body).json())


def named(files: Files) -> list[tuple[str, File]]:
    """The files with the names of their parts."""
    return [(f"file{number}", file) for number, file in enumerate(files, 1)]
