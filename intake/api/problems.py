"""Mistakes as ``application/problem+json`` (RFC 9457). Each kind has a page that says in German what to do."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions

from audit.faults import where
from intake.findings import Finding

log = logging.getLogger("laufmappe.api")
PAUSE = 30  # seconds after which to try again what failed on our side


@dataclass(frozen=True)
class Kind:
    """One kind of mistake: HTTP status, its German title, what it means and what to do (German sentences)."""

    status: int
    title: str
    explanation: str


KINDS = {
    "unauthorized": Kind(
        401,
        "Nicht angemeldet",
        "Die Anfrage trägt kein gültiges Token. Bitte „Authorization: Bearer …“ mit dem Token senden, das "
        "`manage.py api_client create` ausgegeben hat; ein widerrufenes Token gilt nicht mehr.",
    ),
    "wrong_client": Kind(
        403,
        "Falsche Art von Zugang",
        "Dieser Aufruf ist für Zugänge anderer Art. Portale stellen Anträge, Fachverfahren melden Ergebnisse; bitte "
        "einen Zugang der richtigen Art verwenden.",
    ),
    "service_not_allowed": Kind(
        403,
        "Leistung nicht freigegeben",
        "Der Zugang ist auf bestimmte Leistungen beschränkt, und die genannte gehört nicht dazu. Bitte die Leistung "
        "prüfen oder den Betrieb um Freigabe bitten.",
    ),
    "not_found": Kind(
        404,
        "Nicht gefunden",
        "Diese Adresse oder Vorgangs-ID gibt es für diesen Zugang nicht. Bitte die Schreibweise prüfen.",
    ),
    "method_not_allowed": Kind(
        405, "Methode nicht erlaubt", "Diese HTTP-Methode gibt es hier nicht; „Allow“ nennt die erlaubten."
    ),
    "not_acceptable": Kind(
        406, "Format nicht lieferbar", "Geantwortet wird in application/json; bitte „Accept“ entsprechend setzen."
    ),
    "too_large": Kind(
        413,
        "Zu groß",
        "Die Anfrage hat mehr Bytes oder Dateien, als diese Behörde annimmt. Bitte Anlagen verkleinern oder auf "
        "mehrere Anträge verteilen.",
    ),
    "unsupported_media_type": Kind(
        415,
        "Format nicht lesbar",
        "Gelesen werden application/json (UTF-8) und multipart/form-data, beide ohne Content-Encoding.",
    ),
    "invalid_body": Kind(
        400,
        "Anfrage nicht lesbar",
        "Der Körper der Anfrage entspricht nicht dem Vertrag. „errors“ nennt jede Stelle als JSON-Pointer mit einem "
        "Satz, was dort erwartet wird. Nach der Korrektur bitte mit einem neuen Idempotency-Key senden.",
    ),
    "idempotency_key_missing": Kind(
        400,
        "Idempotency-Key fehlt",
        "Schreibende Aufrufe brauchen den Kopf „Idempotency-Key“, damit eine Wiederholung nichts doppelt anlegt. "
        "Bitte je Antrag einen neuen Schlüssel (etwa eine UUID) senden und bei Wiederholungen denselben.",
    ),
    "idempotency_key_invalid": Kind(
        400, "Idempotency-Key ungültig", "Der Schlüssel hat 1 bis 255 sichtbare ASCII-Zeichen, ohne Leerzeichen."
    ),
    "idempotency_key_reused": Kind(
        422,
        "Idempotency-Key schon verwendet",
        "Unter diesem Schlüssel kam schon eine Anfrage mit anderem Inhalt. Für eine andere Anfrage bitte einen neuen "
        "Schlüssel senden.",
    ),
    "still_running": Kind(
        409,
        "Wird noch bearbeitet",
        "Dieselbe Anfrage wird gerade bearbeitet. Bitte nach der in „Retry-After“ genannten Zeit wiederholen.",
    ),
    "too_many_requests": Kind(
        429,
        "Zu viele Anfragen",
        "Der Zugang hat seine Anfragen je Minute verbraucht. Bitte nach der in „Retry-After“ genannten Zeit "
        "fortfahren.",
    ),
    "already_decided": Kind(
        409,
        "Vorgang schon entschieden",
        "Der Vorgang ist schon entschieden; der Antrag lässt sich nicht mehr zurücknehmen. Bitte bei Fragen die "
        "Behörde unter der Vorgangs-ID ansprechen; gegen einen Bescheid hilft der Rechtsbehelf, den er nennt.",
    ),
    "status_not_allowed": Kind(
        409,
        "Meldung jetzt nicht möglich",
        "Der Vorgang ist nicht in einem Stand, der diese Meldung zulässt. „allowed“ nennt die Status, die jetzt "
        "gemeldet werden können.",
    ),
    "cursor_unknown": Kind(
        400,
        "Unbekannter Cursor",
        "Diesen Cursor hat die Schnittstelle nie vergeben. Bitte den Wert „next“ der letzten Antwort unverändert "
        "senden, oder ohne „after“ von vorn beginnen.",
    ),
    "limit_invalid": Kind(400, "Seitengröße unzulässig", "„limit“ ist eine ganze Zahl von 1 bis 500."),
    "name_invalid": Kind(
        400, "Name unzulässig", "Ein Webhook heißt mit 1 bis 50 Kleinbuchstaben, Ziffern und Bindestrichen."
    ),
    "rotate_invalid": Kind(
        400, "„rotate“ unzulässig", "Mit „?rotate=1“ gibt es ein neues Geheimnis; andere Werte gibt es nicht."
    ),
    "too_many_webhooks": Kind(
        409,
        "Zu viele Webhooks",
        "Der Zugang hat so viele Webhooks, wie er haben darf. Bitte einen vorhandenen ändern oder löschen.",
    ),
    "bad_request": Kind(400, "Anfrage fehlerhaft", "Die Anfrage ist kein gültiges HTTP für diese Schnittstelle."),
    "internal_error": Kind(
        500,
        "Fehler auf unserer Seite",
        "Das hätte nicht geschehen dürfen; es wurde nichts gespeichert. Bitte später mit demselben Idempotency-Key "
        "wiederholen und, wenn es dabei bleibt, den Betrieb verständigen.",
    ),
    "unavailable": Kind(
        503,
        "Vorübergehend nicht erreichbar",
        "Datenbank oder Dateiablage antworten nicht; es wurde nichts gespeichert. Bitte nach der in „Retry-After“ "
        "genannten Zeit mit demselben Idempotency-Key wiederholen.",
    ),
}


class Problem(Exception):
    """A mistake of the caller's: ``code`` of ``KINDS``, where it is, and what is special about it here.

    ``more`` are further members of the answer (RFC 9457, section 3.2).
    """

    def __init__(
        self,
        code: str,
        *,
        errors: Iterable[Finding] = (),
        detail: str = "",
        retry_after: int | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.errors, self.detail, self.retry_after = code, list(errors), detail, retry_after
        self.more = dict(more or {})

    def as_json(self) -> dict[str, Any]:
        """The members of RFC 9457, with ``errors`` (JSON pointer, code, German sentence)."""
        kind = KINDS[self.code]
        return {
            "type": f"/problems/{self.code}",
            "title": kind.title,
            "status": kind.status,
            "detail": self.detail or kind.explanation,
            "errors": [{"pointer": e.path, "code": e.code, "detail": e.message} for e in self.errors],
            **self.more,
        }


def answer(problem: Problem) -> HttpResponse:
    """The HTTP answer that tells ``problem``."""
    content = json.dumps(problem.as_json(), ensure_ascii=False)
    response = HttpResponse(content, status=KINDS[problem.code].status, content_type="application/problem+json")
    response["Cache-Control"] = "no-store"
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    if problem.code == "unauthorized":
        response["WWW-Authenticate"] = 'Bearer realm="Laufmappe"'
    return response


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's exception handler: whatever happened becomes a problem. What is our fault is logged, without content."""
    problem = _problem_of(error)
    if KINDS[problem.code].status >= 500:
        log.error("%s: %s", context["request"].method, where(error))
    return answer(problem)


def _problem_of(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return Problem("unauthorized")
        case exceptions.Throttled():
            return Problem("too_many_requests", retry_after=max(1, int(error.wait or 1)))
        case exceptions.MethodNotAllowed():
            return Problem("method_not_allowed")
        case exceptions.NotAcceptable():
            return Problem("not_acceptable")
        case Http404() | exceptions.NotFound():
            return Problem("not_found")
        case exceptions.APIException():
            return Problem("bad_request")
        case OperationalError() | InterfaceError() | OSError():
            return Problem("unavailable", retry_after=PAUSE)
        case _:
            return Problem("internal_error")
