"""Facts: what a message says, independent of the standard and version that it came in."""

from __future__ import annotations

import types
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints


class FilePart(StrEnum):
    """What a file is to its document (GDS.Bestandteiltyp of XJustiz)."""

    ORIGINAL = "original"  # 001
    REPRESENTATION = "representation"  # 002: the same content in another format
    SIGNATURE = "signature"  # 003
    TRANSFER_NOTE = "transfer_note"  # 006
    VERIFICATION = "verification"  # 010 Prüfvermerk, 011 VHN
    EEB_REQUEST = "eeb_request"  # 012 hinlaufendes eEB


@dataclass
class Correspondent:
    """Who sent or receives: name, court or authority code (GDS.Gerichte), SAFE-ID of the mailbox."""

    name: str = ""
    code: str = ""
    safe_id: str = ""


@dataclass
class PartyFacts:
    """A Beteiligter as the message names it. ``role`` is a value of ``cases.models.Party.Role``."""

    role: str = "other"
    role_code: str = ""  # GDS.Rollenbezeichnung, as sent
    kind: str = "person"  # person | organisation
    first_name: str = ""
    last_name: str = ""
    organisation: str = ""
    birth_date: date | None = None
    street: str = ""
    house_number: str = ""
    postcode: str = ""
    city: str = ""
    reference: str = ""  # the party's own Geschäftszeichen
    information_block: bool = False  # Auskunftssperre: the address must not be given out


@dataclass
class FileFacts:
    """One file of a document; ``name`` is the path inside the message, as received."""

    name: str
    part: FilePart = FilePart.ORIGINAL
    version: int = 1
    refers_to: str = ""  # for a signature: the file that it signs


@dataclass
class DocumentFacts:
    """One Schriftstück: its description and the files that belong to it."""

    name: str  # original file name of the leading file, without directories
    role: str = "sonstiges"  # a value of ``cases.models.Document.Role``
    document_id: str = ""  # the sender's id of the document (UUID, lower case)
    number: int = 0
    title: str = ""
    document_date: date | None = None
    eeb_required: bool = False
    files: list[FileFacts] = field(default_factory=list)

    @property
    def versions(self) -> int:
        """How many versions of the document the message holds (signatures do not count)."""
        content = {f.version for f in self.files if f.part in (FilePart.ORIGINAL, FilePart.REPRESENTATION)}
        return max(1, len(content))


@dataclass
class EebReceipt:
    """A returned elektronisches Empfangsbekenntnis (XJustiz 2200007): a date, or why there is none."""

    received_on: date | None = None
    failure_code: str = ""
    failure_reason: str = ""


@dataclass
class Facts:
    """What a message says. Empty values mean "not said"; placeholders ("Ohne", "unbekannt") are empty too.

    ``own_reference`` is the recipient's (ours), ``foreign_reference`` the sender's. ``received_at`` is
    the legal arrival as the carrier recorded it (EGVP: ServerEntryTime), aware, or None when the
    carrier says nothing.
    """

    standard: str = ""  # xjustiz, egvp (a container without XJustiz), …
    version: str = ""
    message_type: str = ""  # 0005005, 0005006, 2200007
    message_id: str = ""
    reply_to: str = ""  # the message id that this one answers (fremdeNachrichtenID)
    sender: Correspondent = field(default_factory=Correspondent)
    recipient: Correspondent = field(default_factory=Correspondent)
    subject: str = ""
    text: str = ""
    own_reference: str = ""
    foreign_reference: str = ""
    further_own_references: list[str] = field(default_factory=list)  # XJustiz up to 3.5 may name several of ours
    court_code: str = ""  # the court of the proceedings
    court_reference: str = ""  # its Aktenzeichen
    case_id: str = ""  # a Vorgangs-ID found in subject, references or text, in canonical form
    service: str = ""  # slug of the Leistung, where the message names one
    created_at: datetime | None = None
    received_at: datetime | None = None
    urgent: bool = False
    eeb_required: bool = False
    eeb: EebReceipt | None = None
    origin: str = ""  # proof of origin, e.g. VHN_beBPo_valid
    origin_text: str = ""
    confidential: bool = False
    part_number: int = 0  # a message in several parts: number, of how many, of which process
    part_count: int = 0
    process_id: str = ""
    parties: list[PartyFacts] = field(default_factory=list)
    documents: list[DocumentFacts] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The Facts as plain JSON values (dates and times in ISO 8601)."""
        return _to_json(asdict(self))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Facts:
        """The Facts that ``as_json`` wrote, maybe another version's: keys that no longer exist are passed over."""
        return _from_json(cls, data)


_PLAIN = (str, int, bool)


def _to_json(value: Any) -> Any:
    match value:
        case dict():
            return {key: _to_json(item) for key, item in value.items()}
        case list():
            return [_to_json(item) for item in value]
        case datetime() | date():
            return value.isoformat()
        case _:
            return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    """The fields of a dataclass with their types."""
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in fields(kind)}


def _from_json(hint: Any, value: Any) -> Any:
    """Build a value of the type ``hint`` from its JSON form, guided by the dataclasses' own hints."""
    if value is None or hint in _PLAIN:
        return value
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        hint = next(arg for arg in get_args(hint) if arg is not type(None))
        origin = get_origin(hint)
    if origin is list:
        return [_from_json(get_args(hint)[0], item) for item in value]
    if not isinstance(hint, type):
        return value
    if is_dataclass(hint):
        hints = _hints(hint)
        return hint(**{key: _from_json(hints[key], item) for key, item in value.items() if key in hints})
    if hint is datetime or hint is date:
        return hint.fromisoformat(value)
    if issubclass(hint, StrEnum):
        return hint(value)
    return value
