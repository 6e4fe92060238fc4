"""Code lists of XJustiz that the reader itself must understand, mapped to the house's own vocabulary.

Names of courts and the like come from installed code lists (``intake.schemas.codelist``); here are only codes whose
meaning decides what happens. Sources: GDS.Bestandteiltyp 2.1 and 2.4, GDS.Dokumentklasse 1.3, GDS.Dokumenttyp 2.1 (in
the schema 2.4.0) and 3.9, GDS.Rollenbezeichnung 2.0 (in the schema 2.4.0; later lists keep the codes). A code that is
not listed becomes "other" and stays visible as sent.
"""

from __future__ import annotations

from intake.facts import FilePart

FILE_PARTS = {
    "001": FilePart.ORIGINAL,
    "002": FilePart.REPRESENTATION,
    "003": FilePart.SIGNATURE,
    "004": FilePart.REPRESENTATION,  # signierte Vorversion
    "005": FilePart.VERIFICATION,  # 2.4: Signaturprüfprotokoll
    "006": FilePart.TRANSFER_NOTE,
    "007": FilePart.TRANSFER_NOTE,  # 2.4: Historienblatt
    "008": FilePart.TRANSFER_NOTE,  # 2.4: zusätzliche Metadaten
    "010": FilePart.VERIFICATION,
    "011": FilePart.VERIFICATION,
    "012": FilePart.EEB_REQUEST,
}

DEFAULT_DOCUMENT_ROLE = "sonstiges"

DOCUMENT_ROLES = {
    "003": "klage",  # Klage / Antrag
    "005": "anlage",
    "006": "urteil",
    "007": "beschluss",
    "008": "verfuegung",
    "009": "vermerk",
    "010": "protokoll",
    "012": "zustellung",
    "013": "gutachten",
    "015": "schreiben",
    "016": "antrag",  # Antrag (Behörde)
    "017": "bescheid",
    "018": "widerspruch",  # Einspruch / Widerspruch (Behörde)
    "019": "widerspruchsbescheid",
    "020": "kosten",
}
"""GDS.Dokumentklasse → role of a document; 001, 011 (Fehlblatt) and 014 (Technische Information) are "sonstiges"."""

DOCUMENT_ROLES_24 = {
    "002": "schreiben",  # Eingangsschreiben
    "003": "klage",  # Klage / Antrag
    "004": "schreiben",  # Ausgangsschreiben
    "005": "anlage",
    "006": "urteil",
    "007": "beschluss",
    "008": "verfuegung",
    "009": "vermerk",
    "010": "protokoll",
    "012": "zustellung",
    "013": "gutachten",
}
"""GDS.Dokumenttyp 2.1, which XJustiz 2.4 uses where later versions use the Dokumentklasse."""

DOCUMENT_TYPE_ROLES = {
    "044": "empfangsbekenntnis",  # Empfangsbestätigung
    "057": "urteil",  # Anerkenntnisurteil
    "066": "urteil",  # Endurteil
    "077": "kosten",  # Kostenfestsetzungsbeschluss
    "090": "urteil",  # Versäumnisurteil
    "122": "schreiben",  # Anschreiben
    "143": "kosten",
    "144": "kosten",
    "145": "kosten",
    "150": "schreiben",  # Mitteilung Behörde
    "184": "zustellung",  # Zustellungsnachweis
    "185": "verfuegung",  # Zwischenverfügung
    "190": "bescheid",  # Bußgeldbescheid
    "191": "widerspruch",  # Einspruch
    "198": "schreiben",  # Ladung
    "206": "schreiben",  # Schriftsatz
    "238": "beschluss",  # Eröffnungsbeschluss
    "244": "verfuegung",
}
"""GDS.Dokumenttyp 3.9: consulted where the Dokumentklasse says only "Andere / Sonstige" or nothing."""


def _by_role(**codes: str) -> dict[str, str]:
    return {code: role for role, listed in codes.items() for code in listed.split()}


PARTY_ROLES = _by_role(
    # Antragsteller, Beschwerde-, Erinnerungs- und Rechtsbeschwerdeführer, Zulassungsantragsteller
    applicant="009 011 016 032 068 137 205",
    # Kläger: auch Berufungs-, Revisions-, Wider-, Privat-, Verfügungs- und Wiederaufnahmekläger
    plaintiff="008 014 030 054 101 131 140 175 198 200",
    # Beklagte in denselben Verfahren; Antrags-, Beschwerde-, Erinnerungs- und Zulassungsantragsgegner
    defendant="007 010 012 013 015 028 029 033 053 069 130 138 139 174 197 199 204",
    # Bevollmächtigte, Rechtsanwälte, Verteidiger, gesetzliche und sonstige Vertreter, Beistände
    representative="026 041 043 088 093 103 128 132 133 134 135 136 152 161 165 169 170 171 173 176 182 195 196 206 "
    "207",
    # Betreuer, Vormund, Pfleger für die Person, Verfahrenspfleger
    guardian="001 037 067 070 080 102 109 123 172 192 193",
    court="082",
    # Behörde, Beigeladene, Beteiligte, Betreute, Betroffene, Dritte, Nebenkläger, Streithelfer, Verwaltungsbehörde
    involved="024 025 035 038 040 051 115 151 157 158 159 160 189",
)
"""GDS.Rollenbezeichnung → role of a party; everything else is "other"."""


def document_role(document_class: str, document_type: str, document_type_24: str) -> str:
    """The role of a document by its Dokumentklasse, else its Dokumenttyp (3.x or 2.4), else "sonstiges"."""
    return (
        DOCUMENT_ROLES.get(document_class)
        or DOCUMENT_TYPE_ROLES.get(document_type)
        or DOCUMENT_ROLES_24.get(document_type_24)
        or DEFAULT_DOCUMENT_ROLE
    )


def party_role(code: str) -> str:
    """The role of a party by its GDS.Rollenbezeichnung, else "other"."""
    return PARTY_ROLES.get(code, "other")


def is_urgent(code: str) -> bool:
    """Whether a GDS.Sendungsprioritaet asks for haste: 001 (Eilt) and 010–050 (Bereitschaftsdienste)."""
    return code == "001" or (code.isascii() and code.isdigit() and len(code) == 3 and 10 <= int(code) <= 50)
