"""Beteiligte and the data of the application: person data, whose old values live in the erasable version table."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit.history import history
from cases.models.case import Case


class Party(models.Model):
    """Somebody with a role in the matter. Letters go to who ``receives_post``."""

    class Role(models.TextChoices):
        """The role in the matter."""

        APPLICANT = "applicant", "antragstellende Person"
        REPRESENTATIVE = "representative", "bevollmächtigt"
        GUARDIAN = "guardian", "gesetzliche Vertretung"
        PLAINTIFF = "plaintiff", "klagende Partei"
        DEFENDANT = "defendant", "beklagte Partei"
        COURT = "court", "Gericht"
        HOUSEHOLD_MEMBER = "household_member", "Haushaltsmitglied"
        INVOLVED = "involved", "beteiligt"
        OTHER = "other", "weitere"

    class Kind(models.TextChoices):
        """A human being or not."""

        PERSON = "person", "Person"
        ORGANISATION = "organisation", "Organisation"

    PERSONAL_FIELDS = (
        "first_name",
        "last_name",
        "organisation",
        "birth_date",
        "street",
        "house_number",
        "postcode",
        "city",
        "reference",
    )

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="parties")
    role = models.CharField("Rolle", max_length=20, choices=Role.choices, default=Role.OTHER)
    kind = models.CharField("Art", max_length=12, choices=Kind.choices, default=Kind.PERSON)
    first_name = models.CharField("Vorname", max_length=200, blank=True)
    last_name = models.CharField("Nachname", max_length=200, blank=True)
    organisation = models.CharField("Organisation", max_length=300, blank=True)
    birth_date = models.DateField("Geburtsdatum", null=True, blank=True)
    street = models.CharField("Straße", max_length=200, blank=True)
    house_number = models.CharField("Hausnummer", max_length=20, blank=True)
    postcode = models.CharField("Postleitzahl", max_length=10, blank=True)
    city = models.CharField("Ort", max_length=200, blank=True)
    reference = models.CharField("Geschäftszeichen", max_length=200, blank=True)
    information_block = models.BooleanField(
        "Auskunftssperre", default=False, help_text="Die Anschrift darf niemandem genannt werden (§ 51 BMG)."
    )
    receives_post = models.BooleanField("bekommt die Post", default=False)
    represented_by = models.ForeignKey(
        "self", verbose_name="vertreten durch", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    history = history(excluded_fields=PERSONAL_FIELDS)

    class Meta:
        verbose_name = "Beteiligte"
        verbose_name_plural = "Beteiligte"
        ordering = ["case", "id"]
        indexes = [
            models.Index(fields=["birth_date"], condition=Q(role="applicant"), name="cases_applicant_born"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name as it is written in a list."""
        return self.organisation or " ".join(part for part in (self.first_name, self.last_name) if part)


class ApplicationData(models.Model):
    """The structured data of the application, in the Leistung's canonical fields."""

    PERSONAL_FIELDS = ("data",)

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="application")
    data = models.JSONField("Angaben", default=dict)

    history = history(excluded_fields=PERSONAL_FIELDS)

    class Meta:
        verbose_name = "Angaben des Antrags"
        verbose_name_plural = "Angaben der Anträge"

    def __str__(self) -> str:
        return f"Angaben zu {self.case}"
