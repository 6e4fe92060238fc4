"""What stands in a letter. All of it is plain text: no character of it has a meaning for the typesetting.

A ``Letter`` that may not exist cannot be made: a Bescheid without Rechtsbehelfsbelehrung (§ 58 VwGO), a letter to
nobody, a letter without a Vorgangs-ID. Each refusal is a ``LetterRefused`` with a German sentence that says what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.conf import settings

from cases import numbers
from cases.letters.characters import is_blank


class LetterRefused(ValueError):
    """The letter must not exist as it is; the message is a German sentence that says what to do."""


class Kind(StrEnum):
    """What a letter is."""

    INFORMATION_REQUEST = "information_request"
    NOTICE = "notice"
    DECISION = "decision"
    RECEIPT = "receipt"
    NOTE = "note"

    @property
    def label(self) -> str:
        """The German name, e.g. ``Bescheid``."""
        return _LABELS[self]


_LABELS = {
    Kind.INFORMATION_REQUEST: "Nachforderung",
    Kind.NOTICE: "Mitteilung",
    Kind.DECISION: "Bescheid",
    Kind.RECEIPT: "Eingangsbestätigung",
    Kind.NOTE: "Aktenvermerk",
}


@dataclass(frozen=True)
class Letterhead:
    """Who writes. What is empty is left out of the letter."""

    authority: str
    unit: str = ""
    street: str = ""
    city: str = ""
    """Postcode and city, e.g. ``12345 Musterhausen``."""
    telephone: str = ""
    email: str = ""
    website: str = ""
    contact: str = ""
    """Who answers questions (Auskunft erteilt)."""
    opening_hours: str = ""

    def __post_init__(self) -> None:
        if is_blank(self.authority):
            raise LetterRefused("Dem Briefkopf fehlt der Name der Behörde; bitte AUTHORITY_NAME setzen.")

    @classmethod
    def configured(cls, *, unit: str = "", contact: str = "", telephone: str = "", email: str = "") -> Letterhead:
        """The letterhead of the settings ``AUTHORITY_*``.

        ``unit``: the name of the Organisationseinheit; ``contact``: who answers questions; ``telephone`` and ``email``
        of that person or unit come before those of the authority.
        """
        street, _, city = settings.AUTHORITY_ADDRESS.rpartition(",")
        return cls(
            authority=settings.AUTHORITY_NAME,
            unit=unit,
            street=street.strip(),
            city=city.strip(),
            telephone=telephone or settings.AUTHORITY_PHONE,
            email=email or settings.AUTHORITY_EMAIL,
            website=settings.AUTHORITY_WEBSITE,
            contact=contact,
            opening_hours=settings.AUTHORITY_OPENING_HOURS,
        )


@dataclass(frozen=True)
class Recipient:
    """To whom. ``names``: one to four lines, e.g. ``("Frau", "Erika Mustermann")``; ``country``: only abroad."""

    names: tuple[str, ...]
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""

    def __post_init__(self) -> None:
        if all(is_blank(name) for name in self.names):
            raise LetterRefused("Der Anschrift fehlt der Name; bitte eintragen, an wen das Schreiben geht.")

    @property
    def can_be_posted(self) -> bool:
        """Whether the address is enough for the post; without it a letter can only be sent electronically."""
        return not is_blank(self.postcode) and not is_blank(self.city)


@dataclass(frozen=True)
class Signatory:
    """Who signs. ``name``: e.g. ``Sabine Sommer``; ``on_behalf``: the line above it, may be empty."""

    name: str
    on_behalf: str = "Im Auftrag"


@dataclass(frozen=True)
class Text:
    """Running text as it was typed: line breaks and blank lines are kept."""

    text: str


@dataclass(frozen=True)
class Heading:
    """A heading within the letter."""

    text: str


@dataclass(frozen=True)
class Item:
    """An entry of a list: what is wanted, and what is to be known about it."""

    title: str
    note: str = ""


@dataclass(frozen=True)
class Items:
    """A numbered list."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Facts:
    """Rows of (what, value), e.g. ``("Wohngeld im Monat", "312,00 €")``."""

    rows: tuple[tuple[str, str], ...]
    columns: tuple[str, str] = ("Angabe", "Inhalt")


Block = Text | Heading | Items | Facts


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One letter. Raises LetterRefused (with a German sentence) where it must not exist; see the module."""

    kind: Kind
    letterhead: Letterhead
    recipient: Recipient | None
    """Who receives the post; None only for an Aktenvermerk, which stays in the file."""
    subject: str
    date: date
    public_id: str
    """The Vorgangs-ID in canonical form."""
    file_reference: str = ""
    foreign_reference: str = ""
    """The recipient's own reference (Ihr Zeichen)."""
    salutation: str = ""
    """Empty: ``Guten Tag,``; an Aktenvermerk has none."""
    blocks: tuple[Block, ...] = ()
    due_date: date | None = None
    """Until when an answer is expected, printed as a fixed date; never in a Bescheid."""
    remedy_notice: str = ""
    """The Rechtsbehelfsbelehrung of a Bescheid."""
    signatory: Signatory | None = None
    enclosures: tuple[str, ...] = ()
    draft: bool = False

    def __post_init__(self) -> None:
        for refused, sentence in (
            (is_blank(self.subject), "Dem Schreiben fehlt der Betreff; bitte eintragen, worum es geht."),
            (
                numbers.normalise(self.public_id) != self.public_id,
                f"„{self.public_id}“ ist keine Vorgangs-ID; ohne sie verlässt kein Schreiben das Haus.",
            ),
            (
                self.recipient is None and self.kind is not Kind.NOTE,
                f"Dem Schreiben ({self.kind.label}) fehlt die Anschrift; bitte eine beteiligte Person "
                "auswählen, die die Post bekommt.",
            ),
            (
                self.due_date is not None and self.due_date <= self.date,
                "Die Frist endet nicht nach dem Datum des Schreibens; bitte ein späteres Fristende wählen.",
            ),
        ):
            if refused:
                raise LetterRefused(sentence)
        if self.kind is Kind.DECISION:
            self._refuse_incomplete_decision()
        elif not is_blank(self.remedy_notice):
            raise LetterRefused(
                f"Eine Rechtsbehelfsbelehrung gehört nur in einen Bescheid, nicht in eine {self.kind.label}."
                if self.kind is not Kind.NOTE
                else "Eine Rechtsbehelfsbelehrung gehört nur in einen Bescheid, nicht in einen Aktenvermerk."
            )

    def _refuse_incomplete_decision(self) -> None:
        """§ 58 VwGO, § 37 III VwVfG (§ 33 III SGB X); and no computed end of a remedy is printed."""
        if is_blank(self.remedy_notice):
            raise LetterRefused("Ein Bescheid braucht eine Rechtsbehelfsbelehrung; bitte ihren Text ergänzen.")
        if self.signatory is None or is_blank(self.signatory.name):
            raise LetterRefused("Ein Bescheid braucht den Namen der Person, die ihn unterschreibt; bitte ergänzen.")
        if self.due_date is not None:
            raise LetterRefused(
                "In einen Bescheid wird kein berechnetes Fristende gedruckt; die Frist steht in der "
                "Rechtsbehelfsbelehrung in Worten."
            )
