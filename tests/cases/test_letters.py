"""Letters: who gets one, what stands on it, and that it is the same PDF, accessible and archivable, every time."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from cases import numbers
from cases.letters import Facts, Item, Items, Kind, LetterError, Letterhead, Recipient, Signatory, Text, render, typeset
from intake.standards import scan
from tests.cases.letter_samples import PUBLIC_ID, RECIPIENT, REMEDY, letter, pages_of, text_of
from tests.intake.builders import memory_file

ROOT = Path(__file__).parents[2]


# --- which letters there are not ------------------------------------------------------------------------------------


def test_no_bescheid_without_its_remedy() -> None:
    with pytest.raises(ValueError, match="Ein Bescheid braucht eine Rechtsbehelfsbelehrung"):
        letter(Kind.DECISION, remedy_notice=" \n\u200b")


@pytest.mark.parametrize("signatory", [None, Signatory("\u00ad ")])
def test_no_bescheid_without_who_signs_it(signatory: Signatory | None) -> None:
    with pytest.raises(ValueError, match="Namen der Person, die ihn unterschreibt"):
        letter(Kind.DECISION, signatory=signatory)


def test_no_computed_end_of_a_frist_in_a_bescheid() -> None:
    with pytest.raises(ValueError, match="kein berechnetes Fristende"):
        letter(Kind.DECISION, due_date=date(2026, 12, 28))


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.DECISION])
def test_a_remedy_belongs_to_a_bescheid_only(kind: Kind) -> None:
    with pytest.raises(ValueError, match="gehört nur in einen Bescheid"):
        letter(kind, remedy_notice=REMEDY)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.NOTE])
def test_a_letter_goes_to_somebody(kind: Kind) -> None:
    with pytest.raises(ValueError, match="fehlt die Anschrift; bitte eine beteiligte Person auswählen"):
        letter(kind, recipient=None)
    with pytest.raises(ValueError, match="Der Anschrift fehlt der Name"):
        letter(kind, recipient=Recipient((" ",), "Lange Straße 1", "12345", "Musterhausen"))


@pytest.mark.parametrize("public_id", ["", "V-7K3M-9QTR-H", "v-7k3m-9qtr-g", "50.2-2026-000123"])
def test_a_letter_has_a_vorgangs_id(public_id: str) -> None:
    with pytest.raises(ValueError, match="ist keine Vorgangs-ID"):
        letter(public_id=public_id)


def test_other_refusals_say_what_to_do() -> None:
    with pytest.raises(ValueError, match="fehlt der Betreff"):
        letter(subject=" \u200b\ufeff")
    with pytest.raises(ValueError, match="bitte ein späteres Fristende wählen"):
        letter(due_date=date(2026, 11, 24))
    with pytest.raises(ValueError, match="bitte AUTHORITY_NAME setzen"):
        Letterhead(authority="")


def test_an_address_that_does_not_fit_is_refused_not_cut() -> None:
    with pytest.raises(LetterError, match="passt nicht in das Anschriftfeld; bitte kürzen"):
        render(letter(recipient=Recipient(("Sehr langer Name " * 60,), "Weg 1", "12345", "Musterhausen")))
    with pytest.raises(LetterError, match="neben der Anschrift sind zu lang; bitte kürzen"):
        render(letter(foreign_reference="Zeichen " * 300))


# --- the standards -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_for_the_archive_and_accessible(kind: Kind) -> None:
    with pikepdf.open(io.BytesIO(render(letter(kind)))) as pdf:
        with pdf.open_metadata() as about:
            assert (about["pdfaid:part"], about["pdfaid:conformance"], about["pdfuaid:part"]) == ("3", "A", "1")
            assert about["dc:title"].startswith(kind.label)
            assert about.pdfa_status == "3A"
        assert str(pdf.Root.Lang) == "de-DE"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert bool(pdf.Root.MarkInfo.Marked)
        roles = _roles(pdf.Root.StructTreeRoot)
        assert {"/H1", "/P", "/Figure"} <= roles
        assert ("/TH" in roles) == (kind is Kind.DECISION)  # the table of facts has a head
        assert ("/LI" in roles) == (kind in (Kind.INFORMATION_REQUEST, Kind.DECISION))


def _roles(node: pikepdf.Object) -> set[str]:
    """All structure types of the tagged document."""
    found, pending = set(), [node]
    while pending:
        item = pending.pop()
        if isinstance(item, pikepdf.Array):
            pending += list(item)
        elif isinstance(item, pikepdf.Dictionary) and item.get("/Type") != "/MCR":
            found.add(str(item.get("/S", "")))
            pending += [item["/K"]] if "/K" in item else []
    return found


def test_the_qr_code_has_words_for_who_cannot_see_it() -> None:
    with pikepdf.open(io.BytesIO(render(letter()))) as pdf:
        texts = [str(item.Alt) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item]
    assert texts == [f"QR-Code mit der Vorgangs-ID {PUBLIC_ID}"]


def test_what_breaks_the_standard_breaks_the_build(monkeypatch, tmp_path: Path) -> None:
    bad = tmp_path / "letter.typ"
    bad.write_text('#set document(title: "x")\n#image(bytes("<svg xmlns=\'http://www.w3.org/2000/svg\'/>"))')
    monkeypatch.setattr(typeset, "TEMPLATE", bad)
    typeset._compiler.cache_clear()
    try:
        with pytest.raises(LetterError, match="PDF/UA-1 error: missing alt text"):
            render(letter())
    finally:
        typeset._compiler.cache_clear()


# --- the same bytes ------------------------------------------------------------------------------------------------

_IN_A_PROCESS = """
import django, hashlib
django.setup()
from cases.letters import Kind, render
from tests.cases.letter_samples import letter
print(hashlib.sha256(b"".join(render(letter(kind)) for kind in Kind)).hexdigest())
"""


def test_the_same_letter_is_the_same_file_in_every_process(tmp_path: Path) -> None:
    """Three processes begin at once on an empty folder: one font cache, and one result, that of this process too."""
    variables = {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings", "PATH": os.environ["PATH"]}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _IN_A_PROCESS],
            cwd=ROOT,
            env=variables | {"PYTHONHASHSEED": seed, "TZ": zone, "LANG": "C"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"), ("3", "Europe/Berlin"))
    ]
    results = {process.communicate(timeout=120)[0].strip() for process in processes}
    for _ in range(2):
        here = [render(letter(kind)) for kind in Kind]
        results.add(hashlib.sha256(b"".join(here)).hexdigest())
    assert len(results) == 1
    assert len(list((tmp_path / "fonts").iterdir())) == 1


# --- what stands on it ---------------------------------------------------------------------------------------------


def test_letterhead_address_and_references_stand_on_the_letter() -> None:
    text = text_of(render(letter(foreign_reference="WG/77", salutation="Sehr geehrte Frau Mustermann,")))
    for expected in (
        "Stadt Musterhausen Wohngeldstelle",
        "Stadt Musterhausen · Rathausplatz 1 · 12345 Musterhausen",
        "Frau Erika Mustermann Lange Straße 12 a 12345 Musterhausen",
        f"Vorgangs-ID {PUBLIC_ID}",
        "Aktenzeichen 50.2-2026-000123",
        "Ihr Zeichen WG/77",
        "Datum 24. November 2026",
        "Auskunft erteilt Sabine Sommer",
        "Telefon 01234 56-7890",
        "Öffnungszeiten Montag bis Freitag 8 bis 12 Uhr",
        "Sehr geehrte Frau Mustermann, ab Dezember ist Herr Winter für Sie da.",
        "Mit freundlichen Grüßen",
        "Seite 1 von 1",
    ):
        assert expected in text


def test_the_letterhead_comes_from_the_settings(settings) -> None:
    settings.AUTHORITY_NAME = "Gemeinde Beispiel"
    settings.AUTHORITY_ADDRESS = "Hauptstraße 1, Hinterhaus, 54321 Beispiel"
    settings.AUTHORITY_PHONE, settings.AUTHORITY_EMAIL = "0999 1", "post@beispiel.example"
    head = Letterhead.configured(unit="Bauamt", contact="Otto Ott", telephone="0999 23")
    assert (head.authority, head.unit, head.contact) == ("Gemeinde Beispiel", "Bauamt", "Otto Ott")
    assert (head.street, head.city) == ("Hauptstraße 1, Hinterhaus", "54321 Beispiel")
    assert (head.telephone, head.email) == ("0999 23", "post@beispiel.example")


def test_what_is_not_configured_is_not_on_it(settings) -> None:
    settings.AUTHORITY_NAME = "Stadt Musterhausen"
    for name in ("ADDRESS", "PHONE", "EMAIL", "WEBSITE", "OPENING_HOURS"):
        setattr(settings, f"AUTHORITY_{name}", "")
    bare = letter(letterhead=Letterhead.configured(), file_reference="")
    assert bare.letterhead == Letterhead(authority="Stadt Musterhausen")
    text = text_of(render(bare))
    for label in ("Aktenzeichen", "Ihr Zeichen", "Auskunft", "Telefon", "E-Mail", "Öffnungszeiten", "·"):
        assert label not in text


def test_a_bescheid_is_called_so_and_ends_with_remedy_and_signature() -> None:
    text = text_of(render(letter(Kind.DECISION)))
    assert "Bescheid Wohngeld ab 1. Dezember 2026" in text
    assert "Wohngeld im Monat 312,00 € Beginn 1. Dezember 2026" in text
    ending = (
        f"Rechtsbehelfsbelehrung {REMEDY} Mit freundlichen Grüßen Im Auftrag Sabine Sommer Anlage • Berechnungsbogen"
    )
    assert ending in text


def test_a_signature_never_stands_alone_on_a_page() -> None:
    """Wherever the text ends: some of the remedy is on the page of the signature, however long the remedy is."""
    for lines in range(18, 34):
        pages = pages_of(render(letter(Kind.DECISION, blocks=(Text("Satz.\n" * lines),))))
        signed = next(page for page in pages if "Mit freundlichen" in page)
        assert REMEDY.split()[-1] in signed
    long = pages_of(render(letter(Kind.DECISION, remedy_notice="\n\n".join(["Satz der Belehrung."] * 120))))
    assert len(long) > 3
    assert "Satz der Belehrung." in next(page for page in long if "Mit freundlichen" in page)


def test_a_request_names_items_and_a_fixed_day() -> None:
    text = text_of(render(letter(Kind.INFORMATION_REQUEST)))
    assert "1. Mietvertrag alle Seiten 2. Lohnabrechnungen" in text
    assert "Bitte reichen Sie alles ein bis spätestens Montag, 14. Dezember 2026." in text


def test_a_note_is_no_letter() -> None:
    text = text_of(render(letter(Kind.NOTE)))
    assert "Aktenvermerk Telefonat Unterlagen folgen." in text
    for only_in_letters in ("Guten Tag", "Grüßen", "· Rathausplatz 1 · 12345 Musterhausen Vorgangs"):
        assert only_in_letters not in text


def test_without_a_person_the_authority_signs() -> None:
    assert "Mit freundlichen Grüßen Stadt Musterhausen" in text_of(render(letter(Kind.RECEIPT)))


def test_abroad_city_and_country_are_in_capitals() -> None:
    abroad = Recipient(("Jean Lefèvre",), "12, rue de la Paix", "75002", "Paris", "Frankreich")
    assert "12, rue de la Paix 75002 PARIS FRANKREICH" in text_of(render(letter(recipient=abroad)))


def test_only_a_full_address_is_enough_for_the_post() -> None:
    assert RECIPIENT.can_be_posted
    assert not Recipient(("Erika Mustermann",)).can_be_posted
    assert "Guten Tag" in text_of(render(letter(recipient=Recipient(("Erika Mustermann",)))))  # sent electronically


def test_a_draft_says_so_on_each_page() -> None:
    pages = pages_of(render(letter(Kind.DECISION, draft=True, blocks=(Text("Satz.\n" * 80),))))
    assert len(pages) > 1
    assert all("ENTWURF" in page for page in pages)
    assert "nicht freigegeben und nicht zum Versand bestimmt" in pages[0]
    assert "ENTWURF" not in text_of(render(letter(Kind.DECISION))).upper()


# --- the Vorgangs-ID comes back --------------------------------------------------------------------------------------


def test_the_scan_channel_reads_the_vorgangs_id_of_the_file_and_of_a_scan() -> None:
    pdf = render(letter())
    read = scan.read_pages(memory_file("brief.pdf", pdf))
    assert read.codes == (PUBLIC_ID,)
    assert numbers.find(read.text) == [PUBLIC_ID]
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=150 / 72, grayscale=True).to_pil()
    paper = io.BytesIO()
    page.rotate(2, fillcolor=255).save(paper, "JPEG", quality=40)
    assert scan.read_pages(memory_file("scan.jpg", paper.getvalue())).codes == (PUBLIC_ID,)


def test_each_page_names_vorgangs_id_and_number() -> None:
    pages = pages_of(render(letter(blocks=(Text("Absatz.\n\n" * 100),))))
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"Vorgangs-ID {PUBLIC_ID}" in page
        assert f"Seite {number} von {len(pages)}" in page
    assert "Mitteilung vom 24. November 2026 · Aktenzeichen 50.2-2026-000123" in pages[1]


# --- the shape --------------------------------------------------------------------------------------------------------


def test_the_address_lies_in_the_window_of_the_envelope() -> None:
    """DIN 5008 form B: 20 to 105 mm from the left, 45 to 90 mm from the top."""
    names = ("Internationale Gesellschaft zur Förderung der Zusammenarbeit e. V.", "z. Hd. Frau Dr. Ada Muster")
    long = letter(recipient=Recipient((*names, "Abteilung 7"), "Lange Straße 1", "12345", "Musterhausen", "Dänemark"))
    for given, last in ((letter(), "12345 Musterhausen"), (long, "DÄNEMARK")):
        left, top, right, bottom = _box(render(given), last, skip=1 if given is not long else 0)
        assert 20 < left < right < 105
        assert 62 < top < bottom < 90


def _box(pdf: bytes, text: str, *, skip: int) -> tuple[float, float, float, float]:
    """Where ``text`` stands on the first page: left, top, right, bottom in mm from the upper left corner."""
    page = pypdfium2.PdfDocument(pdf)[0]
    words = page.get_textpage()
    found = words.search(text)
    for _ in range(skip):  # the line above the address says the same
        found.get_next()
    start, count = found.get_next()
    boxes = [words.get_charbox(start + offset) for offset in range(count)]
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    mm = 25.4 / 72
    return min(lefts) * mm, 297 - max(tops) * mm, max(rights) * mm, 297 - min(bottoms) * mm


def test_a_letter_of_sixty_pages_is_set() -> None:
    paragraphs = "\n\n".join(f"Absatz {number}. " + "Ein Satz mit mehreren Wörtern. " * 14 for number in range(560))
    pages = pages_of(render(letter(blocks=(Text(paragraphs),))))
    assert len(pages) >= 60
    assert "Absatz 559." in " ".join(pages)


def test_a_long_list_and_a_long_table_go_over_several_pages() -> None:
    many = Items(tuple(Item(f"Unterlage {number}", "Hinweis\nzweite Zeile") for number in range(60)))
    table = Facts(tuple((f"Zeile {number}", f"{number},00 €") for number in range(60)))
    pages = pages_of(render(letter(blocks=(many, table))))
    assert "60. Unterlage 59" in " ".join(pages)
    assert sum("Angabe" in page for page in pages) > 1  # the head is repeated
