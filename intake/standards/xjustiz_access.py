"""Reading from XJustiz elements by lists of candidate paths (see ``xjustiz_paths``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from intake.standards import values
from intake.standards.xjustiz_paths import NSMAP


def found(element: etree._Element, candidates: Iterable[str]) -> Iterator[etree._Element]:
    """Every element at the paths ``candidates`` below ``element``: path by path, in document order."""
    for path in candidates:
        yield from element.iterfind(path, NSMAP)


def first(element: etree._Element, candidates: Iterable[str]) -> etree._Element | None:
    """The first element at the paths ``candidates`` below ``element``, or None."""
    return next(found(element, candidates), None)


def all_texts(element: etree._Element, candidates: Iterable[str]) -> Iterator[str]:
    """Every non-empty text (on one line) at the paths ``candidates``."""
    for each in found(element, candidates):
        if value := values.text(each.text):
            yield value


def first_text(element: etree._Element, candidates: Iterable[str]) -> str:
    """The first non-empty text (on one line) at the paths ``candidates``, or ""."""
    return next(all_texts(element, candidates), "")
