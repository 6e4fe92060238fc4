"""Where XJustiz keeps its facts: one list of candidate paths per field, tried in order, for all versions.

The namespace never changed (``http://www.xjustiz.de``), the structure did: 2.4 writes underscores, 3.2 to 3.5 share one
form, 3.6 put sender and recipient into elements of their own. Paths are relative to the element named in the comment;
``t:`` is the namespace, ``code`` has none (``reference/message-standards.md`` section 1.3, checked against the
official schemas 2.4.0, 3.2.1, 3.5.1 and 3.6.2).
"""

from __future__ import annotations

NAMESPACE = "http://www.xjustiz.de"
NSMAP = {"t": NAMESPACE}

# --- relative to the root of the message ---------------------------------------------------------------------------
VERSION_HOLDERS = ("t:nachrichtenkopf", "t:grunddaten")  # 3.x, 2.4
HEADER = ("t:nachrichtenkopf",)
PARTIES = ("t:grunddaten/t:verfahrensdaten/t:beteiligung",)
TOP_DOCUMENTS = ("t:schriftgutobjekte/t:dokument", "t:dokument")
TOP_FILES = ("t:schriftgutobjekte/t:akte", "t:akte", "t:teilakte")

_INSTANCE = "t:grunddaten/t:verfahrensdaten/t:instanzdaten"
_INSTANCE_24 = "t:grunddaten/t:verfahrensdaten/t:instanzdaten_erweitert"
SUBJECTS = (
    f"{_INSTANCE}/t:verfahrensgegenstand/t:gegenstand",
    f"{_INSTANCE_24}/t:verfahrensgegenstand_Zeitraum/t:verfahrensgegenstand/t:gegenstand",
    f"{_INSTANCE}/t:kurzrubrum",
    f"{_INSTANCE_24}/t:instanzdaten/t:kurzrubrum",
)
COURT_CODES = (
    f"{_INSTANCE}/t:auswahl_instanzbehoerde/t:gericht/code",
    f"{_INSTANCE_24}/t:instanzdaten/t:instanzbehoerde/t:gericht/code",
)
COURT_REFERENCES = (
    f"{_INSTANCE}/t:aktenzeichen/t:auswahl_aktenzeichen/t:aktenzeichen.freitext",
    f"{_INSTANCE_24}/t:instanzdaten/t:aktenzeichen",
)
STRUCTURED_REFERENCES = (f"{_INSTANCE}/t:aktenzeichen/t:auswahl_aktenzeichen/t:aktenzeichen.strukturiert",)

EEB_DATE = ("t:fachdaten/t:empfangsbestaetigung",)
EEB_FAILURE = ("t:fachdaten/t:stoerungsmeldung",)
EEB_FAILURE_CODE = ("t:stoerungsID/code", "t:stoerungs_ID/code")  # relative to EEB_FAILURE
EEB_FAILURE_REASON = ("t:stoerungsGrund", "t:stoerungsgrund")

# --- relative to the nachrichtenkopf -------------------------------------------------------------------------------
OWN_REFERENCE = ("t:empfaenger/t:auswahl_aktenzeichen/t:aktenzeichen.freitext", "t:aktenzeichen.empfaenger")
FOREIGN_REFERENCE = ("t:absender/t:aktenzeichen", "t:aktenzeichen.absender")
MESSAGE_ID = ("t:absender/t:eigeneNachrichtenID", "t:eigeneNachrichtenID", "t:eigene_Nachrichten_ID")
REPLY_TO = ("t:empfaenger/t:fremdeNachrichtenID", "t:fremdeNachrichtenID", "t:fremde_Nachrichten_ID")
CREATED_AT = ("t:erstellungszeitpunkt",)
PRIORITY_CODE = ("t:sendungsprioritaet/code",)
PRIORITY_FLAG = ("t:sendungsprioritaet",)  # 2.4: an xs:boolean
CONFIDENTIALITY = ("t:auswahl_vertraulichkeit", "t:vertraulichkeit", "t:vertraulichkeitsstufe")
PROCESS = ("t:nachrichtenuebergreifenderProzess",)
PROCESS_ID, PROCESS_NUMBER, PROCESS_COUNT = "t:prozessID", "t:nachrichtenNummer", "t:nachrichtenAnzahl"

_PARTNER = "t:informationen/t:auswahl_kommunikationspartner"
CORRESPONDENT_NAMES = {
    "sender": (f"t:absender/{_PARTNER}/t:sonstige", "t:auswahl_absender/t:absender.sonstige", "t:absender_Sonstige"),
    "recipient": (
        f"t:empfaenger/{_PARTNER}/t:sonstige",
        "t:auswahl_empfaenger/t:empfaenger.sonstige",
        "t:empfaenger_Sonstige",
    ),
}
CODE_KINDS = {"gericht": "gds.gerichte", "rvTraeger": "gds.rvtraeger", "polizeibehoerde": "gds.polizeibehoerden",
              "finanzbehoerde": "gds.finanzbehoerden"}  # fmt: skip
"""Kinds of correspondents that are named by a code, and the code list that has their names."""
CORRESPONDENT_CODES = {
    "sender": ("t:absender/" + _PARTNER + "/t:{kind}/code", "t:auswahl_absender/t:absender.{kind}/code"),
    "recipient": ("t:empfaenger/" + _PARTNER + "/t:{kind}/code", "t:auswahl_empfaenger/t:empfaenger.{kind}/code"),
}
CORRESPONDENT_CODES_24 = {
    "sender": {"gericht": "t:absender_Gericht/code", "rvTraeger": "t:absender_RVTraeger/code"},
    "recipient": {"gericht": "t:empfaenger_Gericht/code", "rvTraeger": "t:empfaenger_RVTraeger/code"},
}
MAILBOXES = {
    "sender": ("t:absender/t:informationen/t:routingInformationAusSafeverzeichnis",),
    "recipient": (
        "t:empfaenger/t:informationen/t:routingInformationAusSafeverzeichnis",
        "t:routingInformationAusSafeverzeichnis.empfaenger",
    ),
}

# --- relative to a dokument, akte or teilakte ----------------------------------------------------------------------
_DATA = "t:xjustiz.fachspezifischeDaten"
DOCUMENT_ID = ("t:identifikation/t:id",)
DOCUMENT_NUMBER = ("t:identifikation/t:nummerImUebergeordnetenContainer",)
DOCUMENT_TITLE = (f"{_DATA}/t:anzeigename", "t:anzeigename")
DOCUMENT_CLASS = (f"{_DATA}/t:dokumentklasse/code",)
DOCUMENT_TYPE = (f"{_DATA}/t:dokumententyp/code",)
DOCUMENT_TYPE_24 = ("t:dokumententyp/code",)
DOCUMENT_DATE = ("t:datumDesSchreibens", "t:dokumentendatum")
DOCUMENT_FILES = (f"{_DATA}/t:datei", "t:datei")
METADATA_ONLY = ("t:justizinterneDaten/t:nurMetadaten", f"{_DATA}/t:nurMetadaten", "t:nurMetadaten")
OBJECT_CONFIDENTIALITY = ("t:auswahl_vertraulichkeit", "t:vertraulichkeit", "t:vertraulichkeitsstufe")
NOT_CONFIDENTIAL = ("t:vertraulichZuBehandeln",)  # relative to auswahl_vertraulichkeit; false = not
EEB_REQUIRED = (f"{_DATA}/t:ruecksendungEEB.erforderlich", "t:ruecksendung_EEB_erforderlich")
INNER_DOCUMENTS = (f"{_DATA}/t:inhalt/t:dokument", "t:inhalt/t:dokument")
INNER_FILES = (f"{_DATA}/t:inhalt/t:teilakte", "t:inhalt/t:teilakte")

# --- relative to a datei -------------------------------------------------------------------------------------------
FILE_NAME = ("t:dateiname",)
FILE_PART = ("t:bestandteil/code",)
FILE_VERSION = ("t:versionsnummer",)
FILE_REFERS_TO = ("t:dateiname.bezugsdatei", "t:dateiname_der_Bezugsdatei")

# --- relative to a beteiligung -------------------------------------------------------------------------------------
ROLES = ("t:rolle",)
ROLE_CODE = ("t:rollenbezeichnung/code",)
ROLE_REFERENCE = ("t:geschaeftszeichen",)
PERSON = ("t:beteiligter/t:auswahl_beteiligter/t:natuerlichePerson", "t:beteiligter/t:natuerlichePerson")
ORGANISATION = ("t:beteiligter/t:auswahl_beteiligter/t:organisation", "t:beteiligter/t:organisation")
LAW_FIRM = ("t:beteiligter/t:auswahl_beteiligter/t:ra.kanzlei", "t:beteiligter/t:ra.kanzlei")
LAWYER = ("t:raImVerfahren", "t:ra_im_Verfahren")  # relative to LAW_FIRM
ORGANISATION_NAME = ("t:bezeichnung/t:bezeichnung.aktuell", "t:kurzbezeichnung")
FIRST_NAME = ("t:vollerName/t:vorname", "t:vollerName/t:rufname")
LAST_NAME = ("t:vollerName/t:nachname",)
LAST_NAME_PREFIX = ("t:vollerName/t:namensvorsatz",)
BIRTH_DATE = ("t:geburt/t:geburtsdatum",)
ADDRESS = ("t:anschrift",)
INFORMATION_BLOCK = (
    "t:auswahl_auskunftssperre/t:auskunftssperre.details",
    "t:auskunftssperre",
)
INFORMATION_BLOCK_FLAG = ("t:auswahl_auskunftssperre/t:auskunftssperre.vorhanden",)
