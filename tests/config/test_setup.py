"""A first start without questions, and what it refuses."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cases.models import OrgUnit, Role, Service, User
from config import first_start
from intake.models import Submission
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _known_authority(settings) -> None:
    settings.AUTHORITY_IS_SET = True


TEAMS = "kuerzel;name;uebergeordnet;klaerung\npost;Poststelle;;ja\nrecht;Rechtsamt;;\nprozess;Prozesse;recht;\n"


def setup(monkeypatch, **options) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("ein-langes-Passwort-7\n"))
    call_command("setup", admin="chefin", password_stdin=True, **options)


def test_everything_at_once(tmp_path: Path, monkeypatch, capsys) -> None:
    table = tmp_path / "teams.csv"
    table.write_text(TEAMS)
    inbox = tmp_path / "inbox"
    make.write_container(inbox / "1", make.container(own="30.4-2019-000001"))
    make.write_container(inbox / "2", make.container(subject="Grundsteuer"))
    make.write_container(inbox / "3", {"attachments/xjustiz_nachricht.xml": b"<kaputt"})
    setup(monkeypatch, teams=table, leistung="gerichtspost", team="recht", inbox=inbox)
    said = capsys.readouterr().out

    assert OrgUnit.objects.get(slug="prozess").parent.slug == "recht"
    assert OrgUnit.objects.get(is_clearing=True).slug == "post"
    admin = User.objects.get(username="chefin")
    assert admin.check_password("ein-langes-Passwort-7")
    assert list(admin.memberships.values_list("role", flat=True)) == [Role.ADMIN]
    assert Service.objects.get().unit.slug == "recht"
    assert "neuer Vorgang  1: Gerichtspost, Rechtsamt" in said
    assert "in Klärung     2: Keine Regel passt" in said
    assert "in Klärung     3: Die Datei" in said
    assert Submission.objects.count() == 0, "a dry run stores nothing"


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("name\nRechtsamt\n", "Zeile 1: Die Spalten kuerzel und name fehlen"),
        ("kuerzel;name\n;Rechtsamt\n", "Zeile 2: Kürzel oder Name fehlt"),
        ("kuerzel;name;uebergeordnet\na;A;b\nb;B;\n", "Zeile 2: Die übergeordnete Einheit „b“ steht nicht weiter oben"),
        ("kuerzel;name;klaerung\na;A;ja\nb;B;ja\n", "Zeile 3: Es gibt schon eine zentrale Klärung"),
    ],
)
def test_a_wrong_table_names_its_line_and_changes_nothing(tmp_path: Path, table: str, sentence: str) -> None:
    path = tmp_path / "teams.csv"
    path.write_text(table)
    with pytest.raises(first_start.TableError, match=sentence):
        first_start.load_teams(path)
    assert not OrgUnit.objects.exists()


def test_a_wrong_value_changes_nothing(tmp_path: Path, monkeypatch) -> None:
    table = tmp_path / "teams.csv"
    table.write_text(TEAMS)
    with pytest.raises(CommandError, match="„finanzen“ gibt es nicht"):
        setup(monkeypatch, teams=table, leistung="gerichtspost", team="finanzen")
    assert not OrgUnit.objects.exists()
    assert not User.objects.exists()


def test_without_a_terminal_it_says_how_to_give_the_password(monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(CommandError, match="--password-stdin"):
        call_command("setup", admin="chefin")


def test_it_asks_for_whom_and_says_what_comes_next(monkeypatch, settings, capsys) -> None:
    setup(monkeypatch)
    assert "mindestens eine Teamleitung" in capsys.readouterr().out
    settings.AUTHORITY_IS_SET = False
    with pytest.raises(CommandError, match="für welche Behörde"):
        setup(monkeypatch)


def test_a_weak_password_is_refused(monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("kurz\n"))
    with pytest.raises(CommandError, match="zu kurz"):
        call_command("setup", admin="chefin", password_stdin=True)
    assert not User.objects.exists()


def test_the_authority_is_kept_for_local_mode(settings, tmp_path: Path) -> None:
    path = first_start.write_authority("Stadt Köln", "NW")
    assert path == settings.DATA_DIR / "laufmappe.env"
    assert path.read_text() == 'AUTHORITY_NAME="Stadt Köln"\nAUTHORITY_LAND="NW"\n'
    assert path.stat().st_mode & 0o777 == 0o600


def test_migrating_makes_the_table_of_the_cache() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE config_cache")
    call_command("migrate", verbosity=0)
    assert "config_cache" in connection.introspection.table_names()
