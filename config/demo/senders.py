"""Who writes to the town of the demonstration: courts (codes of GDS.Gerichte) and authorities of NRW."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

SEED = uuid.UUID("6f1c8f2e-0d34-5b6f-9a52-4c2f3d0b7e11")


@dataclass(frozen=True)
class Sender:
    """A correspondent with its EGVP mailbox; ``code`` is its XJustiz-ID, empty for other authorities."""

    name: str
    city: str
    postcode: str
    code: str = ""
    mailbox: str = "egvp_justiz"
    origin: str = "VHN_Justiz_valid"
    origin_text: str = "Diese Nachricht wurde von der Justiz versandt."
    unit: str = ""

    @property
    def safe_id(self) -> str:
        """The made-up SAFE-ID of the mailbox."""
        return f"DE.Justiz.{uuid.uuid5(SEED, self.name)}.{uuid.uuid5(SEED, self.city).hex[:4]}"


def _authority(name: str, city: str, postcode: str, unit: str = "") -> Sender:
    text = "Sicherer Übermittlungsweg aus einem besonderen Behördenpostfach."
    return Sender(name, city, postcode, "", "egvp_bebpo", "VHN_beBPo_valid", text, unit)


TOWN = _authority("Stadt Musterhausen", "Musterhausen", "59999")

VG_GELSENKIRCHEN = Sender("Verwaltungsgericht Gelsenkirchen", "Gelsenkirchen", "45879", "R6836")
VG_MUENSTER = Sender("Verwaltungsgericht Münster", "Münster", "48147", "R6319")
VG_ARNSBERG = Sender("Verwaltungsgericht Arnsberg", "Arnsberg", "59821", "R6835")
OVG_NRW = Sender("Oberverwaltungsgericht NRW", "Münster", "48143", "R6321")
SG_DORTMUND = Sender("Sozialgericht Dortmund", "Dortmund", "44139", "R6205")
LSG_NRW = Sender("Landessozialgericht NRW", "Essen", "45130", "R6306")
AG_MUENSTER = Sender("Amtsgericht Münster", "Münster", "48149", "R2713")
AG_DORTMUND = Sender("Amtsgericht Dortmund", "Dortmund", "44135", "R2402")
AG_ESSEN = Sender("Amtsgericht Essen", "Essen", "45130", "R2503")
LG_DORTMUND = Sender("Landgericht Dortmund", "Dortmund", "44139", "R2400")
LG_ESSEN = Sender("Landgericht Essen", "Essen", "45130", "R2500")
OLG_HAMM = Sender("Oberlandesgericht Hamm (OLG Hamm)", "Hamm", "59065", "R2000")
ARBG_DORTMUND = Sender("Arbeitsgericht Dortmund", "Dortmund", "44135", "R6727")
STA_DORTMUND = Sender("Staatsanwaltschaft Dortmund", "Dortmund", "44135", "R2400S")
STA_MUENSTER = Sender("Staatsanwaltschaft Münster", "Münster", "48147", "R2700S")
FG_MUENSTER = Sender("Finanzgericht Münster", "Münster", "48145", "R6318")

COUNTY = _authority("Kreis Beispielwald", "Beispielwald", "59998", "Straßenverkehrsamt")
DISTRICT = _authority("Bezirksregierung Beispielberg", "Beispielberg", "59997", "Dezernat 35")
YOUTH_OFFICE = _authority("Stadt Nachbarstadt", "Nachbarstadt", "59996", "Jugendamt")
LAWYER = Sender(
    "Rechtsanwältin Małgorzata Wiśniewska-Brandt",
    "Musterhausen",
    "59999",
    mailbox="egvp_bea",
    origin="VHN_beA_valid",
    origin_text="Sicherer Übermittlungsweg aus einem besonderen Anwaltspostfach.",
)
