"""The message of a Klärfall in the browser: as text with the places of its findings, never as anything that acts."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from audit.models import AccessLog
from cases import blobs
from cases.models import OrgUnit, User
from intake import originals
from intake.models import SubmissionFile
from routing.models import ExceptionEntry
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db

XML = "attachments/xjustiz_nachricht.xml"
LINE = re.compile(r'<li id="zeile-(\d+)" value="\1"( class="lm-lines__marked")?>(.*?)</li>', re.DOTALL)


@pytest.fixture
def post() -> OrgUnit:
    """The Poststelle, which clears what belongs to nobody."""
    return make.team("poststelle", is_clearing=True)


@pytest.fixture
def chief(post: OrgUnit) -> User:
    """Who leads the Poststelle."""
    return make.lead(post)


def address(entry: ExceptionEntry, file: SubmissionFile) -> str:
    return f"/klaerung/{entry.pk}/dateien/{file.pk}/ansehen/"


def opened(user: User, entry: ExceptionEntry, name: str = XML) -> str:
    """The page of the file with this name."""
    return text_of(logged_in(user).get(address(entry, entry.submission.files.get(name=name))))


def is_downloaded(user: User, url: str) -> bool:
    """True when the bytes come as an attachment, or not at all before somebody has confirmed it."""
    answer = logged_in(user).get(url)
    if answer.streaming:
        b"".join(answer.streaming_content)
        return answer["Content-Disposition"].startswith("attachment")
    return b"trotzdem herunterladen" in answer.content.lower()


def lines(page: str) -> dict[int, str]:
    """What is read in each line."""
    return {int(number): unescape(re.sub(r"<[^>]+>", "", text)) for number, _, text in LINE.findall(page)}


def marked(page: str) -> dict[int, str]:
    return {number: lines(page)[number] for number in (int(n) for n, mark, _ in LINE.findall(page) if mark)}


def test_xml_is_indented_and_numbered(post: OrgUnit, chief: User) -> None:
    one_line = make.xjustiz(subject="Grundsteuer").replace(b"\n", b"")
    entry = make.entry(post, files={XML: one_line, "attachments/Klage.pdf": make.PDF})
    shown = lines(opened(chief, entry))
    assert shown[1].startswith("<tns:nachricht.gds.uebermittlungSchriftgutobjekte.0005005 xmlns:tns=")
    assert shown[2] == '  <tns:nachrichtenkopf xjustizVersion="3.6.2">'
    assert shown[3] == "    <tns:erstellungszeitpunkt>2026-11-24T09:12:33+01:00</tns:erstellungszeitpunkt>"
    assert list(shown) == list(range(1, len(shown) + 1))


def test_the_place_of_a_finding_is_marked_in_words_too(post: OrgUnit, chief: User) -> None:
    without = make.xjustiz().replace(
        b"<tns:erstellungszeitpunkt>2026-11-24T09:12:33+01:00</tns:erstellungszeitpunkt>", b""
    )
    entry = make.entry(post, files={XML: without, "attachments/Klage.pdf": make.PDF})
    assert entry.reason == "schema_invalid"
    page = opened(chief, entry)
    ((number, said),) = marked(page).items()
    assert said.startswith("  <tns:nachrichtenkopf") and "hier: In der XJustiz-Nachricht fehlt der Erst" in said
    assert f'href="#zeile-{number}"' in page and 'id="befund-1"' in page
    link = f'href="{address(entry, entry.submission.files.get(name=XML))}#befund-1" target="dokument"'
    klaerfall = text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    assert link in klaerfall and "In der Nachricht zeigen" in klaerfall
    for words in ("<dd>Erstellungszeitpunkt</dd>", "<dt>Erwartet</dt><dd>der Erstellungszeitpunkt</dd>"):
        assert words in klaerfall, words


def test_a_missing_file_is_shown_where_it_is_named(post: OrgUnit, chief: User) -> None:
    entry = make.entry(post, files=make.container(files=("Klage.pdf", "fehlt.pdf")))
    ((_, said),) = marked(opened(chief, entry)).items()
    assert "<tns:dateiname>fehlt.pdf</tns:dateiname>" in said and "sie ist aber nicht beigefügt" in said
    page = text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    assert f'{address(entry, entry.submission.files.get(name=XML))}#befund-1" target="dokument"' in page


def test_broken_xml_is_shown_as_it_is_with_its_line(post: OrgUnit, chief: User) -> None:
    entry = make.entry(post, files={XML: b"<a>\n <b>\n  </c>\n</a>\n"})
    page = opened(chief, entry)
    assert "Die Datei ist kein lesbares XML." in page
    assert lines(page)[1] == "<a>" and list(marked(page)) == [3]
    assert "Zeile 3 der gespeicherten Datei, Spalte" in page


def test_a_script_in_xml_is_text(post: OrgUnit, chief: User) -> None:
    evil = '<script>alert("x")</script>'
    data = make.xjustiz(subject=f"<![CDATA[{evil}]]>", foreign='<![CDATA["><img src=x onerror=alert(1)>]]>')
    data = data.replace(b"?>", b'?><?xml-stylesheet type="text/xsl" href="boese.xsl"?>', 1)
    entry = make.entry(post, files={XML: data, "attachments/Klage.pdf": make.PDF})
    answer = logged_in(chief).get(address(entry, entry.submission.files.get(name=XML)))
    page = answer.content.decode()
    assert "<script" not in page and "<img" not in page
    assert "&amp;lt;script&amp;gt;" in page, "escaped twice: once as XML, once as HTML"
    assert answer["Content-Type"].startswith("text/html")
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["X-Frame-Options"] == "SAMEORIGIN"
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy and "unsafe" not in policy and "default-src 'none'" in policy


@pytest.mark.parametrize(
    "bad",
    [
        b'<!DOCTYPE a [<!ENTITY x "boom"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>',
        '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>'.encode("utf-16"),
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    ],
    ids=["bomb", "file-in-utf16", "network"],
)
def test_entities_are_never_resolved(post: OrgUnit, chief: User, bad: bytes) -> None:
    page = opened(chief, make.entry(post, files={XML: bad}))
    assert "boomboom" not in page and "root:" not in page
    assert "DOCTYPE" in lines(page)[1] and "möglicher Angriff" in page


def test_nesting_and_nul_bytes_do_no_harm(post: OrgUnit, chief: User) -> None:
    deep = b"<a>" * 5000 + b"</a>" * 5000
    assert "kein lesbares XML" in opened(chief, make.entry(post, files={XML: deep}))
    assert "⟨U+0000⟩" in opened(chief, make.entry(post, files={XML: b"<a>\0</a>"}))
    assert "⟨U+202E⟩" in opened(chief, make.entry(post, files={XML: "<a>\u202etxt.exe</a>".encode()}))


def test_what_is_too_large_is_said(post: OrgUnit, chief: User) -> None:
    huge = b"<a>" + b"<b>x</b>" * (originals.MAX_BYTES // 8) + b"</a>"
    page = opened(chief, make.entry(post, files={XML: huge}))
    assert "zu groß, um sie hier anzuzeigen" in page and "<li id=" not in page


def test_of_a_long_file_the_beginning_and_the_places_are_shown(post: OrgUnit, chief: User) -> None:
    many = "<x>" + "<b>x</b>\n" * 20_000 + "</c></x>"
    entry = make.entry(post, files={XML: many.encode()})
    page = opened(chief, entry)
    assert len(lines(page)) < originals.MAX_LINES + 20 and "Die Datei ist lang" in page
    (at,) = marked(page)
    assert at > 20_000 and "</c>" in lines(page)[at]
    assert len(page) < 2_000_000


def test_a_very_long_line_is_cut(post: OrgUnit, chief: User) -> None:
    page = opened(chief, make.entry(post, files={XML: b"<a>" + b"x" * 100_000 + b"</a>"}))
    assert len(page) < 20_000 and "Zeichen mehr)" in page


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-16", "utf-8"])
def test_legacy_encodings_are_decoded(post: OrgUnit, chief: User, encoding: str) -> None:
    text = make.xjustiz(subject="Grundsteuer für Straße Öde").decode().replace("UTF-8", encoding)
    entry = make.entry(post, files={XML: text.encode(encoding), "attachments/Klage.pdf": make.PDF})
    assert "Grundsteuer für Straße Öde" in opened(chief, entry)
    broken = text.replace("</tns:nachrichtenkopf>", "</tns:kopf>")
    entry = make.entry(post, files={XML: broken.encode(encoding), "attachments/Klage.pdf": make.PDF})
    assert "Grundsteuer für Straße Öde" in opened(chief, entry)


def test_a_wrong_declaration_of_the_encoding_is_survived(post: OrgUnit, chief: User) -> None:
    data = '<?xml version="1.0" encoding="utf-8"?><a>Straße</a>'.encode("latin-1")
    assert "Straße" in opened(chief, make.entry(post, files={XML: data}))
    unknown = '<?xml version="1.0" encoding="klingon"?><a>Straße</a>'.encode()
    assert "Straße" in opened(chief, make.entry(post, files={XML: unknown}))


def test_json_shows_the_place_of_each_pointer(post: OrgUnit, chief: User) -> None:
    make.service("wohngeld")
    body = make.application()
    del body["data"]["applicant"]["last_name"]
    body["attachments"] = [{"filename": "a.pdf", "content": "QUJD" * 50_000}]
    entry = make.entry(post, files={"submission.json": json.dumps(body).encode()}, channel="portal")
    page = opened(chief, entry, "submission.json")
    assert "QUJDQUJD" not in page and "Anlage in Base64, 200000 Zeichen" in page
    said = marked(page)
    assert any(line.startswith('    "applicant": {') and "fehlt." in line for line in said.values()), said
    klaerfall = text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    assert "Nachname</dd>" in klaerfall and "<dt>Erwartet</dt><dd>eine Angabe</dd>" in klaerfall


def test_a_wrong_value_stands_beside_what_was_expected(post: OrgUnit, chief: User) -> None:
    make.service("wohngeld")
    body = make.application()
    body["data"]["applicant"]["last_name"] = ["<b>Liste</b>"]
    body["data"]["applicant"]["first_name"] = 4711
    entry = make.entry(post, files={"submission.json": json.dumps(body).encode()}, channel="portal")
    page = text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    assert "<dt>Wert</dt><dd>4711</dd>" in page and "<dt>Wert</dt><dd>eine Liste</dd>" in page
    assert "<dt>Erwartet</dt><dd>Text</dd>" in page and "<b>Liste" not in page
    assert 4711 not in [finding.get("value") for finding in entry.submission.findings], "person data stay in the Facts"


def test_broken_json_is_shown_with_its_line(post: OrgUnit, chief: User) -> None:
    entry = make.entry(post, files={"submission.json": b'{\n "service": "x",\n "data": {,}\n}'}, channel="portal")
    page = opened(chief, entry, "submission.json")
    assert "kein lesbares JSON" in page and list(marked(page)) == [3]


def test_an_e_mail_is_shown_as_its_reader_decodes_it(post: OrgUnit, chief: User) -> None:
    raw = (
        b"From: Eva Klug <eva@example.org>\r\nTo: post@musterhausen.example\r\n"
        b"Subject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\nDate: Tue, 24 Nov 2026 09:00:00 +0100\r\n"
        b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nF\xfcr die Stra\xdfe\r\n<script>x</script>\r\n"
    )
    archive = make.message_file("brief.eml", raw)
    files = {"nachricht.txt": b"F\xfcr die Stra\xdfe"}
    entry = make.entry(post, files=files, channel="eml", archive=archive)
    shown = list(lines(opened(chief, entry, "brief.eml")).values())
    assert shown[:3] == ["Von: Eva Klug <eva@example.org>", "An: post@musterhausen.example", "Betreff: Grüße"]
    assert "Für die Straße" in shown and "<script>x</script>" in shown
    assert lines(opened(chief, entry, "nachricht.txt")) == {1: "Für die Straße"}


@pytest.mark.parametrize("name", ["attachments/seite.html", "attachments/bild.svg", "attachments/brief.docx", "x/ohne"])
def test_everything_else_is_only_downloaded(post: OrgUnit, chief: User, name: str) -> None:
    evil = b"<html><script>alert(1)</script></html>"
    entry = make.entry(post, files={**make.container(), name: evil})
    file = entry.submission.files.get(name=name)
    page = text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    assert address(entry, file) not in page and f"/klaerung/{entry.pk}/dateien/{file.pk}/" in page
    answer = logged_in(chief).get(address(entry, file), follow=True)
    assert answer.streaming is False and b"<script>alert" not in answer.content
    assert is_downloaded(chief, f"/klaerung/{entry.pk}/dateien/{file.pk}/")


def test_pdf_and_pictures_go_through_the_safe_preview(post: OrgUnit, chief: User) -> None:
    entry = make.entry(post, files=make.container())
    file = entry.submission.files.get(name="attachments/Klage.pdf")
    inline = f"/klaerung/{entry.pk}/dateien/{file.pk}/"
    assert f'href="{inline}" target="dokument"' in text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    answer = logged_in(chief).get(inline)
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert answer["Content-Type"] == "application/pdf" and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'self'"
    assert logged_in(chief).get(address(entry, file)).url == inline


def test_a_pdf_that_is_none_is_downloaded(post: OrgUnit, chief: User) -> None:
    entry = make.entry(post, files=make.container(pdf=b"<html><script>alert(1)</script>"))
    file = entry.submission.files.get(name="attachments/Klage.pdf")
    assert is_downloaded(chief, f"/klaerung/{entry.pk}/dateien/{file.pk}/")


def test_names_lead_nowhere(post: OrgUnit, chief: User) -> None:
    name = "attachments/../../../etc/passwd.xml"
    entry = make.entry(post, files={**make.container(), name: b"<a>harmlos</a>"})
    assert "harmlos" in opened(chief, entry, name)
    nasty = "attachments/<img src=x>.xml"
    entry = make.entry(post, files={**make.container(), nasty: b"<a/>"}, foreign="9 K 9/26")
    text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    assert "&lt;img src=x" in opened(chief, entry, nasty)


def test_it_is_visible_and_logged_like_the_download(post: OrgUnit, chief: User) -> None:
    entry = make.entry(post)
    file = entry.submission.files.get(name=XML)
    stranger, worker = make.lead(make.team("wohngeld")), make.user(post)
    assert logged_in(stranger).get(address(entry, file)).status_code == 404
    assert logged_in(worker).get(address(entry, file)).status_code == 403
    other = make.entry(post, foreign="9 K 1/26")
    assert logged_in(chief).get(address(other, file)).status_code == 404
    assert not AccessLog.objects.exists()
    opened(chief, entry)
    assert [(row.what, row.subject) for row in AccessLog.objects.all()] == [
        ("file_taken", entry.submission.number.public_id)
    ]


def test_bytes_that_have_vanished_are_said(post: OrgUnit, chief: User) -> None:
    entry = make.entry(post)
    file = entry.submission.files.get(name=XML)
    blobs.path_of(file.blob_id).unlink()
    answer = logged_in(chief).get(address(entry, file))
    assert answer.status_code == 500 and "Die gespeicherte Datei fehlt." in text_of(answer)


def test_the_message_stands_beside_the_forms(post: OrgUnit, chief: User) -> None:
    entry = make.entry(post)
    page = text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    shown = address(entry, entry.submission.files.get(name=XML))
    assert f'<iframe class="lm-beside__frame" name="dokument" title="Die gewählte Datei" src="{shown}"' in page
    assert page.count("Ansehen<span") == 2 and page.count("Herunterladen<span") == 2
    assert "Die gewählte Datei erscheint hier." not in page


def test_an_empty_preview_says_what_it_is_for(post: OrgUnit, chief: User) -> None:
    entry = make.entry(post, files={"Brief.pdf": make.PDF})
    assert "Die gewählte Datei erscheint hier." in text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
