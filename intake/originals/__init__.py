"""What arrived, as numbered lines of text that people can read beside the forms: XML, JSON, e-mails, plain text.

Nothing foreign is rendered, carried out or fetched: XML goes through the gate's parser and is written out again as
text, an e-mail is shown as its reader decodes it, HTML is not shown at all. The places of findings are marked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from intake.envelope import MessageFile
from intake.findings import Finding
from intake.originals import json_lines, mail_lines, xml_lines
from intake.originals.lines import Found, Line, raw_lines
from intake.standards import mail

MAX_BYTES = 5 * 1024 * 1024
"""The largest file that is shown as text."""
MAX_LINES, MAX_CHARS, MAX_LINE = 5000, 1_000_000, 2000
"""How many lines and characters are shown, and how many characters of one line."""
AROUND = 5
"""So many lines before and after a marked one are shown of what is too long."""

XML, JSON, MAIL, TEXT, MEDIA, NONE = "xml", "json", "mail", "text", "media", ""
_BY_ENDING = {
    "xml": XML, "json": JSON, "eml": MAIL, "txt": TEXT, "csv": TEXT, "pdf": MEDIA, "png": MEDIA, "jpg": MEDIA,
    "jpeg": MEDIA,
}  # fmt: skip
LABELS = {XML: "XML", JSON: "JSON", MAIL: "E-Mail", TEXT: "Text"}


@dataclass(frozen=True)
class Place:
    """A finding with its number among those of the file, and the line that it is about (None: none in this file)."""

    number: int
    finding: Finding
    line: int | None


@dataclass(frozen=True)
class Shown:
    """A line as it is shown, and the findings that it is about."""

    number: int
    text: str
    notes: list[Place]


@dataclass(frozen=True)
class Original:
    """A file as text: its lines (``number`` skips what is left out), what to know about them, where the findings are.

    ``too_large`` when nothing can be shown for its size.
    """

    kind: str
    lines: list[Shown] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    too_large: bool = False

    @property
    def label(self) -> str:
        """What it is, in a word."""
        return LABELS[self.kind]


def kind_of(name: str) -> str:
    """How a file with this name can be shown: as text (``xml``, ``json``, ``mail``, ``text``), as ``media`` by the
    browser when its bytes are what they should be, or not at all ("").
    """
    _, dot, ending = name.rpartition(".")
    return _BY_ENDING.get(ending.lower(), NONE) if dot else NONE


def read(file: MessageFile, findings: Sequence[Finding] = ()) -> Original:
    """The ``file`` as text, with the places of ``findings`` marked. ValueError for one that is not shown as text.

    Never raises for content: what cannot be read by its kind is shown line by line as it stands there.
    """
    kind = kind_of(file.name)
    if kind not in LABELS:
        raise ValueError(f"{file.name!r} is not shown as text")
    if file.size > MAX_BYTES and kind != JSON:  # of a JSON the attachments in it do not count
        return Original(kind, too_large=True)
    match kind:
        case "xml":
            found = xml_lines.read(file, findings)
        case "json":
            found = json_lines.read(file, findings, MAX_BYTES)
        case "mail":
            found = mail_lines.read(mail.open_mail(file))
        case _:
            found = raw_lines(file.read())
    if found is None:
        return Original(kind, too_large=True)
    return _marked(kind, found, findings)


def _marked(kind: str, found: Found, findings: Sequence[Finding]) -> Original:
    lines = found.lines
    places = [Place(index + 1, finding, found.places.get(index)) for index, finding in enumerate(findings)]
    notes: dict[int, list[Place]] = {}
    for place in places:
        if place.line:
            notes.setdefault(place.line, []).append(place)
    shown = _cut(lines, notes)
    remarks = list(found.remarks)
    if len(shown) < len(lines):
        remarks.append(
            f"Die Datei ist lang: Gezeigt sind ihr Anfang und die Stellen der Befunde, {len(shown)} von {len(lines)} "
            "Zeilen. Die ganze Datei lässt sich herunterladen."
        )
    shown_lines = [Shown(line.number, _visible(line.text), notes.get(line.number, [])) for line in shown]
    return Original(kind, shown_lines, remarks, places)


def _cut(lines: list[Line], notes: dict[int, list[Place]]) -> list[Line]:
    near = {number + step for number in notes for step in range(-AROUND, AROUND + 1)}
    shown, chars = [], 0
    for index, line in enumerate(lines):
        chars += min(len(line.text), MAX_LINE)
        if (index < MAX_LINES and chars <= MAX_CHARS) or line.number in near:
            shown.append(line)
    return shown


def _visible(text: str) -> str:
    """The line cut to ``MAX_LINE``; what would be invisible, or turn the direction of writing, is spelled out."""
    if len(text) > MAX_LINE:
        text = f"{text[:MAX_LINE]} … ({len(text) - MAX_LINE} Zeichen mehr)"
    if not text.isprintable():
        text = "".join(_spelled(char) for char in text)
    return text


def _spelled(char: str) -> str:
    if char.isprintable() or char in "\t\xa0" or unicodedata.category(char) == "Zs":
        return char
    return f"⟨U+{ord(char):04X}⟩"
