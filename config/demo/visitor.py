"""The portal at which a visitor of the demonstration plays the citizen: its address and token lie below DATA_DIR."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from django.conf import settings

from audit.acting import SYSTEM
from intake.actions import make_client
from intake.models import ApiClient

NAME = "Bürgerportal zum Ausprobieren"
COMMAND = "uv run python -m tests.portal"


def admit(*, port: int) -> Path:
    """Let the visitor's portal in, once, and write its address and token to a file that only its owner reads."""
    path = Path(settings.DATA_DIR) / "demo" / "portal.json"
    token = _token(path) or _new_token()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"url": f"http://127.0.0.1:{port}", "token": token}, file)
    return path


def _token(path: Path) -> str | None:
    """The token in the file, if it is still worth something."""
    if not path.exists():
        return None
    token = json.loads(path.read_text())["token"]
    sha256 = hashlib.sha256(token.encode()).hexdigest()
    return token if ApiClient.objects.filter(token_hash=sha256, is_active=True).exists() else None


def _new_token() -> str:
    earlier = ApiClient.objects.filter(name__startswith=NAME).count()
    name = f"{NAME} {earlier + 1}" if earlier else NAME
    return make_client(name=name, kind=ApiClient.Kind.PORTAL, services=[], by=SYSTEM)[1]
