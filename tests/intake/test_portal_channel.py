"""The channel Portal from files: for trying out what the REST interface would make of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from intake import channels
from intake.actions import receive
from intake.models import Submission
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_files_of_applications_are_imported(tmp_path: Path, capsys) -> None:
    make.service("wohngeld")
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps(make.application()))
    (tmp_path / "c.json").write_text("{")
    (tmp_path / "d.json").write_text("")
    (tmp_path / "e.txt").write_text("x")
    call_command("import_submissions", str(tmp_path), channel="portal", json=True)
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (report["received"], report["filed"], report["exception"]) == (4, 2, 2)
    assert [s["reason"] for s in report["submissions"]] == [None, None, "json_invalid", "not_an_object"]
    call_command("import_submissions", str(tmp_path), channel="portal", json=True)
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["already_known"] == 4


def test_the_same_reference_of_nobody_knows_no_portal(tmp_path: Path) -> None:
    """A file has no client: what it names never joins."""
    make.service("wohngeld")
    make.team("poststelle", is_clearing=True)
    first = make.application()
    path = tmp_path / "a.json"
    path.write_text(json.dumps(first))
    for envelope in channels.get("portal").envelopes(path):
        assert receive(envelope, by=channels.actor("portal"), defer=False).submission.client is None
    assert Submission.objects.get().service == "wohngeld"


def test_an_entry_of_the_queue_shows_the_application(client) -> None:
    from tests.intake.portal_client import PortalClient

    unit = make.team("poststelle", is_clearing=True)
    make.service("wohngeld")
    portal = PortalClient()
    theirs = portal.submitted(make.application()).case
    held = [
        portal.submitted(make.application(service="x")),
        portal.submitted(make.application(sender_reference=theirs.file_reference)),
        portal.submitted(make.application(data={})),
    ]
    client.force_login(make.lead(unit))
    for submission in held:
        page = client.get(f"/klaerung/{submission.exceptions.get().pk}/")
        assert page.status_code == 200
        assert portal.client.name in page.content.decode()
    assert theirs.public_id in client.get(f"/klaerung/{held[1].exceptions.get().pk}/").content.decode()
