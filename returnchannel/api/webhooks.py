"""``/api/v1/webhooks/{name}``: where a portal wants to be told of changes."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.utils.http import parse_header_parameters
from rest_framework.request import Request

from audit.acting import Actor, Source
from intake.api.base import ApiView, json_answer, moment, without_body
from intake.api.problems import Problem
from intake.api.uploads import Lingering
from intake.findings import Finding
from intake.gates import Refused, strict_json
from intake.models import ApiClient
from returnchannel import calling, selectors
from returnchannel.actions import webhooks
from returnchannel.models import PublicChange, Webhook

LARGEST = 64 * 1024  # bytes of a body
KINDS = list(PublicChange.Kind.values)
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?")


class Webhooks(ApiView):
    """A webhook of this client. Unknown and others' names are the same 404."""

    kind = ApiClient.Kind.PORTAL

    def get(self, request: Request, name: str) -> HttpResponse:
        """As it is set, without its secret."""
        headers = {"Cache-Control": "private, no-store"}
        return without_body(request, json_answer(_shown(_found(request, name)), headers=headers))

    def put(self, request: Request, name: str) -> HttpResponse:
        """Make it or change it; the secret is told when it is made, and a new one with ``?rotate=1``."""
        if not _NAME.fullmatch(name):
            raise Problem("name_invalid")
        rotate = request.GET.get("rotate")
        if rotate not in (None, "1"):
            raise Problem("rotate_invalid")
        url, kinds = _read(request)
        try:
            kept = webhooks.keep_webhook(
                client=request.auth, name=name, url=url, kinds=kinds, rotate=rotate == "1", by=_actor(request)
            )
        except webhooks.TooMany as error:
            raise Problem("too_many_webhooks") from error
        body = _shown(kept.webhook) | ({"secret": kept.secret} if kept.secret else {})
        headers = {"Cache-Control": "no-store"}
        return json_answer(body, status=201 if kept.is_new else 200, headers=headers)

    def delete(self, request: Request, name: str) -> HttpResponse:
        """Send nothing more to it."""
        webhooks.remove_webhook(webhook=_found(request, name), by=_actor(request))
        return HttpResponse(status=204)

    def handle_exception(self, exc: Exception) -> HttpResponse:
        """Tell the problem so that the sender of a body that was not read sees it too."""
        return Lingering(super().handle_exception(exc), self.request._request)


def _found(request: Request, name: str) -> Webhook:
    webhook = selectors.webhook_of(request.auth, name) if _NAME.fullmatch(name) else None
    if webhook is None:
        raise Problem("not_found")
    return webhook


def _actor(request: Request) -> Actor:
    return Actor(Source.CHANNEL, request.auth.name)


def _shown(webhook: Webhook) -> dict[str, Any]:
    off_at = webhook.switched_off_at
    return {
        "name": webhook.name,
        "url": webhook.url,
        "kinds": webhook.kinds or KINDS,
        "active": webhook.is_active,
        "switched_off_at": moment(off_at) if off_at else None,
        "created_at": moment(webhook.created_at),
    }


def _read(request: Request) -> tuple[str, list[str]]:
    """Address and kinds (none: all) of the body; members that nobody knows are left alone."""
    value = _json(request)
    if not isinstance(value, dict):
        raise _invalid(Finding("not_an_object", "Erwartet wird ein JSON-Objekt mit „url“."))
    findings = [*_wrong_url(value), *_wrong_kinds(value)]
    if findings:
        raise _invalid(*findings)
    return value["url"], value.get("kinds") or []


def _json(request: Request) -> Any:
    kind, parameters = parse_header_parameters(request.headers.get("Content-Type", ""))
    if kind != "application/json" or parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise Problem("unsupported_media_type", detail="Gelesen wird application/json (UTF-8).")
    raw = request._request.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise Problem("too_large", detail=f"Die Anfrage ist größer als {LARGEST // 1024} KB.")
    try:
        return strict_json.read(raw)
    except Refused as refused:
        raise _invalid(refused.finding) from refused


def _wrong_url(value: dict[str, Any]) -> list[Finding]:
    url = value.get("url")
    if not isinstance(url, str):
        code = "missing" if "url" not in value else "not_a_text"
        return [Finding(code, "Bitte in „url“ die Adresse angeben, die benachrichtigt werden soll.", path="/url")]
    try:
        calling.find(calling.parse(url))
    except calling.NotAllowed as refusal:
        return [Finding(refusal.code, str(refusal), path="/url")]
    except calling.Unreachable as trouble:
        return [Finding("url_unknown", str(trouble), path="/url")]
    return []


def _wrong_kinds(value: dict[str, Any]) -> list[Finding]:
    if "kinds" not in value:
        return []
    kinds, known = value["kinds"], ", ".join(KINDS)
    if not isinstance(kinds, list) or not kinds:
        sentence = f"„kinds“ ist eine Liste aus {known}; für alle bitte weglassen."
        return [Finding("kinds_invalid", sentence, path="/kinds")]
    return [
        Finding("kind_unknown", f"Diese Art gibt es nicht; bekannt sind {known}.", path=f"/kinds/{index}")
        for index, kind in enumerate(kinds)
        if kind not in KINDS
    ]


def _invalid(*findings: Finding) -> Problem:
    return Problem("invalid_body", errors=findings, detail=findings[0].message if len(findings) == 1 else "")
