"""Figures and checks of what goes to courts."""

from __future__ import annotations

import os
from collections.abc import Iterator

from django.utils import timezone

from audit.registries import Figure, Health, Problem, health, integrity, metrics
from returnchannel import court, court_folder
from returnchannel.models import CourtMessage

State = CourtMessage.State


@metrics.register("gericht")
def messages() -> Iterator[Figure]:
    """How many Empfangsbekenntnisse are asked for, and how many messages stand where."""
    yield Figure("court_receipts_open", "eEB offen", court.demanding().count())
    for state in (State.WAITING, State.SENT, State.REFUSED):
        count = CourtMessage.objects.filter(state=state).count()
        yield Figure(f"court_{state}", f"Nachrichten an Gerichte: {state.label}", count)


@health.register("gericht")
def outbox() -> Health:
    """The folder of the EGVP client can be written to. The house works on without it."""
    folder = court_folder.outbox()
    if folder is None:
        return Health(True, "Der Versand über EGVP ist nicht eingerichtet (EGVP_OUTBOX).", vital=False)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        sentence = f"In den Ausgang des EGVP-Clients ({folder}) lässt sich nicht schreiben. Bitte Laufwerk und Rechte "
        return Health(False, f"{sentence}prüfen; was wartet, geht danach von selbst hinaus.", vital=False)
    return Health(True, "Der Ausgang des EGVP-Clients ist in Ordnung.", vital=False)


@integrity.register("gericht")
def nothing_is_stuck() -> Iterator[Problem]:
    """No Empfangsbekenntnis is forgotten, and nothing that was given hangs on its way."""
    now = timezone.now()
    for row in court.demanding().filter(stored_at__lt=now - court.LATE).select_related("case"):
        days = (now - row.stored_at).days
        yield Problem(row.case.public_id, f"eEB offen seit {days} Tagen; bitte im Vorgang abgeben.")
    rows = CourtMessage.objects.select_related("case").order_by("pk")
    for message in rows.filter(state=State.REFUSED):
        sentence = f"{message.get_kind_display()} über EGVP nicht angenommen; bitte im Vorgang erneut senden oder von "
        yield Problem(message.case.public_id, f"{sentence}Hand erledigen.")
    for message in rows.filter(state=State.WAITING, given_at__lt=now - court.NO_RECEIPT):
        yield Problem(
            message.case.public_id,
            f"{message.get_kind_display()} wartet seit über einem Tag; bitte den Ausgang EGVP_OUTBOX prüfen.",
        )
    for message in rows.filter(state=State.SENT, sent_at__lt=now - court.NO_RECEIPT):
        yield Problem(
            message.case.public_id,
            f"{message.get_kind_display()}: seit über einem Tag keine Quittung; bitte im EGVP-Client nachsehen.",
        )
