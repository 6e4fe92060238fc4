"""What all calls have in common that hand something over: an Idempotency-Key, and a body that is taken to disk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.http import HttpResponse
from rest_framework.request import Request

from intake import actions
from intake.actions import Answer
from intake.api.base import ApiView, as_json
from intake.api.problems import Problem, answer
from intake.api.uploads import Lingering, Upload, received
from intake.channels import portal

_KEY = re.compile(r"[!-~]{1,255}")
RETRY = 1  # seconds after which an answer that is just being made can be asked for again


class HandingOver(ApiView):
    """A call with a body that is received once, however often it is sent with the same Idempotency-Key."""

    form: portal.Form = portal.APPLICATION_FORM

    def handle_exception(self, exc: Exception) -> HttpResponse:
        """Tell the problem so that the sender of a body that was not read sees it too."""
        return Lingering(super().handle_exception(exc), self.request._request)

    @contextmanager
    def body_of(self, request: Request) -> Iterator[Upload]:
        """The body, as long as the block runs."""
        with received(request._request, self.form) as upload:
            yield upload

    def once(
        self, request: Request, key: str, upload: Upload, take: Callable[[portal.Message], Answer]
    ) -> HttpResponse:
        """The answer that ``take`` gives to what could be read, else what is wrong with it; kept under the ``key``.

        What ``take`` raises as a Problem is told and not kept.
        """

        def make() -> Answer:
            return as_answer(upload.problem) if upload.message is None else take(upload.message)

        try:
            made = actions.answer_once(client=request.auth, path=request.path, key=key, digest=upload.digest, make=make)
        except actions.KeyReused as error:
            raise Problem("idempotency_key_reused") from error
        except actions.StillRunning as error:
            raise Problem("still_running", retry_after=RETRY) from error
        response = as_json(made.body, status=made.status, headers=made.headers)
        if made.status >= 400:
            response["Content-Type"] = "application/problem+json"
        return response


def as_answer(problem: Problem) -> Answer:
    """A problem as an answer that is kept: for what stems from the content."""
    told = answer(problem)
    return Answer(told.status_code, told.content.decode())


def idempotency_key(request: Request) -> str:
    """The ``Idempotency-Key`` of a request; 400 when it is missing or not 1–255 visible ASCII characters."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise Problem("idempotency_key_missing")
    if not _KEY.fullmatch(key):
        raise Problem("idempotency_key_invalid")
    return key
