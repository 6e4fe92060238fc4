"""What a worklist needs beside the Vorgänge: Wiedervorlagen, saved views, Vertretungen, presence, the search index."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q

from audit.history import history
from cases.models.case import Case
from cases.models.organisation import OrgUnit


class FollowUp(models.Model):
    """A Wiedervorlage: somebody wants to look at the Vorgang again on a day. Personal, unlike a Frist, which is law."""

    PERSONAL_FIELDS = ("note",)

    case = models.ForeignKey(Case, verbose_name="Vorgang", on_delete=models.CASCADE, related_name="follow_ups")
    due_on = models.DateField("Wiedervorlage am")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="für", on_delete=models.PROTECT, related_name="follow_ups"
    )
    note = models.CharField("Notiz", max_length=300, blank=True)
    by = models.CharField("gesetzt von", max_length=150)
    done_at = models.DateTimeField("erledigt am", null=True, blank=True)

    history = history(excluded_fields=PERSONAL_FIELDS)

    class Meta:
        verbose_name = "Wiedervorlage"
        verbose_name_plural = "Wiedervorlagen"
        indexes = [models.Index(fields=["case", "due_on"], condition=Q(done_at=None), name="cases_follow_up_open")]

    def __str__(self) -> str:
        return f"Wiedervorlage am {self.due_on:%d.%m.%Y}"


class SavedView(models.Model):
    """Filters of the worklist under a name, for one person or a team.

    ``query`` is a query string; its relative values (``@ich``, ``@heute+3``) are resolved for whoever looks.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="Person",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="saved_views",
    )
    unit = models.ForeignKey(
        OrgUnit, verbose_name="Team", null=True, blank=True, on_delete=models.CASCADE, related_name="saved_views"
    )
    name = models.CharField("Name", max_length=60)
    query = models.TextField("Filter", blank=True)

    history = history()

    class Meta:
        verbose_name = "gespeicherte Ansicht"
        verbose_name_plural = "gespeicherte Ansichten"
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=False, unit__isnull=True) | Q(owner__isnull=True, unit__isnull=False),
                name="cases_view_has_one_owner",
            ),
            models.UniqueConstraint(
                fields=["owner", "unit", "name"], name="cases_view_name_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Cover(models.Model):
    """A Vertretung: for some days somebody sees and does the casework of another (first and last day included)."""

    absent = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="vertreten wird", on_delete=models.CASCADE, related_name="covers"
    )
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="Vertretung", on_delete=models.CASCADE, related_name="covering"
    )
    starts_on = models.DateField("von")
    ends_on = models.DateField("bis")

    history = history()

    class Meta:
        verbose_name = "Vertretung"
        verbose_name_plural = "Vertretungen"
        constraints = [
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="cases_cover_ends_after_start"),
            models.CheckConstraint(condition=~Q(absent=F("substitute")), name="cases_cover_by_another"),
        ]
        indexes = [models.Index(fields=["substitute", "ends_on"], name="cases_cover_of_substitute")]

    def __str__(self) -> str:
        return f"{self.substitute} vertritt {self.absent}"


class Presence(models.Model):
    """Somebody has opened the Vorgang: a hint for the colleagues, no lock and no record."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presences")
    seen_at = models.DateTimeField("zuletzt geöffnet")

    class Meta:
        verbose_name = "Anwesenheit"
        verbose_name_plural = "Anwesenheiten"
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="cases_presence_once")]

    def __str__(self) -> str:
        return f"{self.user} hat {self.case} geöffnet"


class CaseSearch(models.Model):
    """By which words a Vorgang is found. Person data: no history, emptied by an erasure.

    ``words`` come from ``cases.searching``. They are the lexemes as they are: PostgreSQL's parser would read
    references as numbers, hosts or e-mail addresses.
    """

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="search")
    words = ArrayField(models.TextField(), verbose_name="Wörter", default=list)
    vector = models.GeneratedField(
        expression=Func(F("words"), function="array_to_tsvector"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        verbose_name = "Suchwörter"
        verbose_name_plural = "Suchwörter"
        indexes = [GinIndex(fields=["vector"], name="cases_search_words")]

    def __str__(self) -> str:
        return f"Suchwörter von {self.case}"
