"""The handbook at ``/hilfe/``: Markdown files in ``templates/help``, one a chapter, with a search by words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views import View
from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER = Path(settings.BASE_DIR) / "templates" / "help"
EXCERPT = 160
# the name of an address (or how it begins) → the chapter that is about its page; the longest counts
CHAPTERS = {
    "worklist": "arbeitsvorrat",
    "saved-view": "arbeitsvorrat",
    "case": "vorgang",
    "case-request": "nachforderung",
    "request": "nachforderung",
    "decision": "bescheid",
    "remedy": "bescheid",
    "dispatch": "versand",
    "deliver": "versand",
    "document": "vorgang",
    "party": "vorgang",
    "note": "vorgang",
    "clearing": "klaerung",
    "record": "eingang",
    "rule": "regeln",
    "draft": "regeln",
    "deadline": "fristen",
}
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True)
class Section:
    """A part of a chapter: its anchor (empty for what is above the first heading), its title and its plain text."""

    anchor: str
    title: str
    text: str


@dataclass(frozen=True)
class Chapter:
    """A chapter of the handbook."""

    slug: str
    title: str
    body: SafeString
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Hit:
    """Where all words of a search stand."""

    chapter: Chapter
    section: Section
    excerpt: str


def chapters() -> tuple[Chapter, ...]:
    """All chapters, in the order of their file names (``01-arbeitsvorrat.md`` → ``arbeitsvorrat``)."""
    return _read() if not settings.DEBUG else _read.__wrapped__()


@cache
def _read() -> tuple[Chapter, ...]:
    return tuple(_chapter(path) for path in sorted(FOLDER.glob("*.md")))


def _chapter(path: Path) -> Chapter:
    """One file: the first line is ``# Title``, ``##`` begins a section. HTML in it is shown, not carried out."""
    title, _, text = path.read_text(encoding="utf-8").partition("\n")
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    sections = _sections(tokens)
    body = mark_safe(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S308  # our own, HTML is off
    return Chapter(path.stem.partition("-")[2], title.removeprefix("# ").strip(), body, sections)


def _sections(tokens: list[Token]) -> tuple[Section, ...]:
    """Split at the headings of the second level, and give those their anchors."""
    found: list[tuple[str, str, list[str]]] = [("", "", [])]
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            title = tokens[index + 1].content
            found.append((anchor_of(title), title, []))
            token.attrSet("id", anchor_of(title))
        elif token.type == "inline":
            found[-1][2].append("".join(child.content or " " for child in token.children or []))
    return tuple(Section(anchor, title, " ".join(texts)) for anchor, title, texts in found)


def anchor_of(title: str) -> str:
    """``Frist verlängern`` → ``frist-verlaengern``."""
    return re.sub(r"[^a-z0-9]+", "-", _plain(title)).strip("-")


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold().translate(_LETTERS))
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def address_for(page: str | None) -> str:
    """Where the help link of a page leads: to its chapter, else to the table of contents."""
    about = max((start for start in CHAPTERS if (page or "").startswith(start)), key=len, default="")
    return reverse("help-chapter", args=[CHAPTERS[about]]) if about else reverse("help")


def search(query: str) -> list[Hit]:
    """The sections that hold all words of ``query`` (umlauts and case do not matter); titles first."""
    words = _plain(query).split()
    if not words:
        return []
    hits = []
    for chapter in chapters():
        for section in chapter.sections:
            title = _plain(f"{chapter.title} {section.title}")
            if all(word in f"{title} {_plain(section.text)}" for word in words):
                rank = sum(word not in title for word in words)
                hits.append((rank, Hit(chapter, section, _excerpt(section.text, words[0]))))
    return [hit for _, hit in sorted(hits, key=lambda each: each[0])]


def _excerpt(text: str, word: str) -> str:
    at = max(0, _plain(text).find(word) - EXCERPT // 3)
    start = text.rfind(" ", 0, at) + 1 if at else 0
    part = text[start : start + EXCERPT].strip()
    return f"{'… ' if start else ''}{part}{' …' if start + EXCERPT < len(text) else ''}"


class HandbookView(View):
    """The table of contents, and the search."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it, or with ``?suche=`` what was found."""
        query = request.GET.get("suche", "").strip()[:100]
        return render(request, "frame/help.html", {"chapters": chapters(), "query": query, "hits": search(query)})


class ChapterView(View):
    """One chapter."""

    def get(self, request: HttpRequest, chapter: str) -> HttpResponse:
        """Show it."""
        found = next((each for each in chapters() if each.slug == chapter), None)
        if found is None:
            raise Http404("Dieses Kapitel gibt es im Handbuch nicht.")
        return render(request, "frame/chapter.html", {"chapters": chapters(), "chapter": found})
