"""How one sample message is declared: who writes, about what, with which papers, and what should become of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Literal

from config.demo.senders import Sender
from config.demo.xjustiz import DOCUMENTS, Party

Expected = Literal["filed", "exception", "duplicate"]
Form = Literal["folder", "zip", "xml"]
Quote = Literal["", "own", "swapped", "subject", "subject_plain", "subject_lower", "subject_lower_plain"]
Files = dict[str, bytes]

ZONE = timezone(timedelta(hours=1))

# GDS.Rollenbezeichnung and GDS.Dokumentklasse, as far as the samples use them
CLAIMANT, DEFENDANT, APPLICANT, RESPONDENT, AFFECTED, SUMMONED = "101", "028", "016", "015", "040", "025"
CLAIM, ENCLOSURE, JUDGMENT, DECISION, ORDER, MINUTES, EXPERTISE = "003", "005", "006", "007", "008", "010", "013"
WRITING, NOTICE = "015", "017"


@dataclass(frozen=True)
class Letter:
    """One document of a message. ``author`` is the letterhead, by default the sender's."""

    file: str
    title: str
    document_class: str
    paragraphs: tuple[str, ...]
    author: str = ""
    closing: str = ""
    signed: bool = False
    days_before: int = 1


@dataclass(frozen=True)
class Sample:
    """A sample message, and what the pipeline is expected to make of it.

    ``own`` is our reference as the sender writes it, ``quote`` where the Vorgang named in ``joins`` is
    quoted (its Aktenzeichen as own reference, or its Vorgangs-ID in the subject, in several spellings;
    ``swapped`` puts the Aktenzeichen of both sides into the wrong fields).
    ``repeats`` sends another sample again, with the same or a new message id (``new_id``). ``attachments``
    spoils the attachments, ``container`` the files of the container, ``pack`` the ZIP.
    """

    key: str
    arrived: str
    sender: Sender
    reference: str | None
    subject: str
    about: str
    letters: tuple[Letter, ...] = ()
    own: str | None = None
    rubrum: str = ""
    parties: tuple[Party, ...] = ()
    version: str = "3.5.1"
    kind: str = DOCUMENTS
    urgent: bool = False
    eeb: bool = False
    eeb_days: int | None = None
    failure: tuple[str, str] | None = None
    form: Form = "folder"
    old_client: bool = False
    text: str = ""
    carrier_subject: str | None = None
    team: str = ""
    joins: str = ""
    quote: Quote = ""
    repeats: str = ""
    new_id: bool = False
    expected: Expected = "filed"
    expected_reason: str = ""
    hints: tuple[str, ...] = ()
    schema_valid: bool = True
    attachments: Callable[[Files], Files] | None = field(default=None, repr=False)
    container: Callable[[Files], Files] | None = field(default=None, repr=False)
    pack: Callable[[Files], bytes] | None = field(default=None, repr=False)

    @property
    def moment(self) -> datetime:
        """When the message reached the server (ServerEntryTime)."""
        return datetime.fromisoformat(self.arrived).replace(tzinfo=ZONE)


def person(role: str, first: str, last: str, *address: str) -> Party:
    """A person as Beteiligter; the address is street, number, postcode, city."""
    return Party(role, last, first, address=address if address else None)  # type: ignore[arg-type]


def town(role: str = DEFENDANT) -> Party:
    """The town itself as Beteiligter."""
    return Party(role, organisation="Stadt Musterhausen", address=("Rathausplatz", "1", "59999", "Musterhausen"))


def court_letter(file: str, title: str, *paragraphs: str, kind: str = ORDER, closing: str = "", **more) -> Letter:
    """A letter of the sender to the town."""
    return Letter(file, title, kind, paragraphs, closing=closing or "Auf Anordnung\n\nGeschäftsstelle", **more)


def claim(file: str, title: str, author: str, *paragraphs: str, kind: str = CLAIM, **more) -> Letter:
    """A pleading that the court passes on; ``author`` wrote it."""
    name = author.split("\n")[0]
    return Letter(file, title, kind, paragraphs, author=author, closing=f"Mit freundlichen Grüßen\n\n{name}", **more)


def enclosure(file: str, title: str, author: str, *paragraphs: str) -> Letter:
    """An Anlage to one of the other documents."""
    return Letter(file, title, ENCLOSURE, paragraphs, author=author)
