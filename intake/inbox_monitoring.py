"""Figures and health of the watched folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from audit.registries import Figure, Health, Problem, health, integrity, metrics
from intake import inbox
from intake.gates import filenames
from intake.inbox import Inbox

PATIENCE = timedelta(minutes=10)
LOCK_PATIENCE = timedelta(hours=1)


@metrics.register("posteingang")
def waiting() -> Iterator[Figure]:
    """How many entries wait in each watched folder, and how many were put aside; nothing for one that is not there."""
    for each in inbox.configured():
        if _unusable(each):
            continue
        yield Figure(f"inbox_{each.channel}_waiting", f"Überwachter Eingang {each.label}: wartend", len(each.entries()))
        yield Figure(
            f"inbox_{each.channel}_failed", f"Überwachter Eingang {each.label}: gescheitert", len(each.failures())
        )


@health.register("posteingang")
def inboxes() -> Health:
    """The watched folders are there and empty themselves (file names stay out of this answer)."""
    problems = [sentence for sentence, _ in _problems()]
    if problems:
        return Health(False, " ".join(problems))
    count = len(inbox.configured())
    return Health(
        True,
        f"Die überwachten Eingänge sind in Ordnung (Anzahl: {count})." if count else "Kein Eingang wird überwacht.",
    )


@integrity.register("posteingang")
def nothing_is_stuck() -> Iterator[Problem]:
    """Nothing hangs in a watched folder."""
    for sentence, names in _problems():
        yield Problem(", ".join(names), sentence)


def _problems() -> Iterator[tuple[str, list[str]]]:
    """(German sentence, what it is about) for all that is wrong with the watched folders."""
    for setting in inbox.unknown():
        yield (
            f"{setting} ist gesetzt, aber diesen Kanal gibt es nicht. Bitte den Namen der Einstellung prüfen.",
            [setting],
        )
    for each in inbox.configured():
        if why := _unusable(each):
            yield f"Der Eingang {each.label} ({each.folder}) {why}", [each.label]
        else:
            yield from _stuck(each)


def _unusable(each: Inbox) -> str:
    """Why nothing can be taken from the folder (the end of a German sentence), or ""."""
    if not each.folder.is_dir():
        return "ist nicht da. Bitte prüfen, ob das Laufwerk verbunden ist und die Einstellung stimmt."
    if not os.access(each.folder, os.R_OK | os.X_OK):
        return "ist nicht lesbar. Bitte dem Dienst das Leserecht geben."
    if not os.access(each.folder, os.W_OK):
        return "ist nicht beschreibbar: Aufgenommenes kann nicht weggelegt werden. Bitte dem Dienst das Recht geben."
    return ""


def _stuck(each: Inbox) -> Iterator[tuple[str, list[str]]]:
    now = timezone.now()
    waits, locked = [], []
    for path in each.entries():
        since = _since(path)
        if since is None:
            continue
        name = filenames.display(filenames.storable(path.name))
        if inbox.unfinished(path):
            locked += [name] if now - since > LOCK_PATIENCE else []
        elif now - since > PATIENCE:
            waits.append((since, name))
    where = f"{each.label} ({each.folder})"
    if waits:
        oldest = timezone.localtime(min(waits)[0])
        yield (
            f"Im Eingang {where} wartet Post seit {oldest:%d.%m.%Y, %H:%M} Uhr (Anzahl: {len(waits)}). Bitte prüfen, "
            "ob `worker` läuft und die Dateien lesen und verschieben darf.",
            [name for _, name in sorted(waits)],
        )
    if locked:
        yield (
            f"Im Eingang {where} ist Post seit über einer Stunde gesperrt (Anzahl: {len(locked)}). Bitte prüfen, ob "
            "das liefernde Programm noch schreibt, und sonst die übrig gebliebene Sperrdatei löschen.",
            locked,
        )
    if failures := each.failures():
        yield (
            f"Im Ordner `failed` des Eingangs {where} liegt Post, die nicht gespeichert werden konnte (Anzahl: "
            f"{len(failures)}). Bitte die Begründung daneben lesen, die Ursache beheben lassen und sie danach wieder "
            "in den Eingang legen.",
            [filenames.display(filenames.storable(path.name)) for path in failures],
        )


def _since(path: os.PathLike[str]) -> datetime | None:
    """Since when the entry lies here: when it last changed, its name included; None when it has just gone."""
    try:
        changed = os.lstat(path).st_ctime
    except FileNotFoundError:
        return None
    return datetime.fromtimestamp(changed, tz=timezone.get_current_timezone())
