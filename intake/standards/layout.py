"""The layout of a message: which of its files is the XJustiz message, which are content, which are the carrier's.

Three layouts of court mail occur: the EGVP container (``attachments/`` and technical files around it), the export of
"Mein Justizpostfach" (``Anlagen/`` and ``Technische Dokumente/``), and flat folders (beA export, or just files).
The fourth is our own: an application from a portal, ``submission.json`` and ``portal/<n>/<attachment>``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from intake.envelope import MessageFile
from intake.gates.xml import MAX_XML_BYTES

APPLICATION = "submission.json"
"""The file that an application from a portal is in, as received."""
APPLICATION_DIR = "portal"
"""The folder of its attachments, each in one with its number, so that two may have the same name."""

RESPONSE, WITHDRAWAL = "portal-response.json", "portal-withdrawal.json"
"""The files that an answer or a Rücknahme from a portal is in, as received; attachments lie as an application's."""

RECORD = "erfassung.json"
"""The file of what somebody recorded by hand."""
RECORD_DIR = "erfassung"
"""The folder of its files, each in one with its number."""

CONTENT_DIRS = frozenset({"attachments", "anlagen"})
MACOS_DIR = "__macosx"
"""What macOS adds to every ZIP that it makes."""
TECHNICAL_DIRS = frozenset({"additionals", "project", "certificates", "technische dokumente", MACOS_DIR})
TECHNICAL_NAMES = frozenset(
    {
        "msgprops.xml", "pruefvermerk.xml", "pruefvermerk.pdf", "summarisedinspectionsheet.xml", "inspectionsheet.html",
        "businesscard.html", "message.html", "transfervermerk.html", "message.preferences", "content.preferences",
        "oscicontentdata.osci", "visitenkarte.xml", "visitenkarte.xsl", "nachricht.xml", "nachricht.xsl",
        "herstellerinformation.xml", "xjustiz_nachricht.html", "xjustiz_nachricht.xsl",
    }
)  # fmt: skip
ANYWHERE_TECHNICAL = re.compile(r"^(vhn\.xml(\.(p7s|pkcs7|p7m))?|\.ds_store|thumbs\.db|desktop\.ini)$", re.IGNORECASE)
"""Never content: the Vertrauenswürdiger Herkunftsnachweis is the carrier's, the others are litter of file managers."""
BEA_EXPORT = re.compile(
    r"^\d+(\.xml|_(businesscard|export|message|verificationreport)\.(html|xml|pdf))$", re.IGNORECASE
)

MESSAGE_TEXT = "nachrichtentext.pdf"
"""What newer senders write the text of their message into (in lower case); no XJustiz message names it."""

_SNIFFED_BYTES = 1 << 16
_NAMESPACE = "http://www.xjustiz.de"
_NAMESPACE_SPELLINGS = tuple(_NAMESPACE.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


@dataclass
class Layout:
    """``xjustiz``: candidates for the XJustiz message; ``content``: the sender's files; ``technical``: the rest.

    ``application`` is what a portal sent, ``reply`` what it sent to a Vorgang, ``record`` what somebody recorded by
    hand; then there is no XJustiz message, whatever the other files are called.
    """

    application: MessageFile | None = None
    reply: MessageFile | None = None
    record: MessageFile | None = None
    xjustiz: list[MessageFile] = field(default_factory=list)
    content: list[MessageFile] = field(default_factory=list)
    technical: list[MessageFile] = field(default_factory=list)


def find(files: Sequence[MessageFile]) -> Layout:
    """Sort ``files`` into a Layout; the order of the files is kept.

    The XJustiz message is searched by name (``*xjustiz*.xml``, in any case, as senders number and decorate it),
    else by namespace; a message that is one XML file is taken for one whatever it is called.
    """
    layout = Layout(application=_alone(files, APPLICATION, APPLICATION_DIR), record=_alone(files, RECORD, RECORD_DIR))
    layout.reply = next(filter(None, (_alone(files, name, APPLICATION_DIR) for name in (RESPONSE, WITHDRAWAL))), None)
    main = layout.application or layout.reply or layout.record
    if main:
        layout.content = [file for file in files if file is not main]
        return layout
    has_content_dir = any(top(file.name) in CONTENT_DIRS for file in files)
    for file in files:
        target = layout.content if _is_content(file.name, has_content_dir) else layout.technical
        target.append(file)
    layout.xjustiz = _candidates(layout, files)
    taken = {file.name for file in layout.xjustiz}
    layout.content = [file for file in layout.content if file.name not in taken]
    layout.technical = [file for file in layout.technical if file.name not in taken]
    return layout


def _alone(files: Sequence[MessageFile], name: str, folder: str) -> MessageFile | None:
    """The file ``name``, where the message is laid down by ourselves: all else lies below ``folder``."""
    found = [file for file in files if file.name == name]
    others = [file for file in files if file.name != name]
    is_ours = len(found) == 1 and all(top(file.name) == folder for file in others)
    return found[0] if is_ours else None


def top(name: str) -> str:
    """The first folder of ``name`` in lower case, or "" for a file that lies in none."""
    return name.split("/", 1)[0].lower() if "/" in name else ""


def basename(name: str) -> str:
    """``name`` without its folders."""
    return name.rsplit("/", 1)[-1]


def _is_content(name: str, has_content_dir: bool) -> bool:
    base = basename(name)
    if ANYWHERE_TECHNICAL.match(base):
        return False
    if has_content_dir:
        return top(name) in CONTENT_DIRS
    if top(name) in TECHNICAL_DIRS or BEA_EXPORT.match(base):
        return False
    return "/" in name or base.lower() not in TECHNICAL_NAMES


def _candidates(layout: Layout, files: Sequence[MessageFile]) -> list[MessageFile]:
    if len(files) == 1 and _is_xml(files[0]):
        return list(files)
    outside = [file for file in layout.technical if top(file.name) not in ("additionals", MACOS_DIR)]
    for group in (layout.content, outside):
        named = [file for file in group if _is_xml(file) and "xjustiz" in basename(file.name).lower()]
        if len(named) > 1:
            named = [file for file in named if _mentions_xjustiz(file)] or named[:1]
        if named:
            return named
    return [file for file in layout.content if _is_xml(file) and _mentions_xjustiz(file)]


def _is_xml(file: MessageFile) -> bool:
    return file.name.lower().endswith(".xml")


def _mentions_xjustiz(file: MessageFile) -> bool:
    if file.size > MAX_XML_BYTES:
        return False
    with file.open() as stream:
        head = stream.read(_SNIFFED_BYTES)
    return any(spelling in head for spelling in _NAMESPACE_SPELLINGS)
