"""People and teams (Organisationseinheiten)."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from audit.acting import SYSTEM, acting
from audit.history import history


class User(AbstractUser):
    """Somebody who works with Laufmappe. What they may do comes from their memberships, not from flags."""

    class Theme(models.TextChoices):
        """The colours of the pages."""

        SYSTEM = "system", "wie das Gerät"
        LIGHT = "light", "hell"
        DARK = "dark", "dunkel"

    oidc_subject = models.CharField("Kennung beim Anmeldedienst", max_length=255, null=True, blank=True, unique=True)
    shortcuts = models.BooleanField("Tastenkürzel", default=True)
    theme = models.CharField("Farben", max_length=6, choices=Theme.choices, default=Theme.SYSTEM)

    history = history(excluded_fields=("password", "last_login"))

    class Meta(AbstractUser.Meta):
        verbose_name = "Benutzer"
        verbose_name_plural = "Benutzer"

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def check_password(self, raw_password: str) -> bool:
        """As Django's; it may save a stronger hash, which the system does, not the person."""
        with acting(SYSTEM, "upgrade_password_hash"):
            return super().check_password(raw_password)


class OrgUnit(models.Model):
    """An Organisationseinheit: a team that is responsible for Vorgänge, possibly below another."""

    slug = models.SlugField("Kürzel", unique=True)
    name = models.CharField("Name", max_length=200)
    parent = models.ForeignKey(
        "self",
        verbose_name="übergeordnete Einheit",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    is_clearing = models.BooleanField(
        "zentrale Klärung",
        default=False,
        help_text="Bekommt die Klärfälle, für die keine Einheit feststeht (in der Regel die Poststelle).",
    )
    is_open = models.BooleanField(
        "nimmt Vorgänge an", default=True, help_text="Ohne Häkchen bekommt die Einheit nichts Neues mehr."
    )

    history = history()

    class Meta:
        verbose_name = "Organisationseinheit"
        verbose_name_plural = "Organisationseinheiten"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["is_clearing"], condition=Q(is_clearing=True), name="cases_one_clearing")
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a membership allows. The first two belong to a unit, the others to the whole authority."""

    CASEWORKER = "sachbearbeitung", "Sachbearbeitung"
    LEAD = "teamleitung", "Teamleitung"
    ADMIN = "fachadministration", "Fachadministration"
    DESK = "auskunft", "Auskunft"
    AUDITOR = "revision", "Revision"
    OPERATIONS = "betrieb", "IT-Betrieb"


class Membership(models.Model):
    """Somebody has a role, in a unit or (without one) in the whole authority."""

    user = models.ForeignKey(User, verbose_name="Person", on_delete=models.CASCADE, related_name="memberships")
    unit = models.ForeignKey(
        OrgUnit,
        verbose_name="Einheit",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    role = models.CharField("Rolle", max_length=20, choices=Role.choices)
    from_login = models.BooleanField(
        "vom Anmeldedienst",
        default=False,
        editable=False,
        help_text="Gilt, solange der Anmeldedienst die Gruppe nennt; sonst von Hand gegeben.",
    )

    history = history()

    class Meta:
        verbose_name = "Mitgliedschaft"
        verbose_name_plural = "Mitgliedschaften"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "role"], name="cases_membership_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=False) | ~Q(role__in=[Role.CASEWORKER, Role.LEAD]),
                name="cases_team_role_has_unit",
                violation_error_message="Sachbearbeitung und Teamleitung gehören zu einer Einheit.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"
