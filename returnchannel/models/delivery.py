"""How a message reaches one recipient, and the proof of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit.history import history
from cases.models import Dispatch
from returnchannel.models.message import OutboundMessage


class Delivery(models.Model):
    """One way of one message to one recipient, written with the message; the times are kept as proof.

    Beside the way that counts there may be a notice by e-mail. A letter is ``sent`` when the print shop has it and
    ``delivered`` when it was posted; in the portal it is ``sent`` as soon as it is to be seen, ``delivered`` when it
    was fetched; a notice is ``sent``, and nobody ever says that it arrived.
    """

    class State(models.TextChoices):
        """Where it is."""

        WAITING = "waiting", "wartet"
        SENT = "sent", "unterwegs"
        DELIVERED = "delivered", "zugestellt"
        REFUSED = "refused", "gescheitert"
        CANCELLED = "cancelled", "hinfällig"

    COUNTERS = ("attempts", "next_attempt_at")

    message = models.ForeignKey(
        OutboundMessage, verbose_name="Nachricht", on_delete=models.PROTECT, related_name="deliveries"
    )
    dispatch = models.ForeignKey(
        Dispatch, verbose_name="Versand", on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    channel = models.SlugField("Weg", max_length=20, db_index=False)
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField("Versuche", default=0)
    next_attempt_at = models.DateTimeField("nächster Versuch", null=True, blank=True)
    created_at = models.DateTimeField("angelegt am", auto_now_add=True)
    provided_at = models.DateTimeField("bereitgestellt am", null=True, blank=True)
    ends_on = models.DateField("abzurufen bis", null=True, blank=True, help_text="Danach folgt ein Brief.")
    notice_sent_at = models.DateTimeField("benachrichtigt am", null=True, blank=True)
    retrieved_at = models.DateTimeField("abgerufen am", null=True, blank=True)
    dispatched_at = models.DateTimeField("übergeben am", null=True, blank=True)
    delivered_at = models.DateTimeField("zugestellt am", null=True, blank=True)
    last_error = models.CharField("letzter Fehler", max_length=300, blank=True)
    handled_by = models.CharField("entschieden von", max_length=150, blank=True)

    history = history(excluded_fields=COUNTERS)

    class Meta:
        verbose_name = "Zustellung"
        verbose_name_plural = "Zustellungen"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["dispatch", "channel"], name="returnchannel_each_way_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sent", "delivered", "refused", "cancelled"]),
                name="returnchannel_way_state",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", next_attempt_at__isnull=False)
                | ~Q(state="waiting") & Q(next_attempt_at=None),
                name="returnchannel_way_attempt",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="waiting"), name="returnchannel_way_due"),
            models.Index(fields=["ends_on"], condition=Q(state="sent"), name="returnchannel_way_ends"),
            models.Index(fields=["id"], condition=Q(state="refused"), name="returnchannel_way_refused"),
        ]

    def __str__(self) -> str:
        return f"{self.message} auf dem Weg {self.channel}"
