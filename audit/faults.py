"""What to write into the log about something that went wrong."""

from __future__ import annotations

import traceback
from pathlib import Path

from django.conf import settings


def where(error: Exception) -> str:
    """What went wrong and where, for the log: never the message, in which databases quote whole rows."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if f.filename.startswith(str(settings.BASE_DIR)) and "site-packages" not in f.filename]
    places = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed((ours or list(frames))[-4:]))
    code = getattr(error.__cause__, "sqlstate", None)
    return f"{type(error).__name__}{f' {code}' if code else ''} in {places}"
