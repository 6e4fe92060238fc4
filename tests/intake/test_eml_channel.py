"""E-mails: text, attachments and headers, whatever state they are in; nothing of them is lost or rendered."""

from __future__ import annotations

import os
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import channels
from intake.channels import Skipped
from intake.envelope import Envelope
from intake.standards import mail
from intake.standards.mail_parts import header_text
from intake.translate import Translation, translate
from routing.models import ExceptionEntry
from tests import factories as make
from tests.intake.builders import PDF, memory_file
from tests.intake.reading import codes, the

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 200
RECEIVED = "from mx.example (mx.example [192.0.2.1]) by mail.stadt.example; Tue, 24 Nov 2026 08:15:00 +0100"


def message(text: str | None = "Guten Tag,\nanbei die Unterlagen.", **headers: str) -> EmailMessage:
    made = EmailMessage()
    defaults = {
        "Received": RECEIVED,
        "From": "Eva Klüg <eva@example.org>",
        "To": "Stadt Musterhausen <post@stadt.example>",
        "Subject": "Unterlagen für Straße",
        "Date": "Tue, 24 Nov 2026 08:14:30 +0100",
        "Message-ID": "<abc.1@example.org>",
    }
    for name, value in (defaults | {key.replace("_", "-"): value for key, value in headers.items()}).items():
        if value:
            made[name] = value
    if text is not None:
        made.set_content(text)
    return made


def attach(to: EmailMessage, name: str, data: bytes = PDF, kind: str = "application/pdf", **more) -> None:
    maintype, subtype = kind.split("/")
    to.add_attachment(data, maintype=maintype, subtype=subtype, filename=name, **more)


def one(data: bytes, folder: Path, name: str = "mail.eml") -> Envelope:
    (folder / name).write_bytes(data)
    (envelope,) = channels.get("eml").envelopes(folder / name)
    assert isinstance(envelope, Envelope)
    return envelope


def read(data: bytes, folder: Path) -> Translation:
    envelope = one(data, folder)
    return translate(envelope.files, archive=envelope.archive, envelope_findings=envelope.findings)


def test_headers_text_and_attachments(tmp_path: Path) -> None:
    made = message()
    attach(made, "Antrag.pdf")
    attach(made, "Foto.jpg", b"\xff\xd8" + b"\0" * 50_000, "image/jpeg")
    data = made.as_bytes()
    envelope = one(data, tmp_path)
    assert envelope.external_id == "abc.1@example.org"
    assert envelope.received_at == datetime.fromisoformat("2026-11-24T08:15:00+01:00")
    assert envelope.archive is not None and envelope.archive.read() == data
    assert [file.name for file in envelope.files] == ["Nachrichtentext.txt", "Antrag.pdf", "Foto.jpg"]
    assert envelope.files[1].read() == PDF

    translation = translate(envelope.files, archive=envelope.archive)
    assert codes(translation) == []
    facts = translation.facts
    assert (facts.standard, facts.message_id) == ("eml", "abc.1@example.org")
    assert facts.sender.name == "Eva Klüg <eva@example.org>"
    assert facts.recipient.name == "Stadt Musterhausen <post@stadt.example>"
    assert (facts.subject, facts.text) == ("Unterlagen für Straße", "Guten Tag,\nanbei die Unterlagen.")
    assert facts.received_at == envelope.received_at
    assert facts.created_at == datetime.fromisoformat("2026-11-24T08:14:30+01:00")
    assert [document.name for document in facts.documents] == ["Antrag.pdf", "Foto.jpg"]


def test_a_mail_without_attachments_says_something_too(tmp_path: Path) -> None:
    translation = read(message().as_bytes(), tmp_path)
    assert (translation.facts.documents, codes(translation)) == ([], [])
    assert translation.facts.text.startswith("Guten Tag")


def test_a_mail_without_anything_is_a_matter_for_a_person(tmp_path: Path) -> None:
    translation = read(message(" \n").as_bytes(), tmp_path)
    assert the(translation, "mail_empty").is_blocking


def test_without_an_id_the_bytes_are_the_id(tmp_path: Path) -> None:
    envelope = one(message(Message_ID="").as_bytes(), tmp_path)
    assert envelope.archive is not None
    assert envelope.external_id == f"sha256:{envelope.archive.sha256()}"


def test_only_the_topmost_received_counts_and_the_files_time_is_the_last_resort(tmp_path: Path) -> None:
    data = message().as_bytes()
    earlier = b"Received: from a by b; Mon, 23 Nov 2026 01:00:00 +0000\n"
    later = b"Received: by mail.stadt.example\n\twith LMTP; Tue, 24 Nov 2026 08:16:00 +0100 (CET)\n"
    moment = datetime.fromisoformat("2026-11-24T08:16:00+01:00")
    assert one(later + data + earlier, tmp_path).received_at == moment
    for broken in ("gestern", "Tue, 99 Nov 2026 08:00:00", "Tue, 24 Nov 2099 08:00:00 +0100", ""):
        path = tmp_path / "x.eml"
        path.write_bytes(message(Received=f"by x; {broken}").as_bytes())
        os.utime(path, (1_763_970_000, 1_763_970_000))
        (envelope,) = channels.get("eml").envelopes(path)
        assert envelope.received_at.timestamp() == 1_763_970_000


def test_html_is_read_as_text_and_never_as_a_page(tmp_path: Path) -> None:
    made = message(None)
    made.set_content(
        "<html><head><title>x</title><style>p{color:red}</style></head><body><p>Sehr geehrte <b>Frau</b>&nbsp;Öz,</p>"
        "<script>alert(1)</script><div>erste<br>zweite</div><table><tr><td>a</td><td> b</td></tr></table>"
        '<img src="http://tracker.example/x.gif" alt="y"><!-- geheim --></body></html>',
        subtype="html",
    )
    facts = read(made.as_bytes(), tmp_path).facts
    assert facts.text == "Sehr geehrte Frau Öz,\n\nerste\nzweite\n\na b"


def test_of_two_forms_of_the_text_the_plain_one_counts(tmp_path: Path) -> None:
    made = message("Nur Text")
    made.add_alternative("<p>Mit <b>Schrift</b></p>", subtype="html")
    envelope = one(made.as_bytes(), tmp_path)
    assert [file.name for file in envelope.files] == ["Nachrichtentext.txt", "Nachrichtentext.html"]
    translation = translate(envelope.files, archive=envelope.archive)
    assert (translation.facts.text, translation.facts.documents) == ("Nur Text", [])


def test_html_of_every_kind_is_survived(tmp_path: Path) -> None:
    for source in ("<div>" * 5000 + "tief", '<?xml version="1.0" encoding="utf-16"?><p>a</p>', "<", "", "<p>\0x</p>"):
        made = message(None)
        made.set_content("x", subtype="html")
        made.set_payload(source, "utf-8")
        read(made.as_bytes(), tmp_path)


def test_pictures_of_the_text_are_files_but_no_documents(tmp_path: Path) -> None:
    made = message(None)
    made.set_content('<p>Gruß <img src="cid:logo"></p>', subtype="html")
    made.add_related(b"\x89PNG" + b"\0" * 90_000, maintype="image", subtype="png", cid="<logo>", filename="logo.png")
    attach(made, "strich.gif", b"GIF89a", "image/gif", disposition="inline")
    attach(made, "klein.png", PNG, "image/png")
    attach(made, "plan.png", PNG * 500, "image/png", disposition="inline")
    attach(made, "gmail.png", PNG, "image/png", cid="<f_1>")
    attach(made, "foto.png", PNG * 2000, "image/png", disposition="inline", cid="<f_2>")
    envelope = one(made.as_bytes(), tmp_path)
    assert {"logo.png", "strich.gif", "klein.png", "plan.png"} < {file.name for file in envelope.files}
    facts = translate(envelope.files, archive=envelope.archive).facts
    assert [document.name for document in facts.documents] == ["klein.png", "plan.png", "gmail.png", "foto.png"]


def test_an_attached_mail_is_one_document_and_not_opened(tmp_path: Path) -> None:
    inner = message("Der innere Text V-0000", Subject="Weiter")
    attach(inner, "innen.pdf")
    made = message("Siehe Anlage")
    made.add_attachment(inner)
    envelope = one(made.as_bytes(), tmp_path)
    assert [file.name for file in envelope.files] == ["Nachrichtentext.txt", "Anlage 2.eml"]
    assert b"innen.pdf" in envelope.files[1].read()
    facts = translate(envelope.files, archive=envelope.archive).facts
    assert facts.text == "Siehe Anlage"
    assert [document.name for document in facts.documents] == ["Anlage 2.eml"]


def test_names_are_made_unique_and_hold_no_folders(tmp_path: Path) -> None:
    made = message()
    for name in ("a.pdf", "A.pdf", "a.pdf", "../../etc/a.pdf", "C:\\Temp\\b.pdf", "/", "ü" * 300 + ".pdf", "ohne"):
        attach(made, name)
    names = [file.name for file in one(made.as_bytes(), tmp_path).files]
    assert names[1:6] == ["a.pdf", "A (2).pdf", "a (3).pdf", "a (4).pdf", "b.pdf"]
    assert names[6] == "Anlage 7.pdf"
    assert len(names[7]) <= 150 and names[7].endswith("….pdf")
    assert names[8] == "ohne"
    assert len(set(names)) == len(names)


def test_encoded_and_raw_names_and_headers_are_read(tmp_path: Path) -> None:
    data = (
        b"From: =?iso-8859-1?Q?J=F6rg?= <j@x.example>\r\nSubject: =?utf-8?B?R3LDvMOfZQ==?= =?utf-8?Q?_aus?= K\xf6ln\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain; charset=unbekannt-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSch\xf6n\r\n"
        b'--b\r\nContent-Type: application/pdf; name="=?utf-8?Q?Gru=C3=9F.pdf?="\r\n\r\n%PDF-1.7\r\n'
        b"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment;\r\n"
        b" filename*0*=utf-8''Stra%C3%9Fe; filename*1*=%20neu.pdf\r\n\r\n%PDF-1.7\r\n--b--\r\n"
    )
    envelope = one(data, tmp_path)
    assert [file.name for file in envelope.files] == ["Nachrichtentext.txt", "Gruß.pdf", "Straße neu.pdf"]
    facts = translate(envelope.files, archive=envelope.archive).facts
    assert (facts.sender.name, facts.subject, facts.text) == ("Jörg <j@x.example>", "Grüße aus Köln", "Schön")


@pytest.mark.parametrize(
    ("raw", "read_as"),
    [
        ("=?utf-8?B?R3LDvMM=?=\r\n =?utf-8?B?n2U=?= aus", "Grüße aus"),
        ("=?utf-8?Q?a?= b =?iso-8859-1?Q?=FC_c?=", "a b ü c"),
        ("=?utf-8*de?Q?=C3=BC?=", "ü"),
        ("=?nix?Q?=FC?= =?utf-8?B?!?=", "ü"),
        ("K\udcf6ln", "Köln"),
        ("=?utf-8?X?a?=", "=?utf-8?X?a?="),
        ("", ""),
    ],
)
def test_encoded_words(raw: str, read_as: str) -> None:
    assert header_text(raw) == read_as


def test_winmail_and_encrypted_mail_are_kept_and_named(tmp_path: Path) -> None:
    made = message()
    attach(made, "winmail.dat", b"\x78\x9f\x3e\x22", "application/ms-tnef")
    translation = read(made.as_bytes(), tmp_path)
    assert not the(translation, "mail_winmail").is_blocking
    assert [document.name for document in translation.facts.documents] == ["winmail.dat"]

    sealed = message(None)
    sealed.set_content(b"\x30\x82", maintype="application", subtype="pkcs7-mime", filename="smime.p7m")
    translation = read(sealed.as_bytes(), tmp_path)
    assert the(translation, "mail_encrypted")
    assert [document.name for document in translation.facts.documents] == ["smime.p7m"]


def test_a_signature_of_the_mail_is_no_document(tmp_path: Path) -> None:
    made = message()
    attach(made, "smime.p7s", b"\x30\x82", "application/pkcs7-signature")
    assert read(made.as_bytes(), tmp_path).facts.documents == []


@pytest.mark.parametrize(
    "data",
    [
        b'From: a@b\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nText\n',
        b"From: a@b\nSubject: x\nContent-Type: multipart/mixed\n\nText ohne Grenze\n",
        b"From: a@b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!!kein base64\n",
    ],
)
def test_broken_mime_is_read_as_far_as_it_goes(data: bytes, tmp_path: Path) -> None:
    translation = read(data, tmp_path)
    assert "mail_damaged" in codes(translation)


@pytest.mark.parametrize("data", [b"", b"\0\1\2", b"nur Text, keine Mail", b"%PDF-1.7\n"])
def test_what_is_no_mail_is_kept_for_a_person(data: bytes, tmp_path: Path) -> None:
    translation = read(data, tmp_path)
    assert the(translation, "mail_unreadable").is_blocking


def test_deeply_nested_and_very_many_parts_are_not_taken_apart(tmp_path: Path, settings) -> None:
    deep = b"From: a@b\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(400)
    )
    assert the(read(deep, tmp_path), "mail_too_many_parts").is_blocking
    deeper = b"From: a@b\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(9000)
    )
    assert the(read(deeper, tmp_path), "mail_too_many_parts").is_blocking
    settings.MAX_MESSAGE_FILES = 0
    many = message()
    for number in range(60):
        attach(many, f"{number}.pdf")
    translation = read(many.as_bytes(), tmp_path)
    assert the(translation, "mail_too_many_parts").is_blocking
    assert translation.facts.subject == "Unterlagen für Straße"


def test_a_mail_that_is_too_large_is_kept_whole_and_its_headers_read(tmp_path: Path, settings) -> None:
    settings.MAX_MESSAGE_MB = 1
    made = message()
    attach(made, "gross.pdf", PDF + b"\0" * 2_000_000)
    envelope = one(made.as_bytes(), tmp_path)
    assert (envelope.files, envelope.external_id) == ([], "abc.1@example.org")
    translation = translate([], archive=envelope.archive)
    assert the(translation, "message_too_large").is_blocking
    assert translation.facts.sender.name == "Eva Klüg <eva@example.org>"


def test_a_folder_of_mails_and_what_else_lies_there(tmp_path: Path) -> None:
    (tmp_path / "a.EML").write_bytes(message().as_bytes())
    (tmp_path / "b.msg").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "c.eml.tmp").write_bytes(b"")
    first, second, third = channels.get("eml").envelopes(tmp_path)
    assert isinstance(first, Envelope) and first.findings == []
    assert isinstance(second, Envelope) and [finding.code for finding in second.findings] == ["not_a_message"]
    assert isinstance(third, Skipped)


@given(st.binary(max_size=600))
def test_no_bytes_raise(data: bytes) -> None:
    head = b"From: a@b\nSubject: =?utf-8?Q?=00?=\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
    for content in (data, head + data, head.replace(b"\n", b"\n" + data[:40] + b": ", 1) + data):
        file = memory_file("x.eml", content)
        facts, _ = mail.read(file, [])
        assert "\0" not in str(facts.as_json())


@pytest.mark.django_db
def test_a_mail_that_names_a_case_is_filed_in_it(tmp_path: Path) -> None:
    case = make.case()
    made = message(f"Zu meinem Antrag ({case.public_id}) anbei der Nachweis.")
    attach(made, "Nachweis.pdf")
    submission = make.processed(one(made.as_bytes(), tmp_path))
    assert (submission.state, submission.case) == ("filed", case)
    assert [document.title for document in case.documents.all()] == ["Nachweis.pdf"]
    stored = {(row.name, row.is_archive) for row in submission.files.all()}
    assert stored == {("Nachrichtentext.txt", False), ("Nachweis.pdf", False), ("mail.eml", True)}


@pytest.mark.django_db
def test_a_mail_that_names_none_waits_for_a_person(tmp_path: Path) -> None:
    submission = make.processed(one(message().as_bytes(), tmp_path))
    assert ExceptionEntry.objects.get(submission=submission).reason == "no_rule"


@pytest.mark.django_db
def test_the_same_mail_to_two_addresses_is_one_and_another_text_is_another(tmp_path: Path) -> None:
    first = make.submission(one(message().as_bytes(), tmp_path))
    again = make.submission(one(message(Received=RECEIVED.replace("08:15", "08:17")).as_bytes(), tmp_path))
    other = make.submission(one(message("Ich nehme alles zurück.").as_bytes(), tmp_path))
    assert first == again
    assert other != first
    assert [finding["code"] for finding in other.receipt_findings] == ["message_id_reused"]


@pytest.mark.django_db
def test_the_same_form_from_two_people_is_no_duplicate(tmp_path: Path) -> None:
    states = []
    for number, person in enumerate(("eva@example.org", "udo@example.org")):
        made = message(None, From=person, Message_ID=f"<{number}@example.org>")
        made.set_content(PDF, maintype="application", subtype="pdf", filename="Antrag.pdf")
        states.append(make.processed(one(made.as_bytes(), tmp_path)).state)
    assert states == ["exception", "exception"]
