"""Sample mail that opens Vorgänge (family and criminal justice, authorities), and replies by the court's reference."""

from __future__ import annotations

from config.demo.sample import (
    AFFECTED,
    APPLICANT,
    DECISION,
    EXPERTISE,
    JUDGMENT,
    MINUTES,
    NOTICE,
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
    AG_ESSEN,
    AG_MUENSTER,
    COUNTY,
    DISTRICT,
    LAWYER,
    LG_DORTMUND,
    STA_DORTMUND,
    STA_MUENSTER,
    VG_ARNSBERG,
    VG_GELSENKIRCHEN,
    YOUTH_OFFICE,
)
from config.demo.xjustiz import BASIC

EXPERT_OPINION = (
    "1. Anlass und Fragestellung\nDie Fahrerlaubnisbehörde hat eine ärztliche Begutachtung angeordnet, nachdem bekannt "
    "geworden "
    "war, dass der Untersuchte im Frühjahr 2026 wegen einer Schlafapnoe behandelt worden ist. Zu klären ist, ob trotz "
    "der "
    "Erkrankung die Anforderungen an das Führen von Fahrzeugen der Gruppe 2 erfüllt sind.",
    "2. Grundlagen\nVorgelegen haben die Verwaltungsakte, der Bericht des Schlaflabors vom 11. Mai 2026, die "
    "Auslesedaten des "
    "Therapiegeräts für die Monate Mai bis Oktober 2026 und die Angaben des Untersuchten.",
    "3. Vorgeschichte\nDer Untersuchte fährt seit 14 Jahren im Fernverkehr, bisher unfallfrei. Über Müdigkeit am Tag "
    "klagte er erstmals "
    "im Winter 2025. Er suchte von sich aus ärztlichen Rat und begann im Mai 2026 eine nächtliche Überdruckbeatmung.",
    "4. Angaben des Untersuchten\nEr schlafe seit der Behandlung durch und fühle sich ausgeruht. Alkohol trinke er "
    "selten. Regelmäßig "
    "eingenommene Medikamente gebe es nicht. Die Lenk- und Ruhezeiten halte er ein; das Unternehmen plane die Touren "
    "entsprechend.",
    "5. Befunde\nAllgemeinzustand gut, Blutdruck 128/82 mmHg, Herz und Lunge unauffällig. Die Prüfung der "
    "Aufmerksamkeit ergab in "
    "allen fünf Untertests durchschnittliche bis überdurchschnittliche Ergebnisse. Beim Wachbleibetest schlief der "
    "Untersuchte "
    "in keinem der vier Durchgänge ein.",
    "6. Therapiedaten\nDas Gerät wurde an 168 von 172 Nächten benutzt, im Mittel 6 Stunden und 50 Minuten. Die "
    "verbliebenen "
    "Atemaussetzer liegen mit 2,1 je Stunde im Bereich des Gesunden.",
    "7. Beurteilung\nNach Nr. 11.2 der Anlage 4 zur Fahrerlaubnis-Verordnung besteht Eignung, wenn unter Behandlung "
    "keine messbare "
    "auffällige Tagesschläfrigkeit mehr vorliegt. Das ist hier der Fall. Befunde, Testergebnisse und Therapiedaten "
    "stimmen überein. "
    "Hinweise darauf, dass die Behandlung nicht fortgeführt wird, haben sich nicht ergeben.",
    "8. Ergebnis\nDer Untersuchte ist in der Lage, Fahrzeuge der Klassen C und CE sicher zu führen. Empfohlen wird "
    "eine jährliche "
    "Kontrolle im Schlaflabor, deren Bescheinigung der Behörde vorgelegt werden sollte.",
    "Die Untersuchung dauerte von 8.30 Uhr bis 12.15 Uhr. Das Ergebnis ist mit dem Untersuchten besprochen worden; er "
    "hat der "
    "Übersendung an das Gericht zugestimmt.",
    "Für Rückfragen stehen wir gern zur Verfügung, auch zu einer Erläuterung im Termin.",
)

OPENING = (
    Sample(
        "unterhalt-festsetzung", "2026-11-02 12:26", AG_ESSEN, "105 F 211/26", "Unterhalt: Festsetzung für ein Kind",
        "XJustiz 2.4.0 mit nachricht.xml", version="2.4.0", old_client=True, text="Um Kenntnisnahme wird gebeten.",
        rubrum="Stadt Musterhausen ./. Jovanović", team="jugendamt", eeb=True, parties=(town(APPLICANT),),
        letters=(
            court_letter(
                "Zwischenverfuegung.pdf", "Zwischenverfügung",
                "In dem vereinfachten Verfahren hat der Antragsgegner Einwendungen erhoben. Er gibt an, seit Mai 2026 "
                "Krankengeld zu beziehen.", "Eine Stellungnahme wird binnen drei Wochen erbeten.",
            ),
            enclosure(
                "Einwendungen.pdf", "Anlage: Einwendungen des Antragsgegners", "Miloš Jovanović",
                "Ich zahle, was ich kann. Im Moment sind das 120 Euro im Monat. Den Bescheid der Krankenkasse füge ich "
                "bei.",
            ),
        ),
    ),
    Sample(
        "vormundschaft-kind", "2026-11-03 14:44", AG_DORTMUND, "304 F 77/26",
        "Vormundschaft für ein unbegleitetes Kind",
        "Familiengericht, mit Beschluss und eEB-Anforderung", version="3.6.2", rubrum="Vormundschaft für Tesfay, M.",
        team="jugendamt", eeb=True,
        letters=(
            court_letter(
                "Beschluss.pdf", "Beschluss über die Anordnung der Vormundschaft",
                "Für das Kind wird Vormundschaft angeordnet. Als Vormund wird das Jugendamt der Stadt Musterhausen "
                "bestellt, weil eine ehrenamtliche Person derzeit nicht zur Verfügung steht.",
                "Das Jugendamt wird gebeten, binnen drei Monaten zu berichten, ob sich eine geeignete Person gefunden "
                "hat.",
                kind=DECISION, closing="Wójcik\nRichterin am Amtsgericht", signed=True,
            ),
        ),
    ),
    Sample(
        "umgang-bericht", "2026-11-04 10:58", AG_MUENSTER, "56 F 418/26", "Umgang: Bitte um Bericht des Jugendamts",
        "Familiengericht bittet um Bericht", rubrum="Umgangssache Brinkmann/Haddad", team="jugendamt",
        letters=(
            court_letter(
                "Verfuegung_Familiengericht.pdf", "Verfügung",
                "Das Jugendamt wird gemäß § 162 FamFG angehört und gebeten, bis zum 25. November 2026 schriftlich zu "
                "berichten.",
                "Beide Eltern haben sich mit einem gemeinsamen Gespräch im Jugendamt einverstanden erklärt.",
            ),
        ),
    ),
    Sample(
        "owi-termin", "2026-11-05 10:12", AG_DORTMUND, "730 OWi 264/26", "OWi-Verfahren: Terminsnachricht",
        "Bußgeldrichterin bestimmt Termin", rubrum="Verfahren gegen Papadopoulou", team="ordnungsamt",
        parties=(person(AFFECTED, "Eleni", "Papadopoulou"),),
        letters=(
            court_letter(
                "Terminsnachricht.pdf", "Terminsnachricht an die Verwaltungsbehörde",
                "Hauptverhandlung ist bestimmt auf Freitag, 13. November 2026, 11.15 Uhr, Saal 3.",
                "Der Verwaltungsbehörde wird Gelegenheit gegeben, die Gesichtspunkte vorzubringen, die von ihrem "
                "Standpunkt "
                "aus für die Entscheidung von Bedeutung sind (§ 76 OWiG).",
            ),
        ),
    ),
    Sample(
        "bussgeld-abgabe", "2026-11-06 11:30", STA_DORTMUND, "256 Js 1877/26", "Bußgeldsache: Abgabe des Verfahrens",
        "Staatsanwaltschaft gibt ein Verfahren ab", rubrum="Verfahren gegen N. Schäfer-Osei", team="ordnungsamt",
        letters=(
            court_letter(
                "Abgabeverfuegung.pdf", "Abgabeverfügung",
                "Das Ermittlungsverfahren ist hinsichtlich der Straftat nach § 170 Abs. 2 StPO eingestellt worden. "
                "Wegen der "
                "verbleibenden Ordnungswidrigkeit wird das Verfahren gemäß § 43 OWiG abgegeben.",
                closing="Jürgens\nStaatsanwalt",
            ),
            enclosure(
                "Aktenauszug.pdf", "Anlage: Auszug aus der Akte", STA_DORTMUND.name,
                "Blatt 1 bis 14: Anzeige, Anhörung, Lichtbilder.\nBlatt 15: Einstellungsverfügung vom 2. November "
                "2026.",
            ),
        ),
    ),
    Sample(
        "verkehrsschau-einladung", "2026-11-09 07:40", COUNTY, "36.12-04/26", "Einladung zur Verkehrsschau Schulstraße",
        "Eine Behörde schreibt aus ihrem Behördenpostfach (beBPo)", team="verkehr",
        letters=(
            court_letter(
                "Einladung Verkehrsschau.pdf", "Einladung",
                "am Mittwoch, 2. Dezember 2026, 10 Uhr, findet an der Einmündung Schulstraße/Lindenallee eine "
                "Verkehrsschau "
                "statt. Anlass sind Hinweise der Elternpflegschaft der Grundschule.",
                "Bitte teilen Sie uns mit, wer für die Straßenverkehrsbehörde teilnimmt.", kind=WRITING,
                closing="Im Auftrag\n\nAmina Özdemir",
            ),
        ),
    ),
    Sample(
        "baugenehmigung-vorlage", "2026-11-09 16:05", DISTRICT, "35.02.01-117/26",
        "Baugenehmigung: Bitte um Vorlagebericht",
        "Basisnachricht ohne Dokumente als einzelne XML-Datei", kind=BASIC, form="xml", team="bauaufsicht",
    ),
    Sample(
        "gewerbe-mistra", "2026-11-10 08:22", STA_MUENSTER, "540 Js 903/26", "Mitteilung in Strafsachen: Gewerbe",
        "Als eigenes Zeichen steht „Ohne“", own="Ohne", rubrum="Verfahren gegen O. Berisha", team="ordnungsamt",
        letters=(
            court_letter(
                "Mitteilung.pdf", "Mitteilung nach Nr. 39 MiStra",
                "Gegen die genannte Person ist wegen einer im Zusammenhang mit der Gewerbeausübung begangenen Tat "
                "Anklage "
                "erhoben worden.", "Über den Ausgang des Verfahrens wird unaufgefordert berichtet.", kind=NOTICE,
            ),
        ),
    ),
    Sample(
        "verkehrsunfall-klage", "2026-11-10 13:18", AG_ESSEN, "29 C 611/26",
        "Klage nach Verkehrsunfall mit Streufahrzeug",
        "Als eigenes Zeichen steht „unbekannt“", own="unbekannt", rubrum="Mäkinen ./. Stadt Musterhausen",
        team="verkehr",
        version="3.2.1", eeb=True,
        letters=(
            court_letter(
                "Verfuegung 29 C 611-26.pdf", "Verfügung nach § 495a ZPO",
                "Das Gericht beabsichtigt, nach billigem Ermessen zu entscheiden. Zur Klage kann binnen drei Wochen "
                "Stellung genommen werden.",
            ),
            claim(
                "Klage Mäkinen.pdf", "Klageschrift", "Aino Mäkinen\nTalstraße 40, 59999 Musterhausen",
                "am 9. Januar 2026 streifte ein Streufahrzeug der Stadt meinen geparkten Wagen. Den Schaden von 1.140 "
                "Euro "
                "belegt der beigefügte Kostenvoranschlag.", days_before=12,
            ),
        ),
    ),
    Sample(
        "gewerbe-anfrage", "2026-11-11 09:09", COUNTY, " ", "Gewerbeauskunft zu einem Imbissbetrieb",
        "Das Zeichen des Absenders besteht aus einem Leerzeichen", version="3.2.1", team="ordnungsamt",
        letters=(
            court_letter(
                "Anfrage.pdf", "Bitte um Auskunft aus dem Gewerberegister",
                "für die Lebensmittelüberwachung bitten wir um Mitteilung, auf wen der Imbiss am Busbahnhof angemeldet "
                "ist.",
                "Vielen Dank für Ihre Hilfe.", kind=WRITING, closing="Im Auftrag\n\nLuís Carvalho",
            ),
        ),
    ),
    Sample(
        "unterhalt-zustaendigkeit", "2026-11-11 11:47", YOUTH_OFFICE, "51.3-88/26",
        "Unterhalt: Wechsel der Zuständigkeit",
        "Basisnachricht in XJustiz 3.2.1 als einzelne XML-Datei", kind=BASIC, form="xml", version="3.2.1",
        team="jugendamt",
    ),
    Sample(
        "ohne-xjustiz", "2026-11-12 14:30", LAWYER, "112/26 MWB", "Akteneinsicht in der Bußgeldsache Kőszegi",
        "Container ohne XJustiz-Datei: nur Betreff und Freitext", old_client=True, team="ordnungsamt",
        schema_valid=False,
        text="Ich bitte um Akteneinsicht für drei Tage. Vollmacht anbei.",
        letters=(
            court_letter(
                "Akteneinsichtsgesuch.pdf", "Akteneinsichtsgesuch",
                "ich zeige an, dass ich Frau Réka Kőszegi vertrete. Vollmacht füge ich bei und bitte um Akteneinsicht.",
                kind=WRITING, closing="Mit freundlichen Grüßen\n\nM. Wiśniewska-Brandt\nRechtsanwältin",
            ),
        ),
        attachments=lambda files: {name: data for name, data in files.items() if not name.endswith(".xml")},
    ),
)  # fmt: skip

REPLIES = (
    Sample(
        "gewerbe-begruendung", "2026-11-12 08:17", VG_GELSENKIRCHEN, "19 K 4711/26",
        "Schriftsatz vom 10. November 2026",
        "Antwort, erkannt am Aktenzeichen des Gerichts", joins="gewerbe-klage", rubrum="Yılmaz ./. Stadt Musterhausen",
        letters=(
            claim(
                "Schriftsatz_2026-11-10.pdf", "Ergänzung der Klagebegründung",
                "Gülşen Yılmaz\nBahnhofstraße 14, 59999 Musterhausen",
                "ergänzend lege ich die Kontoauszüge für September bis November vor. Alle Raten sind gezahlt.",
            ),
            enclosure("Kontoauszüge.pdf", "Anlage K2: Kontoauszüge", "Beispielbank", "15.09., 15.10., 10.11.2026: je "
            "239,92 Euro"),
        ),
    ),
    Sample(
        "wohngeld-pkh", "2026-11-13 09:30", VG_GELSENKIRCHEN, "11 K 4820/26", "Beschluss über Prozesskostenhilfe",
        "Antwort, erkannt am Aktenzeichen des Gerichts", joins="wohngeld-klage", rubrum="Șerban ./. Stadt Musterhausen",
        version="3.6.2",
        letters=(
            court_letter(
                "Beschluss_PKH.pdf", "Beschluss",
                "Der Klägerin wird Prozesskostenhilfe ohne Ratenzahlung bewilligt. Die "
                "Rechtsverfolgung bietet hinreichende Aussicht auf Erfolg.", kind=DECISION,
            ),
        ),
    ),
    Sample(
        "aufenthalt-beschluss", "2026-11-13 13:02", VG_GELSENKIRCHEN, "8 L 1533/26", "Eilt! Beschluss im Eilverfahren",
        "Antwort mit eEB-Anforderung, eilig", joins="aufenthalt-eilantrag", rubrum="Okonkwo ./. Stadt Musterhausen",
        version="3.6.2", urgent=True, eeb=True,
        letters=(
            court_letter(
                "Beschluss_8_L_1533_26.pdf", "Beschluss", "Die aufschiebende Wirkung der Klage wird angeordnet.",
                "Die Antragsgegnerin trägt die Kosten des Verfahrens. Der Streitwert wird auf 2.500 Euro festgesetzt.",
                "Gegen den Beschluss steht den Beteiligten die Beschwerde zu, die binnen zwei Wochen einzulegen ist.",
                kind=DECISION, closing="Die 8. Kammer", signed=True,
            ),
        ),
    ),
    Sample(
        "nutzungsuntersagung-ortstermin", "2026-11-16 08:50", VG_ARNSBERG, "4 K 3981/26", "Ladung zum Ortstermin",
        "Antwort, erkannt am Aktenzeichen des Gerichts", joins="nutzungsuntersagung-klage",
        rubrum="Böttcher ./. Stadt Musterhausen",
        letters=(
            court_letter(
                "Ladung zum Ortstermin.pdf", "Ladung",
                "Die Berichterstatterin wird das Gartenhaus am Dienstag, 8. Dezember "
                "2026, 10.30 Uhr, in Augenschein nehmen. Festes Schuhwerk wird empfohlen.",
            ),
        ),
    ),
    Sample(
        "unterhalt-beschluss", "2026-11-16 12:12", AG_ESSEN, "105 F 211/26", "Übersendung eines Beschlusses",
        "Antwort in XJustiz 2.4.0", version="2.4.0", old_client=True, joins="unterhalt-festsetzung",
        rubrum="Stadt Musterhausen ./. Jovanović",
        letters=(
            court_letter(
                "Beschluss Festsetzung.pdf", "Festsetzungsbeschluss",
                "Der vom Antragsgegner zu zahlende Betrag wird ab "
                "1. Dezember 2026 auf monatlich 120 Euro festgesetzt.", kind=DECISION,
            ),
        ),
    ),
    Sample(
        "umgang-beistand", "2026-11-17 10:26", AG_MUENSTER, "56 F 418/26", "Bestellung einer Verfahrensbeiständin",
        "Antwort, erkannt am Aktenzeichen des Gerichts", joins="umgang-bericht", rubrum="Umgangssache Brinkmann/Haddad",
        letters=(
            court_letter(
                "Beschluss_Beistand.pdf", "Beschluss",
                "Den Kindern wird Frau Solveig Ødegaard als Verfahrensbeiständin "
                "bestellt. Sie nimmt in der kommenden Woche Kontakt zum Jugendamt auf.", kind=DECISION,
            ),
        ),
    ),
    Sample(
        "owi-urteil", "2026-11-17 15:33", AG_DORTMUND, "730 OWi 264/26", "Übersendung des Protokolls und des Urteils",
        "Antwort mit zwei Dokumenten", joins="owi-termin", rubrum="Verfahren gegen Papadopoulou",
        letters=(
            court_letter("Urteil.pdf", "Urteil", "Die Betroffene wird freigesprochen. Die Kosten trägt die "
            "Staatskasse.",
                         kind=JUDGMENT),
            court_letter("Protokoll.pdf", "Protokoll der Hauptverhandlung", "Es erschien die Betroffene. Die Messung "
            "wurde "
                         "erörtert. Der Messbeamte wurde als Zeuge gehört.", kind=MINUTES),
        ),
    ),
    Sample(
        "fahrerlaubnis-gutachten", "2026-11-18 08:08", VG_GELSENKIRCHEN, "7 L 1602/26", "Übersendung eines Gutachtens",
        "Antwort, erkannt am Aktenzeichen des Gerichts", joins="fahrerlaubnis-eilantrag",
        rubrum="Kovács ./. Stadt Musterhausen",
        letters=(
            court_letter(
                "Gutachten.pdf", "Verkehrsmedizinisches Gutachten", *EXPERT_OPINION,
                kind=EXPERTISE, signed=True,
            ),
        ),
    ),
    Sample(
        "gehweg-ladung", "2026-11-18 11:54", LG_DORTMUND, "25  O 318/26", "Ladung zur mündlichen Verhandlung",
        "Das Aktenzeichen des Gerichts ist anders geschrieben (zwei Leerzeichen)", joins="gehweg-amtshaftung", eeb=True,
        rubrum="Nguyen ./. Stadt Musterhausen",
        letters=(
            court_letter(
                "Ladung.pdf", "Ladung",
                "Termin zur Güteverhandlung und mündlichen Verhandlung: Donnerstag, 14. Januar 2027, "
                "9 Uhr, Saal 225. Das persönliche Erscheinen der Klägerin ist angeordnet.",
            ),
        ),
    ),
)  # fmt: skip

AGAIN = (
    Sample(
        "wohngeld-klage-nochmals", "2026-11-13 16:20", VG_GELSENKIRCHEN, None, "", "Dieselbe Nachricht, unter anderem "
        "Ordnernamen noch einmal abgelegt: schon bekannt", repeats="wohngeld-klage", joins="wohngeld-klage",
    ),
    Sample(
        "bussgeld-abgabe-nochmals", "2026-11-16 14:15", STA_DORTMUND, None, "",
        "Dieselben Dokumente und Zeichen, noch einmal "
        "versandt: Dublette", repeats="bussgeld-abgabe", new_id=True, expected="duplicate",
    ),
)  # fmt: skip

MORE = OPENING + REPLIES + AGAIN
