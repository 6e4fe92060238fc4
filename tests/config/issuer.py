"""A log-in service for the tests: a real OpenID Connect provider on this machine, with tokens that can be spoiled."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "laufmappe", "geheim-im-test"


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Nothing."""


class Issuer:
    """Discovery, authorisation with PKCE, RS256 tokens, keys and userinfo of one person who is logged in there.

    ``person`` are the claims of userinfo; ``spoil`` changes the claims of the next id tokens, ``signed_by`` another
    key signs them.
    """

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "1", "alg": "RS256", "use": "sig"})
        self.signed_by = self.key
        self.person: dict[str, Any] = {}
        self.spoil: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.methods = ["client_secret_post"]
        self._codes: dict[str, dict[str, str]] = {}
        self._server: WSGIServer = make_server("127.0.0.1", 0, self._answer, handler_class=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}/realms/stadt"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        path = environ["PATH_INFO"].removeprefix("/realms/stadt")
        query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
        if path == "/authorize":
            start("302 Found", [("Location", self._authorize(query))])
            return [b""]
        length = int(environ.get("CONTENT_LENGTH") or 0)
        form = {name: values[0] for name, values in parse_qs(environ["wsgi.input"].read(length).decode()).items()}
        answers = {
            "/.well-known/openid-configuration": self._discovery,
            "/token": lambda: self._token(form, environ.get("HTTP_AUTHORIZATION", "")),
            "/jwks": lambda: {"keys": [self.key.as_dict(private=False)]},
            "/userinfo": lambda: self.person if environ.get("HTTP_AUTHORIZATION") == "Bearer zugang" else None,
        }
        answer = answers[path]() if path in answers else None
        start("200 OK" if answer else "400 Bad Request", [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": self.methods,
        }

    def _authorize(self, query: dict[str, str]) -> str:
        assert query["client_id"] == CLIENT_ID and query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def _token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        asked = self._codes.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        known = form.get("client_secret") == CLIENT_SECRET or authorization == f"Basic {basic}"
        if asked is None or not known or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return None
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "sub": self.person["sub"], "nonce": asked["nonce"]}
        claims = self.spoil(claims | {"iat": now, "exp": now + 300})
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.signed_by)
        return {"access_token": "zugang", "token_type": "Bearer", "id_token": token}
