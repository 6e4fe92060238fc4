"""What libxml2 says about a violated schema, in German: the value found, and what was expected instead."""

from __future__ import annotations

import re

_NAMESPACE = re.compile(r"\{[^{}'\s]*\}")
_WANTED = re.compile(r"Expected is (?:one of )?\( (.+?) \)", re.DOTALL)
_SUBJECT = re.compile(r"^Element '([^']*)'(?:, attribute '([^']*)')?: ")
_ATTRIBUTE = re.compile(r"The attribute '([^']*)' is (required but missing|not allowed)")
_TYPE = re.compile(
    r"'(.*)' is not a valid value of the (?:local )?(?:atomic|union|list) type(?: '([^']*)')?", re.DOTALL
)
_FACET = re.compile(r"\[facet '(\w+)'\] The value '(.*?)' (?:is|has) (.*)", re.DOTALL)
_QUOTED = re.compile(r"'([^']*)'")

_TYPES = {
    "date": "ein Datum wie 2026-11-24",
    "dateTime": "ein Zeitpunkt wie 2026-11-24T09:12:33+01:00",
    "boolean": "true oder false",
    "integer": "eine ganze Zahl",
    "positiveInteger": "eine ganze Zahl größer als 0",
    "nonNegativeInteger": "eine ganze Zahl ab 0",
    "int": "eine ganze Zahl",
    "decimal": "eine Zahl",
    "gYear": "ein Jahr wie 2026",
    "anyURI": "eine Internetadresse",
}


def explain(message: str) -> tuple[str, str]:
    """(value, expected) of one error message of libxml2; the whole message as value where it is another one."""
    text = _NAMESPACE.sub("", message).strip()
    subject = _SUBJECT.match(text)
    name, text = ((subject[2] or subject[1]), text[subject.end() :]) if subject else ("", text)
    if attribute := _ATTRIBUTE.search(text):
        missing = attribute[2].startswith("required")
        return ("", f"das Attribut {attribute[1]}") if missing else (attribute[1], "kein Attribut dieses Namens")
    if "Missing child element" in text:
        return f"{name} ohne diese Angabe", _one_of(text)
    if "This element is not expected" in text:
        return name, _one_of(text) or "kein weiteres Element an dieser Stelle"
    if facet := _FACET.search(text):
        return facet[2], _by_facet(facet[1], facet[3])
    if typed := _TYPE.search(text):
        wanted = (typed[2] or "").rpartition(":")[2]
        return typed[1], _TYPES.get(wanted, f"ein Wert der Art {wanted}" if wanted else "")
    if "content is not allowed" in text:
        return name, "kein Text und keine Elemente an dieser Stelle"
    return message, ""


def _one_of(text: str) -> str:
    wanted = _WANTED.search(text)
    return " oder ".join(each.strip() for each in wanted[1].split(",")) if wanted else ""


def _by_facet(facet: str, rest: str) -> str:
    quoted = _QUOTED.findall(rest)
    match facet:
        case "enumeration":
            return "einer der Werte " + ", ".join(quoted)
        case "pattern" if quoted:
            return f"die Form {quoted[0]}"
        case "minLength" | "maxLength" | "length" if quoted:
            words = {"minLength": "mindestens", "maxLength": "höchstens", "length": "genau"}
            return f"{words[facet]} {quoted[-1]} Zeichen"
        case "minInclusive" | "maxInclusive" if quoted:
            return ("mindestens " if facet == "minInclusive" else "höchstens ") + quoted[-1]
    return ""
