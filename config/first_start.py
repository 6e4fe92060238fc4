"""What a first start needs beside the commands of the rooms: the authority's values, teams from a table, a dry run."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction

from audit.acting import SYSTEM
from cases import deadlines
from cases.actions import make_team
from cases.models import OrgUnit
from intake import channels
from intake.channels.base import Skipped
from intake.translate import translate
from routing.exceptions import label_of
from routing.verdict import Hold, NewCase, Reply, judge

LAENDER = tuple(sorted(deadlines.LAENDER))
COLUMNS = {"kuerzel", "name"}


class TableError(Exception):
    """The table of teams cannot be read; the message names the line and what is wrong (German)."""


def write_authority(name: str, land: str) -> Path:
    """Keep the authority's name and Land for local mode; returns the file. Settings read it at the next start."""
    if any(character in name for character in "\n\r\"'\\$"):
        raise ValueError("the name of the authority must be plain text")
    path = Path(settings.DATA_DIR) / "laufmappe.env"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(f'AUTHORITY_NAME="{name}"\nAUTHORITY_LAND="{land}"\n', "utf-8")
    return path


def load_teams(path: Path) -> int:
    """Create the teams of a CSV file (UTF-8; ``;`` or ``,``); parents before children. Returns their number."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(f"{path} lässt sich nicht lesen; bitte als CSV in UTF-8 speichern.") from error
    rows = csv.DictReader(text.splitlines(), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    if COLUMNS - set(rows.fieldnames or ()):
        raise TableError(f"{path}, Zeile 1: Die Spalten kuerzel und name fehlen.")
    count = 0
    with transaction.atomic():
        for number, row in enumerate(rows, 2):
            _make(row, f"{path}, Zeile {number}")
            count += 1
    return count


def _make(row: dict[str, str], place: str) -> None:
    slug, name = (row["kuerzel"] or "").strip(), (row["name"] or "").strip()
    above = (row.get("uebergeordnet") or "").strip()
    if not slug or not name:
        raise TableError(f"{place}: Kürzel oder Name fehlt.")
    parent = OrgUnit.objects.filter(slug=above).first() if above else None
    if above and parent is None:
        raise TableError(f"{place}: Die übergeordnete Einheit „{above}“ steht nicht weiter oben.")
    clearing = (row.get("klaerung") or "").strip().lower() in {"ja", "x", "1", "true"}
    other = OrgUnit.objects.filter(is_clearing=True).exclude(slug=slug)
    if clearing and other.exists():
        raise TableError(f"{place}: Es gibt schon eine zentrale Klärung ({other.get()}).")
    make_team(slug=slug, name=name, parent=parent, is_clearing=clearing, by=SYSTEM)


def dry_run(inbox: Path, *, channel: str = "egvp") -> Iterator[tuple[str, str, str]]:
    """What would become of each message in ``inbox``: (name, what, why). Writes and moves nothing."""
    for envelope in channels.get(channel).inbox(inbox):
        name = Path(envelope.source).name
        if isinstance(envelope, Skipped):
            yield name, "übergangen", envelope.why
            continue
        translation = translate(envelope.files, archive=envelope.archive, envelope_findings=envelope.findings)
        match judge(channel, translation.facts, translation.findings):
            case Hold(reason=reason):
                blocking = [f.message for f in translation.findings if f.is_blocking]
                yield name, "in Klärung", blocking[0] if blocking else label_of(reason)
            case Reply(why=why):
                yield name, "abgelegt", why
            case NewCase(rule=rule, unit=unit):
                yield name, "neuer Vorgang", f"{rule.service}, {unit} (Regel „{rule.name}“)"
