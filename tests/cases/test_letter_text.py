"""Text in letters: it is printed as it was typed, letter by letter, and never means anything to the typesetting."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cases.letters import (
    Block,
    Facts,
    Heading,
    Item,
    Items,
    Kind,
    LetterError,
    Recipient,
    Signatory,
    Text,
    fonts,
    render,
    typeset,
)
from cases.letters.characters import printable
from tests.cases import din91379
from tests.cases.letter_samples import REMEDY, body_of, letter, pages_of, text_of

MARKUP = r'#import "x" #panic("y") $a$ *b* _c_ \ \n @ref <label> // kein /* Kommentar */ `d` -- ... ~ = E + F'
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)
EVERYDAY = st.text(st.sampled_from("aäßéŁșğ M1!?.,-–„“€§#$*_\\@<>/`~=+[]{}()\"'\n"), min_size=1, max_size=200)


def shown(text: str) -> str:
    """``text`` as the letters' fonts can print it."""
    return printable(text, fonts.covers(fonts.directory()))


def printed(*blocks: Block) -> str:
    """The text of a letter with ``blocks``, as it is read back."""
    return body_of(render(letter(blocks=blocks)))


# --- never markup ----------------------------------------------------------------------------------------------------


def test_markup_is_printed_in_a_text() -> None:
    assert " ".join(printed(Text(MARKUP)).split()) == MARKUP


def test_markup_is_printed_wherever_it_stands() -> None:
    everywhere = letter(
        Kind.DECISION,
        subject=f"S {MARKUP}",
        recipient=Recipient((f"R {MARKUP}",), "#a", "$b$", "*c*", "_d_"),
        salutation=f"T {MARKUP}",
        blocks=(
            Heading(f"U {MARKUP}"),
            Items((Item(f"V {MARKUP}", f"W {MARKUP}"),)),
            Facts(((f"X {MARKUP}", f"Y {MARKUP}"),), columns=("#a", "$b$")),
        ),
        remedy_notice=f"Z {MARKUP}",
        signatory=Signatory(f"P {MARKUP}", f"Q {MARKUP}"),
        enclosures=(f"O {MARKUP}",),
        file_reference="#f(1)",
        foreign_reference="*g*",
    )
    found = "".join("".join(pages_of(render(everywhere))).split())
    for where in "STUVWZPQO":
        assert f"{where}{MARKUP}".replace(" ", "") in found
    assert re.search(r"Aktenzeichen#f\(1\)IhrZeichen\*g\*", found)


# --- as typed --------------------------------------------------------------------------------------------------------


def test_line_breaks_and_blank_lines_are_kept() -> None:
    lines = _tops("erste\nzweite\n\ndritte\n\n\n\nvierte", ("erste", "zweite", "dritte", "vierte"))
    line, paragraph, gap = (after - before for before, after in zip(lines, lines[1:], strict=False))
    assert 0 < line < paragraph < gap
    assert gap - paragraph == pytest.approx(2 * line, rel=0.1)  # two blank lines more


def _tops(text: str, words: tuple[str, ...]) -> list[float]:
    """How far from the top of the page each of the words stands."""
    page = pypdfium2.PdfDocument(render(letter(blocks=(Text(text),))))[0]
    read = page.get_textpage()
    return [page.get_height() - read.get_charbox(read.search(word).get_next()[0], loose=True)[1] for word in words]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_line_end_ends_a_line(end: str) -> None:
    assert printed(Text(f"erste{end}zweite")).split() == ["erste", "zweite"]
    assert shown(f"erste{end}zweite") == "erste\nzweite"


def test_a_file_of_an_old_computer_has_no_double_lines() -> None:
    assert shown("a\r\n\r\nb") == "a\n\nb"


@pytest.mark.parametrize("word", ["W" * 300, "x" * 500, "a\u00a0" * 300, "https://www.example.org/" + "pfad/" * 60])
def test_a_word_that_is_wider_than_the_page_is_broken_not_cut(word: str) -> None:
    for block in (Text(word), Heading(word), Facts(((word, "x"),)), Facts((("x", word),)), Items((Item(word, word),))):
        pdf = render(letter(blocks=(block,), subject=word[:120]))
        assert re.sub(r"\s", "", word) in re.sub(r"\s", "", body_of(pdf))
        for page in pypdfium2.PdfDocument(pdf):
            words = page.get_textpage()
            right = max(words.get_charbox(index)[2] for index in range(words.count_chars()))
            assert right <= page.get_width() - 19.5 * 72 / 25.4


# --- every character -------------------------------------------------------------------------------------------------


def test_the_list_is_that_of_the_official_schema(shared: Path) -> None:
    schema = etree.parse(shared / "samples/xjustiz/xsd/3.6.2/din-norm-91379-datatypes.xsd")
    (pattern,) = schema.xpath("//*[@name='datatypeE']//*[local-name()='pattern']/@value")
    official = re.compile(pattern).fullmatch
    assert [char for char in map(chr, range(0x10000)) if official(char)] == din91379.CHARACTERS
    marks = [chr(code) for code in range(0x0300, 0x0370)]
    pairs = {char + mark for char in din91379.CHARACTERS for mark in marks if official(char + mark)}
    begun = {sequence[:2] for sequence in din91379.SEQUENCES if len(sequence) == 3}
    triples = {pair + last for pair in begun for last in [*marks, "H", "h"] if official(pair + last)}
    assert pairs | {triple for triple in triples if not official(triple[:2] + "?") or triple[2] in marks} == set(
        din91379.SEQUENCES
    )


def test_all_of_din_91379_is_printed_and_nothing_replaced() -> None:
    """Without a glyph there were no letter (next test); of letter and marks a PDF reader may read some twice."""
    wanted = [char for char in din91379.CHARACTERS + din91379.SEQUENCES if not char.isspace()]
    assert [char for char in wanted if shown(char) != char] == []
    read = re.sub(r"\s", "", printed(Text("\n".join(f"({number})[{char}]" for number, char in enumerate(wanted)))))
    found = re.findall(r"\(\d+\)\[(.+?)\](?=\(\d|$)", unicodedata.normalize("NFC", read))
    assert len(found) == len(wanted)
    assert [got[: len(char)] for got, char in zip(found, wanted, strict=True)] == wanted
    assert [got for got, char in zip(found, wanted, strict=True) if got != char and char in din91379.CHARACTERS] == []


def test_without_a_glyph_there_is_no_letter(monkeypatch) -> None:
    """The net below: should a character slip through that no font has, no file with a hole leaves the house."""
    monkeypatch.setattr(typeset, "printable", lambda text, covers: text)
    with pytest.raises(LetterError, match="could not be displayed"):
        render(letter(blocks=(Text("Grüße \U0001f600"),)))


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("\U0001f600", "[U+1F600]"),
        ("مرحبا", "[U+0645][U+0631][U+062D][U+0628][U+0627]"),
        ("東", "[U+6771]"),
        ("a\x00b\x07", "a[U+0000]b[U+0007]"),
        ("\ud800", "[U+D800]"),
        ("q\u0489", "q[U+0489]"),
        ("\u0301x", "[U+0301]x"),
        ("e" + "\u0301" * 9, "é" + "[U+0301]" * 8),
    ],
)
def test_what_no_font_has_is_named(typed: str, named: str) -> None:
    assert shown(typed) == named
    assert named in text_of(render(letter(blocks=(Text(typed),)))).replace("] [", "][")


@pytest.mark.parametrize("invisible", list("\u200b\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\xad\u2060\ufe0f\u061c"))
def test_invisible_characters_do_nothing(invisible: str) -> None:
    assert shown(f"An{invisible}na") == "Anna"


def test_a_decomposed_name_is_put_together() -> None:
    assert shown("Mu\u0308ller") == "Müller"


@settings(max_examples=60, deadline=None)
@given(ANYTHING, ANYTHING)
def test_any_text_anywhere_gives_a_letter(one: str, other: str) -> None:
    """An address is cut short here: what cannot be printed is written out, and must fit the window."""
    made = letter(
        Kind.DECISION,
        subject=f"x{one}",
        recipient=Recipient((f"x{one}"[:6],), other[:6], other[:4], one[:6]),
        salutation=other,
        blocks=(Text(one), Heading(other), Items((Item(one, other),)), Facts(((one, other),), columns=(other, one))),
        remedy_notice=f"{REMEDY}\n{other}",
        signatory=Signatory(f"x{one}", other),
        enclosures=(one, other),
        file_reference=one,
        foreign_reference=other,
    )
    assert render(made).startswith(b"%PDF-")


@given(ANYTHING)
def test_what_is_printable_stays_so(text: str) -> None:
    once = shown(text)
    assert shown(once) == once
    assert not {unicodedata.category(char) for char in once.replace("\n", "")} & {"Cc", "Cf", "Cs", "Co", "Cn"}


@settings(max_examples=60, deadline=None)
@given(EVERYDAY)
def test_everyday_text_is_read_back_as_it_was_typed(text: str) -> None:
    hyphens = re.compile(r"[\s\-\x02\ufffe]")  # lines end where the page wants
    assert hyphens.sub("", printed(Text(text))) == hyphens.sub("", shown(text))
