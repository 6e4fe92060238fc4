"""Later sample mail: it quotes our Aktenzeichen or our Vorgangs-ID, and so needs the Vorgänge of the first batch."""

from __future__ import annotations

from config.demo.sample import (
    APPLICANT,
    DECISION,
    RESPONDENT,
    WRITING,
    Sample,
    claim,
    court_letter,
    enclosure,
    person,
    town,
)
from config.demo.senders import (
    AG_DORTMUND,
    COUNTY,
    DISTRICT,
    LAWYER,
    LSG_NRW,
    OVG_NRW,
    STA_DORTMUND,
    VG_ARNSBERG,
    VG_GELSENKIRCHEN,
    VG_MUENSTER,
    YOUTH_OFFICE,
)
from config.demo.xjustiz import BASIC, EEB

BY_FILE_REFERENCE = (
    Sample(
        "wohngeld-zulassung", "2026-11-19 08:26", OVG_NRW, "12 E 3301/26",
        "Mitteilung über den Eingang einer Beschwerde",
        "Das nächsthöhere Gericht hat ein neues Zeichen, nennt aber unser Aktenzeichen", joins="wohngeld-klage",
        quote="own",
        rubrum="Șerban ./. Stadt Musterhausen", version="3.6.2",
        letters=(
            court_letter(
                "Eingangsmitteilung.pdf", "Eingangsmitteilung",
                "Die Beschwerde ist am 18. November 2026 eingegangen und wird "
                "hier unter dem oben genannten Aktenzeichen geführt. Bitte geben Sie es bei allen Schreiben an.",
            ),
        ),
    ),
    Sample(
        "sozialhilfe-beschwerde", "2026-11-19 10:44", LSG_NRW, "L 20 SO 412/26 B",
        "Streitwertbeschwerde: Gelegenheit zur Äußerung",
        "Antwort, erkannt an unserem Aktenzeichen", joins="sozialhilfe-erstattung", quote="own",
        rubrum="Kreis Beispielwald ./. Stadt Musterhausen",
        letters=(
            court_letter(
                "Verfuegung_LSG.pdf", "Verfügung",
                "Zu der Streitwertbeschwerde des Kreises wird Gelegenheit zur Äußerung bis "
                "zum 11. Dezember 2026 gegeben.",
            ),
        ),
    ),
    Sample(
        "verkehrsschau-protokoll", "2026-11-19 14:05", COUNTY, "36.12-11/26", "Tagesordnung für den gemeinsamen Termin",
        "Die Behörde hat ein neues Zeichen vergeben und nennt unser Aktenzeichen", joins="verkehrsschau-einladung",
        quote="own",
        letters=(
            court_letter(
                "Tagesordnung.pdf", "Tagesordnung",
                "1. Sichtverhältnisse an der Einmündung\n2. Querungshilfe für Schulkinder\n"
                "3. Beschilderung\n\nFür den Vorschlag aus Ihrem Hause danken wir.", kind=WRITING,
                closing="Im Auftrag\n\nAmina Özdemir",
            ),
        ),
    ),
    Sample(
        "bussgeld-nachtrag", "2026-11-20 09:17", STA_DORTMUND, "256 Js 2044/26",
        "Nachtrag zur Abgabe vom 6. November 2026",
        "Antwort unter neuem Js-Zeichen, erkannt an unserem Aktenzeichen", joins="bussgeld-abgabe", quote="own",
        letters=(
            court_letter(
                "Nachtrag.pdf", "Nachtrag",
                "Ein Lichtbild, das der Abgabe versehentlich nicht beilag, wird nachgereicht.",
                closing="Jürgens\nStaatsanwalt",
            ),
            enclosure("Lichtbild 7.pdf", "Lichtbild 7", STA_DORTMUND.name, "Aufnahme vom 3. August 2026, 14.52 Uhr."),
        ),
    ),
    Sample(
        "vertauschte-zeichen", "2026-11-20 11:38", VG_MUENSTER, "2 K 2890/26", "Bitte um Mitteilung des Sachstands",
        "Unser Aktenzeichen steht im Feld des Absenders und das des Gerichts in unserem",
        joins="baugenehmigung-nachbar",
        quote="swapped", rubrum="Grochowska ./. Stadt Musterhausen",
        letters=(
            court_letter(
                "Sachstandsanfrage.pdf", "Sachstandsanfrage", "Es wird um Mitteilung gebeten, ob die angekündigte "
                "Nachtragsgenehmigung inzwischen erteilt worden ist.",
            ),
        ),
    ),
)  # fmt: skip

BY_CASE_ID = (
    Sample(
        "vollmacht-anwaeltin", "2026-11-20 13:50", LAWYER, "140/26 MWB", "Vertretungsanzeige zu Vorgang {case}",
        "Die Vorgangs-ID steht im Betreff", joins="gewerbe-klage", quote="subject", old_client=True,
        letters=(
            claim(
                "Vertretungsanzeige.pdf", "Vertretungsanzeige", LAWYER.name + "\nMusterhausen",
                "ich zeige an, dass ich Frau Gülşen Yılmaz nunmehr vertrete, und rege ein Gespräch über eine gütliche "
                "Lösung an.", kind=WRITING,
            ),
        ),
    ),
    Sample(
        "vorlagebericht-erinnerung", "2026-11-23 08:12", DISTRICT, "35.02.01-131/26", "Erinnerung, Ihr Vorgang {case}",
        "Die Vorgangs-ID steht ohne Bindestriche im Betreff", joins="baugenehmigung-vorlage", quote="subject_plain",
        letters=(
            court_letter(
                "Erinnerung.pdf", "Erinnerung",
                "an die Übersendung Ihres Vorlageberichts dürfen wir freundlich erinnern.",
                kind=WRITING, closing="Im Auftrag\n\nKjell Sørensen",
            ),
        ),
    ),
    Sample(
        "zustaendigkeit-antwort", "2026-11-23 10:29", YOUTH_OFFICE, "51.3-93/26", "Nachricht zu {case}",
        "Die Vorgangs-ID steht in Kleinbuchstaben im Betreff", joins="unterhalt-zustaendigkeit", quote="subject_lower",
        version="3.2.1",
        letters=(
            court_letter(
                "Umzugsmitteilung.pdf", "Mitteilung über den Umzug",
                "die Familie ist zum 15. November 2026 in unseren Bezirk "
                "gezogen. Wir übernehmen den Fall zum 1. Dezember 2026.", kind=WRITING,
                closing="Im Auftrag\n\nNoor van Dijk",
            ),
        ),
    ),
    Sample(
        "vormundschaft-beschwerde", "2026-11-23 13:33", AG_DORTMUND, "304 F 91/26",
        "Ergänzung zu {case}, bitte vorlegen",
        "Die Vorgangs-ID steht klein und ohne Bindestriche im Betreff", joins="vormundschaft-kind",
        quote="subject_lower_plain", version="3.6.2", rubrum="Vormundschaft für Tesfay, M.",
        letters=(
            court_letter(
                "Ergaenzungsbeschluss.pdf", "Ergänzender Beschluss", "Der Aufgabenkreis des Vormunds umfasst auch die "
                "Anmeldung zur Schule. Eine ehrenamtliche Bewerberin hat sich beim Gericht gemeldet.", kind=DECISION,
            ),
        ),
    ),
)  # fmt: skip

RECEIPTS = (
    Sample(
        "eeb-zurueck", "2026-11-20 15:21", LAWYER, "140/26 MWB", "",
        "Ein elektronisches Empfangsbekenntnis kommt zurück",
        kind=EEB, eeb_days=1, joins="gewerbe-klage", quote="own", carrier_subject="Elektronisches Empfangsbekenntnis",
        version="3.6.2",
    ),
    Sample(
        "eeb-stoerung", "2026-11-23 15:40", COUNTY, "36.12-11/26", "",
        "Statt des Empfangsbekenntnisses eine Störungsmeldung",
        kind=EEB, failure=("2", "Die Anlage 2 lässt sich nicht öffnen. Bitte übersenden Sie sie noch einmal."),
        joins="verkehrsschau-einladung", quote="own", carrier_subject="Elektronisches Empfangsbekenntnis: Störung",
    ),
)  # fmt: skip

NEW = (
    Sample(
        "aufenthalt-familiennachzug", "2026-11-23 16:48", VG_GELSENKIRCHEN, "8 K 5102/26",
        "Klage: Aufenthalt aus familiären Gründen",
        "Neue Klage am Nachmittag; der Betreff steht nur in der XJustiz-Datei", carrier_subject="", team="migration",
        eeb=True,
        rubrum="Rahimović ./. Stadt Musterhausen", version="3.6.2",
        letters=(
            court_letter(
                "Eingangsverfuegung.pdf", "Eingangsverfügung",
                "In dem Rechtsstreit wird die Klage vom 20. November 2026 "
                "zugestellt. Es wird um Stellungnahme innerhalb von vier Wochen gebeten.",
            ),
            claim(
                "Klage_Rahimovic.pdf", "Klageschrift", "Senad Rahimović\nTalstraße 9, 59999 Musterhausen",
                "ich beantrage, die Stadt zu verpflichten, meiner Frau und unserer Tochter eine Erlaubnis zu erteilen. "
                "Unsere "
                "Wohnung hat drei Zimmer; mein Einkommen reicht für alle.",
            ),
        ),
    ),
    Sample(
        "nutzungsuntersagung-eil", "2026-11-24 07:31", VG_ARNSBERG, "4 L 1188/26",
        "Eilantrag gegen eine Nutzungsuntersagung",
        "Heute früh eingegangen, eilig, mit eEB-Anforderung", urgent=True, eeb=True, team="bauaufsicht",
        rubrum="Bäckerei Krüger OHG ./. Stadt Musterhausen",
        parties=(person(APPLICANT, "Wiebke", "Krüger"), town(RESPONDENT)),
        letters=(
            court_letter(
                "Eilt_Verfuegung.pdf", "Eilt! Verfügung",
                "Stellungnahme zu dem Antrag wird bis Freitag, 27. November 2026, 10 Uhr, "
                "erbeten. Um Mitteilung, ob bis dahin von Zwangsmitteln abgesehen wird, wird gebeten.",
            ),
            claim(
                "Antrag.pdf", "Antrag nach § 80 Abs. 5 VwGO", "Bäckerei Krüger OHG\nMarkt 3, 59999 Musterhausen",
                "die Backstube im Hinterhof ist seit 1988 genehmigt; die Genehmigung fügen wir bei. Eine Schließung in "
                "der "
                "Adventszeit träfe uns und unsere elf Beschäftigten hart.",
            ),
            enclosure("Genehmigung 1988.pdf", "Anlage: Genehmigung", "Stadt Musterhausen", "Bauschein Nr. 214/88 vom "
            "6. Juni 1988."),
        ),
    ),
    Sample(
        "gewerbe-basisnachricht", "2026-11-24 08:05", DISTRICT, "34.01-77/26", "Gewerbe: Umfrage zu Wochenmärkten",
        "Basisnachricht in XJustiz 3.6.2 als einzelne XML-Datei", kind=BASIC, form="xml", version="3.6.2",
        team="ordnungsamt",
    ),
)  # fmt: skip

SECOND = BY_FILE_REFERENCE + BY_CASE_ID + RECEIPTS + NEW
