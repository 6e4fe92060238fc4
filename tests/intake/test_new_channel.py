"""A new channel is one new file: registered, importable by command, watched, known to people by its label."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from intake import channels, collecting, inbox
from intake.models import Submission
from intake.presenting import channel_label

pytestmark = pytest.mark.django_db

SOURCE = '''
"""Fax servers that write one TIFF or text per fax."""
from pathlib import Path

from intake.channels import register
from intake.channels.folder import FolderChannel, own_id, source
from intake.envelope import Envelope, MessageFile


@register
class Fax(FolderChannel):
    slug = "fax"
    label = "Telefax"

    def message(self, path: Path) -> Envelope:
        if path.suffix != ".txt":
            return self.unknown(path, "kein Fax")
        file = MessageFile.from_path(path, path.name)
        return Envelope(self.slug, own_id(path, [file]), files=[file], source=source(path))
'''


@pytest.fixture
def fax(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    package = tmp_path / "more_channels"
    package.mkdir()
    (package / "fax.py").write_text(SOURCE)
    monkeypatch.setattr(channels, "__path__", [*channels.__path__, str(package)])
    yield
    channels._registry.pop("fax", None)
    sys.modules.pop("intake.channels.fax", None)


def test_one_file_makes_a_channel(fax: None, tmp_path: Path, settings, capsys) -> None:
    assert "fax" in channels.slugs()
    assert (channel_label("fax"), channels.actor("fax").name) == ("Telefax", "Telefax")
    folder = tmp_path / "faxe"
    folder.mkdir()
    (folder / "1.txt").write_text("Guten Tag")
    (folder / "2.bin").write_bytes(b"?")

    call_command("import_submissions", str(folder), channel="fax", json=True)
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [(each["state"], each["reason"]) for each in report["submissions"]] == [
        ("exception", "no_rule"),
        ("exception", "not_a_message"),
    ]

    settings.INBOXES, settings.INBOX_SETTLE_SECONDS = {"fax": folder}, 0
    (watched,) = inbox.configured()
    watch = inbox.Watch(watched)
    assert (collecting.collect(watch), collecting.collect(watch)) == (0, 2)
    assert watched.entries() == []
    assert Submission.objects.filter(channel="fax").count() == 2, "known ones are put away too"


def test_a_watched_folder_is_no_message_for_the_command(tmp_path: Path, settings, capsys) -> None:
    folder = tmp_path / "post"
    folder.mkdir()
    (folder / "a.eml").write_text("From: a@example.org\nSubject: x\n\nText")
    settings.INBOXES, settings.INBOX_SETTLE_SECONDS = {"eml": folder}, 0
    watch = inbox.Watch(inbox.configured()[0])
    assert (collecting.collect(watch), collecting.collect(watch)) == (0, 1)
    call_command("import_submissions", str(folder), channel="eml", json=True)
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (report["received"], report["skipped"], report["submissions"]) == (0, 1, [])
