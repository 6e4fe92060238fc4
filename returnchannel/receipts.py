"""The receipt of an application (§ 25 II VwVfG): that and when it has arrived, under which id, how long it takes."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format

from cases.letters import Kind, Letter, Letterhead, Recipient, Text, render
from cases.models import ServiceVersion
from intake.models import Submission

ANYBODY = Recipient(names=("An die antragstellende Person",))
"""The receipt says nothing of people: it is the same before and after anybody has read the application."""


def text_of(submission: Submission) -> str:
    """What the receipt says, in German."""
    at = timezone.localtime(submission.received_at)
    sentences = [
        f"Ihr Antrag ist am {date_format(at, 'j. F Y')} um {date_format(at, 'H:i')} Uhr bei uns eingegangen.",
        sentence_of(submission.number.public_id),
    ]
    version = _version(submission)
    if version and (days := version.declaration.get("processing_days")):
        sentences.append(
            f"Die Bearbeitung dauert in der Regel {days} Tage, sobald alle Unterlagen vorliegen. Fehlt etwas, "
            "schreiben wir Ihnen."
        )
    return " ".join(sentences)


def sentence_of(public_id: str) -> str:
    """The sentence of the receipt that tells the Vorgangs-ID."""
    return f"Er hat die Vorgangs-ID {public_id}. Bitte nennen Sie diese, wenn Sie uns schreiben oder anrufen."


def pdf_of(submission: Submission) -> bytes:
    """The receipt as PDF (PDF/A and PDF/UA), always the same bytes as long as it says the same."""
    version = _version(submission)
    about = f": {version.service.name}" if version else ""
    return render(
        Letter(
            kind=Kind.RECEIPT,
            letterhead=Letterhead.configured(),
            recipient=ANYBODY,
            subject=f"Eingangsbestätigung{about}",
            date=timezone.localdate(submission.received_at),
            public_id=submission.number.public_id,
            blocks=(Text(text_of(submission)),),
        )
    )


def _version(submission: Submission) -> ServiceVersion | None:
    """The Leistungspaket of the Leistung that the application names, as it is now; None when there is none."""
    rows = ServiceVersion.objects.filter(service__slug=submission.service).select_related("service")
    return rows.order_by("-number").first() if submission.service else None
