"""How a Vorgang is put before people: its documents with what belongs below them, its data as rows, its four steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from audit.registries import TimelineEntry
from cases import marks, selectors
from cases.models import Case, Dispatch, Document, DocumentFile, Pause, User

TO_BE_SENT = "liegt bereit zum Versand"
LEADING = (DocumentFile.Part.ORIGINAL, DocumentFile.Part.REPRESENTATION)


@dataclass(frozen=True)
class DocumentRow:
    """A document, the files that carry its content (newest version first), and those that say something about them.

    ``is_own``: this authority has written it.
    """

    document: Document
    files: list[DocumentFile]
    attached: list[DocumentFile]
    has_versions: bool
    is_own: bool


@dataclass(frozen=True)
class Step:
    """One of the four states on the way of a Vorgang."""

    label: str
    is_current: bool


def way_of(letters: Iterable[Dispatch]) -> str:
    """Where letters that were just written are, as the end of a sentence: to be posted, or in the portal."""
    sent = {row.state == Dispatch.State.SENT for row in letters}
    if sent == {True}:
        return "ist im Portal bereitgestellt"
    return "ist im Portal bereitgestellt und liegt für die übrigen bereit zum Versand" if True in sent else TO_BE_SENT


def foreign_references(held: Iterable[dict[str, str]]) -> list[tuple[str, list[str]]]:
    """Each foreign reference once, with who uses it (a SAFE-ID says nothing to people when a code is known).

    ``held``: ``{"reference", "holder"}`` in order, as ``selectors.case_with_marks`` gives them.
    """
    found: dict[str, list[str]] = {}
    for item in held:
        holders = found.setdefault(item["reference"], [])
        if item["holder"] and not (holders and item["holder"].startswith("DE.")):
            holders.append(item["holder"])
    return list(found.items())


def pauses(spans: Iterable[dict[str, str]]) -> list[Pause]:
    """The pauses of the service clock, unsaved, from what ``selectors.case_with_marks`` gives."""
    return [
        Pause(
            starts_on=date.fromisoformat(span["starts_on"]),
            ends_on=date.fromisoformat(span["ends_on"]) if span["ends_on"] else None,
            cause=span["cause"],
        )
        for span in spans
    ]


SOURCES = {"user": "Personen", "rule": "Regeln", "channel": "Eingangskanäle", "system": "Laufmappe selbst"}


def sources_of(entries: Iterable[TimelineEntry]) -> list[tuple[str, str]]:
    """Who has done something in a timeline, as (source, name), for narrowing it."""
    found = {entry.source for entry in entries}
    return [(source, name) for source, name in SOURCES.items() if source in found]


def document_rows(case: Case) -> list[DocumentRow]:
    """The documents of a Vorgang in order (one query)."""
    rows = []
    for document, files in selectors.filed_documents(case):
        leading = [file for file in files if file.part in LEADING]
        attached = [file for file in files if file.part not in LEADING]
        has_versions = len({file.version for file in leading}) > 1
        rows.append(DocumentRow(document, leading, attached, has_versions, hasattr(document, "dispatch")))
    return rows


def shown_beside(case: Case) -> list[tuple[Document, DocumentFile]]:
    """The documents that can be shown beside a form, each with its newest file (one query).

    What is infected is not given out, and what is held back is asked about on a page of its own.
    """
    found = []
    for document, files in selectors.filed_documents(case):
        leading = [file for file in files if file.part in LEADING and not _is_withheld(file)]
        if leading:
            found.append((document, leading[0]))
    return found


def _is_withheld(file: DocumentFile) -> bool:
    known = file.blob.known
    return bool(known and known.is_infected) or marks.is_held_back(file.blob, file.file_name)


def actor_names(entries: list[TimelineEntry]) -> list[TimelineEntry]:
    """The timeline with people under their names (the history keeps user names, which survive them)."""
    wanted = {entry.actor for entry in entries if entry.source == "user"}
    people = {user.username: str(user) for user in User.objects.filter(username__in=wanted)} if wanted else {}
    return [replace(entry, actor=people.get(entry.actor, entry.actor)) for entry in entries]


def steps(case: Case) -> list[Step]:
    """The four states, with the one that the Vorgang is in."""
    return [Step(label, value == case.status) for value, label in Case.Status.choices]


class DataRow(NamedTuple):
    """A value of structured data under its label; ``pointer`` (RFC 6901) says where it stands."""

    label: str
    value: str
    pointer: str = ""


def remarked(rows: Iterable[DataRow], remarks: Iterable[tuple[str, str]]) -> list[tuple[str, str, list[str]]]:
    """(label, value, remarks) of each row: what is remarked of it or of all that it is part of.

    ``remarks`` are (pointer, sentence). What is remarked of a value that is not there stands at the end.
    """
    left = list(remarks)
    found = []
    for row in rows:
        mine = [each for each in left if row.pointer == each[0] or row.pointer.startswith(f"{each[0]}/")]
        left = [each for each in left if each not in mine]
        found.append((row.label, row.value, [sentence for _, sentence in mine]))
    return [*found, *((pointer.strip("/").replace("/", " › "), "fehlt", [said]) for pointer, said in left)]


def data_rows(data: Any, schema: dict[str, Any] | None = None, label: str = "", pointer: str = "") -> Iterator[DataRow]:
    """Structured data as rows; labels and order are those of the Leistung's schema where it has some."""
    schema = schema or {}
    if isinstance(data, dict):
        properties = schema.get("properties", {})
        order = schema.get("x-order") or list(properties)
        for key in sorted(data, key=lambda name: _place(order, name)):
            inner = properties.get(key, {})
            title = inner.get("title") or key
            step = key.replace("~", "~0").replace("/", "~1")
            yield from data_rows(data[key], inner, f"{label} › {title}" if label else title, f"{pointer}/{step}")
    elif isinstance(data, list):
        for index, value in enumerate(data, 1):
            yield from data_rows(value, schema.get("items"), f"{label} {index}", f"{pointer}/{index - 1}")
    elif data is not None and data != "":
        yield DataRow(label, _in_words(data, schema), pointer)


def _day(text: str) -> str:
    try:
        return f"{date.fromisoformat(text):%d.%m.%Y}"
    except ValueError:  # what is no date is shown as it came
        return text


def _place(order: list[str], name: str) -> tuple[int, str]:
    """Where a field stands: as declared, undeclared ones behind, by name."""
    return (order.index(name) if name in order else len(order), name)


def _in_words(value: Any, schema: dict[str, Any]) -> str:
    """A value as people write it; ``x-titles`` of a schema says what its codes mean."""
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, str) and schema.get("format") == "date":
        return _day(value)
    if isinstance(value, str) and value in schema.get("x-titles", {}):
        return schema["x-titles"][value]
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)
