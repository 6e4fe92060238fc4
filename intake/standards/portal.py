"""Reader for the standard ``portal``: an application that came by the REST interface, against its Leistung.

What is missing or of the wrong type blocks (a person has to look); what only looks odd is a hint. No sentence quotes a
value: these are person data.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from io import UnsupportedOperation
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry

from intake.envelope import MessageFile
from intake.facts import DocumentFacts, Facts, FileFacts
from intake.findings import Finding, Severity
from intake.gates.strict_json import Buffer, step
from intake.standards import application as applications
from intake.standards.application import Application, Entry
from intake.standards.layout import Layout, basename

STANDARD = "portal"
MAX_FINDINGS = 10
"""How many findings of one kind are spelled out; the rest is counted in one more."""
_LOOKED_AT = 1000  # errors of one application, at most
_ROLES = frozenset(
    {"antrag", "anlage", "nachweis", "schreiben", "widerspruch", "bescheid", "gutachten", "kosten", "sonstiges"}
)  # values of ``cases.models.Document.Role`` that an applicant's paper can have
_FORMS = {
    "date": "ein Datum wie 2026-11-24",
    "date-time": "ein Zeitpunkt wie 2026-11-24T09:12:33+01:00",
    "email": "eine E-Mail-Adresse wie name@example.org",
    "uri": "eine Internetadresse",
}
"""What the formats of JSON Schema look like."""


def read(layout: Layout) -> tuple[Application, Facts]:
    """The application in ``layout`` and what it says by itself: Leistung, data, reference, documents.

    Raises ``intake.gates.Refused`` or ``Unreadable`` for what is none.
    """
    application, _ = applications.read(buffer(layout.application))
    facts = Facts(
        standard=STANDARD,
        service=application.service,
        subject=application.service,
        foreign_reference=application.sender_reference,
        data=application.data,
        documents=documents(application.attachments, layout.content),
    )
    return application, facts


def unknown_members(application: Application, schema: dict[str, Any]) -> list[Finding]:
    """A hint for each member that neither the interface nor the Leistung knows; they are kept all the same."""
    return unknown([*application.unknown, *_undeclared(application.data, schema, "/data")])


def unknown(pointers: Sequence[str]) -> list[Finding]:
    """A hint for each member (by JSON pointer) that nobody knows."""
    return _limited([_unknown(pointer) for pointer in pointers], "unknown_member", Severity.HINT)


def data_findings(data: dict[str, Any], schema: dict[str, Any]) -> list[Finding]:
    """What is wrong with the data by the Leistung's JSON Schema; required members and types block."""
    validator = Draft202012Validator(schema, registry=Registry(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    errors = sorted(islice(validator.iter_errors(data), _LOOKED_AT), key=lambda e: [str(p) for p in e.absolute_path])
    findings = [finding for error in errors for finding in _findings(error, schema)]
    hard = [finding for finding in findings if finding.is_blocking]
    soft = [finding for finding in findings if not finding.is_blocking]
    return [*_limited(hard, "data_invalid", Severity.BLOCKING), *_limited(soft, "data_odd", Severity.HINT)]


def service_unknown() -> Finding:
    """Nobody knows the Leistung that the application names."""
    return Finding(
        "service_unknown",
        "Der Antrag nennt eine Leistung, die es hier nicht gibt. Bitte mit der richtigen Leistung einen Vorgang "
        "eröffnen und das Portal auf die falsche Bezeichnung hinweisen.",
        path="/service",
    )


def buffer(file: MessageFile) -> Buffer:
    """The bytes of a file, where they lie on disk not in memory."""
    with file.open() as stream:
        try:
            return memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
        except (UnsupportedOperation, ValueError):  # no file on disk, or an empty one
            return stream.read()


def documents(entries: Sequence[Entry], content: Sequence[MessageFile]) -> list[DocumentFacts]:
    """Each attachment as a document; those that the JSON does not describe have no other name than their own."""
    described = dict(enumerate(entries, 1))
    found = []
    for file in content:
        entry = described.get(number_of(file.name), Entry(""))
        found.append(DocumentFacts(basename(file.name), role=_role(entry.role), files=[FileFacts(file.name)]))
    return found


def number_of(name: str) -> int:
    """The number of an attachment by the name that it is stored under, from 1 on; 0 for what is none."""
    middle = name.split("/")[1] if name.count("/") > 1 else ""
    return int(middle) if middle.isdecimal() else 0


def _role(said: str) -> str:
    """The role of a document: as said; a Nachweis when the portal has its own word for it; else nothing special."""
    known = said.strip().lower()
    return known if known in _ROLES else "nachweis" if known else "sonstiges"


def _undeclared(data: Any, schema: Any, pointer: str) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    if isinstance(data, dict) and "properties" in schema:
        for name, value in data.items():
            if name in schema["properties"]:
                yield from _undeclared(value, schema["properties"][name], pointer + step(name))
            else:
                yield pointer + step(name)
    elif isinstance(data, list):
        for index, value in enumerate(data[:_LOOKED_AT]):
            yield from _undeclared(value, schema.get("items"), f"{pointer}/{index}")


def _unknown(pointer: str) -> Finding:
    sentence = f"Die Angabe {pointer[:200]} ist hier nicht vorgesehen. Sie ist beim Eingang gespeichert; bitte ansehen."
    return Finding("unknown_member", sentence, Severity.HINT, path=pointer[:500])


def _findings(error: ValidationError, schema: dict[str, Any]) -> Iterator[Finding]:
    """One error of the validator, with the name that ``schema`` has for the place."""
    place = list(error.absolute_path)
    pointer = "/data" + "".join(step(part) for part in place)
    label = f"„{named}“" if (named := title(schema, place)) else pointer
    match error.validator:
        case "required":
            name = _missing(error)
            absent = title(schema, [*place, name]) or name
            yield _invalid(f"Das Pflichtfeld „{absent}“ fehlt.", pointer + step(name), "eine Angabe")
        case "type":
            wanted = _types(error.validator_value)
            yield _invalid(f"{label} hat die falsche Art von Wert (erwartet: {wanted}).", pointer, wanted)
        case "minLength" if error.instance == "":
            yield _invalid(f"Das Pflichtfeld {label} ist leer.", pointer, "eine Angabe")
        case "format" | "pattern":
            wanted = _FORMS.get(error.validator_value, f"die Form {error.validator_value}")
            yield _odd(f"{label} hat nicht die übliche Form.", pointer, wanted)
        case "enum" | "const":
            values = error.validator_value if error.validator == "enum" else [error.validator_value]
            wanted = " oder ".join(f"„{value}“" for value in values[:MAX_FINDINGS])
            yield _odd(f"{label} hat einen Wert, der nicht vorgesehen ist.", pointer, wanted)
        case "maxLength" | "maxItems":
            what = "Zeichen" if error.validator == "maxLength" else "Einträge"
            yield _odd(f"{label} ist länger als vorgesehen.", pointer, f"höchstens {error.validator_value} {what}")
        case _:
            yield _odd(f"{label} passt nicht zu dem, was vorgesehen ist.", pointer)


def _missing(error: ValidationError) -> str:
    """The name in one error of ``required``; the validator gives one error for each missing member."""
    absent = [name for name in error.validator_value if name not in error.instance]
    return next((name for name in absent if error.message.startswith(repr(name))), absent[0])


def title(schema: Any, place: Sequence[str | int]) -> str:
    """The German name of the field at ``place``; "" where the schema declares none."""
    for part in place:
        inner = schema.get("items") if isinstance(part, int) else schema.get("properties", {}).get(part)
        schema = inner if isinstance(inner, dict) else {}
    return schema.get("title", "") if isinstance(schema, dict) else ""


def _types(wanted: str | list[str]) -> str:
    words = {
        "string": "Text",
        "number": "Zahl",
        "integer": "ganze Zahl",
        "boolean": "ja oder nein",
        "object": "Gruppe von Angaben",
        "array": "Liste",
        "null": "nichts",
    }
    return " oder ".join(words[name] for name in ([wanted] if isinstance(wanted, str) else wanted))


def _invalid(sentence: str, pointer: str, expected: str) -> Finding:
    what_to_do = "Bitte ergänzen lassen oder von Hand zuordnen."
    return Finding("data_invalid", f"{sentence} {what_to_do}", path=pointer[:500], expected=expected)


def _odd(sentence: str, pointer: str, expected: str = "") -> Finding:
    return Finding("data_odd", f"{sentence} Bitte prüfen.", Severity.HINT, path=pointer[:500], expected=expected)


def _limited(findings: list[Finding], code: str, severity: Severity) -> list[Finding]:
    rest = len(findings) - MAX_FINDINGS
    if rest <= 0:
        return findings
    return [*findings[:MAX_FINDINGS], Finding(code, f"… und {rest} weitere Befunde dieser Art.", severity)]
