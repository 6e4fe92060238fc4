"""The gate for file names: what is wrong with a name, and how to show it.

Names in a message are data, never paths: content is stored under its hash, and the name is only shown
and compared. *Dangerous* names could leave the folder of whoever unpacks them, so an archive that holds
one is refused as a whole. *Odd* names are common in real mail (the ERVB demand at most 90 letters,
digits, ``_`` and ``-``, and hardly anybody keeps to it): the file is kept and a hint is given.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from intake.findings import Finding, Severity

MAX_NAME_BYTES = 255
"""The longest name (each path component, in bytes of UTF-8) that file systems take."""
MAX_SHOWN = 255
"""How many characters of a name are shown in sentences."""

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_DRIVE = re.compile(r"^[A-Za-z]:")
_RESERVED = re.compile(r"^(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(\..*)?$", re.IGNORECASE)


class NameProblem(StrEnum):
    """What is wrong with a file name; the value is part of the finding's code."""

    NUL = "nul"
    ABSOLUTE = "absolute"
    PARENT = "parent"
    BACKSLASH = "backslash"
    DRIVE = "drive"
    EMPTY = "empty"
    CONTROL = "control"
    BIDI = "bidi"
    NOT_UTF8 = "not_utf8"
    TOO_LONG = "too_long"
    RESERVED = "reserved"

    @property
    def is_dangerous(self) -> bool:
        """True when an archive with such a name must not be opened."""
        return self in _DANGEROUS


_DANGEROUS = frozenset(
    {
        NameProblem.NUL,
        NameProblem.ABSOLUTE,
        NameProblem.PARENT,
        NameProblem.BACKSLASH,
        NameProblem.DRIVE,
        NameProblem.EMPTY,
    }
)

_GERMAN = {
    NameProblem.NUL: "enthält ein NUL-Zeichen",
    NameProblem.ABSOLUTE: "ist ein absoluter Pfad",
    NameProblem.PARENT: "führt mit „..“ aus dem Ordner hinaus",
    NameProblem.BACKSLASH: "enthält einen umgekehrten Schrägstrich",
    NameProblem.DRIVE: "beginnt mit einem Laufwerksbuchstaben",
    NameProblem.EMPTY: "ist leer",
    NameProblem.CONTROL: "enthält Steuerzeichen",
    NameProblem.BIDI: "enthält unsichtbare Zeichen, die die Schreibrichtung umkehren und die Endung verbergen können",
    NameProblem.NOT_UTF8: "ist nicht in UTF-8 geschrieben",
    NameProblem.TOO_LONG: f"ist länger als {MAX_NAME_BYTES} Byte",
    NameProblem.RESERVED: "ist unter Windows reserviert",
}


def classify(name: str) -> NameProblem | None:
    """The worst problem of ``name`` (a path inside a message, parts joined by ``/``), or None.

    Dangerous problems are found before odd ones.
    """
    return _dangerous(name) or _odd(name)


def _dangerous(name: str) -> NameProblem | None:
    parts = name.split("/")
    if "\0" in name:
        return NameProblem.NUL
    if not name.strip(" /."):
        return NameProblem.PARENT if ".." in parts else NameProblem.EMPTY
    if name.startswith("/"):
        return NameProblem.ABSOLUTE
    if _DRIVE.match(name):
        return NameProblem.DRIVE
    if "\\" in name:
        return NameProblem.BACKSLASH
    return NameProblem.PARENT if ".." in parts else None


def _odd(name: str) -> NameProblem | None:
    if any(0xDC80 <= ord(char) <= 0xDCFF for char in name):
        return NameProblem.NOT_UTF8
    if _BIDI.search(name):
        return NameProblem.BIDI
    if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in name):
        return NameProblem.CONTROL
    if any(len(part.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES for part in name.split("/")):
        return NameProblem.TOO_LONG
    return NameProblem.RESERVED if any(_RESERVED.match(part.rstrip(" .")) for part in name.split("/")) else None


def finding(name: str, problem: NameProblem) -> Finding:
    """The hint for an odd (or, outside archives, dangerous) ``name`` whose file is kept."""
    return Finding(
        code="filename_odd",
        message=f"Der Dateiname „{display(name)}“ {_GERMAN[problem]}. Die Datei wurde unverändert übernommen; "
        "bitte vor dem Öffnen prüfen.",
        severity=Severity.HINT,
        path=display(name),
        value=problem.value,
    )


def german(problem: NameProblem) -> str:
    """The German predicate for ``problem``, to be continued after the name."""
    return _GERMAN[problem]


def display(name: str) -> str:
    """``name`` as it can be shown and stored: control, direction and undecodable characters made visible, and cut to
    ``MAX_SHOWN`` characters."""
    shown = "".join(_visible(char) for char in name[:MAX_SHOWN])
    return shown if len(name) <= MAX_SHOWN else f"{shown}…"


def storable(name: str) -> str:
    """``name`` from a file system as valid Unicode.

    A name whose bytes are not UTF-8 is read as Windows-1252, the encoding that German systems wrote before
    UTF-8 (so that „Klage ü.pdf“ matches its mention in the message); bytes that are not even that are
    written out as ``\\xNN``.
    """
    if not any(0xD800 <= ord(char) <= 0xDFFF for char in name):
        return name
    raw = name.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "backslashreplace")


def key(name: str) -> str:
    """The form in which two names count as the same: NFC, without regard to case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _visible(char: str) -> str:
    if _BIDI.match(char) or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp"):
        return f"\\u{ord(char):04x}"
    return char
