"""The declaration on accessibility, with what has been tested by hand and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

DECLARED_ON = date(2026, 11, 24)


@dataclass(frozen=True)
class ManualCheck:
    """Something tested by hand; ``on`` is None as long as nobody has."""

    what: str
    on: date | None
    result: str


MANUAL_CHECKS: tuple[ManualCheck, ...] = (
    ManualCheck(
        "Nur mit der Tastatur: anmelden, Vorgang suchen, öffnen, zuweisen, zurücknehmen, Nachforderung schreiben, "
        "abschließen; Fenster und Meldungen schließen",
        date(2026, 11, 24),
        "alles erreichbar, der Fokus ist sichtbar und kehrt nach Fenstern zurück",
    ),
    ManualCheck(
        "Vergrößerung auf 200 %: Arbeitsvorrat, Vorgang, Nachforderung, Handbuch",
        date(2026, 11, 24),
        "nichts geht verloren, kein waagrechtes Scrollen der Seite",
    ),
    ManualCheck(
        "Erzwungene Farben (Kontrastdesign): Arbeitsvorrat, Vorgang, Fenster, Konto",
        date(2026, 11, 24),
        "gefunden und behoben: Symbole und die Marke des aktuellen Reiters waren unsichtbar",
    ),
    ManualCheck("Bildschirmleser (NVDA mit Firefox)", None, "noch nicht getestet"),
    ManualCheck("Bildschirmlupe, Spracheingabe", None, "noch nicht getestet"),
)


@login_not_required
def declaration(request: HttpRequest) -> HttpResponse:
    """The page (§ 12b BGG, § 7 BITV 2.0), open to everybody."""
    context = {
        "feedback_email": settings.AUTHORITY_EMAIL,
        "arbitration": settings.AUTHORITY_ARBITRATION,
        "manual_checks": MANUAL_CHECKS,
        "declared_on": DECLARED_ON,
        "checked_on": max([DECLARED_ON, *(check.on for check in MANUAL_CHECKS if check.on)]),
    }
    return render(request, "frame/accessibility.html", context)
