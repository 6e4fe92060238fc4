"""Sample mail that opens Vorgänge: administrative and social courts, and the three that no rule knows."""

from __future__ import annotations

from config.demo.sample import (
    APPLICANT,
    CLAIMANT,
    DECISION,
    NOTICE,
    RESPONDENT,
    SUMMONED,
    Sample,
    claim,
    court_letter,
    enclosure,
    person,
    town,
)
from config.demo.senders import (
    ARBG_DORTMUND,
    FG_MUENSTER,
    LG_DORTMUND,
    OLG_HAMM,
    SG_DORTMUND,
    VG_ARNSBERG,
    VG_GELSENKIRCHEN,
    VG_MUENSTER,
)

REPLY_IN_FOUR_WEEKS = (
    "Es wird gebeten, innerhalb von vier Wochen nach Zustellung zu der Klage Stellung zu nehmen und die "
    "vollständigen Verwaltungsvorgänge elektronisch zu übersenden."
)
TRANSFER = (
    "Die Übertragung des Rechtsstreits auf die Einzelrichterin ist beabsichtigt. Einwände sind bis dahin mitzuteilen."
)

FIRST = (
    Sample(
        "gewerbe-klage", "2026-11-02 08:14", VG_GELSENKIRCHEN, "19 K 4711/26", "Klage gegen Gewerbeuntersagung",
        "Neue Klage mit eEB-Anforderung, drei Dokumenten und einer Signaturdatei",
        rubrum="Yılmaz ./. Stadt Musterhausen", team="ordnungsamt", eeb=True,
        parties=(person(CLAIMANT, "Gülşen", "Yılmaz", "Bahnhofstraße", "14", "59999", "Musterhausen"), town()),
        letters=(
            court_letter(
                "Eingangsverfuegung.pdf", "Eingangsverfügung",
                "In dem verwaltungsgerichtlichen Verfahren wird die Klageschrift vom 29. Oktober 2026 zugestellt.",
                REPLY_IN_FOUR_WEEKS, TRANSFER,
            ),
            claim(
                "Klageschrift.pdf", "Klageschrift", "Gülşen Yılmaz\nBahnhofstraße 14, 59999 Musterhausen",
                "hiermit erhebe ich Klage mit dem Antrag, die Ordnungsverfügung vom 1. Oktober 2026 aufzuheben, mit "
                "der "
                "mir die weitere Ausübung des Gewerbes „Änderungsschneiderei“ untersagt worden ist.",
                "Die Rückstände bei der Krankenkasse, auf die sich die Verfügung stützt, sind seit dem 15. September "
                "2026 "
                "durch eine Ratenvereinbarung geregelt, die ich seither pünktlich einhalte. Das habe ich im "
                "Anhörungsverfahren mitgeteilt; die Verfügung geht darauf nicht ein.",
                "Der Betrieb ernährt meine Familie und beschäftigt zwei Mitarbeiterinnen.",
                signed=True, days_before=4,
            ),
            enclosure(
                "Anlage K1 Ratenvereinbarung.pdf", "Anlage K1: Ratenvereinbarung", "Beispiel-Krankenkasse",
                "Der Rückstand von 4.318,60 Euro wird in 18 Monatsraten zu je 239,92 Euro ausgeglichen. Die erste Rate "
                "ist am 15. September 2026 fällig.",
            ),
        ),
    ),
    Sample(
        "wohngeld-klage", "2026-11-02 10:41", VG_GELSENKIRCHEN, "11 K 4820/26",
        "Wohngeld: Klage gegen den Ablehnungsbescheid", "Neue Klage in XJustiz 3.6.2 mit eEB-Anforderung",
        version="3.6.2", rubrum="Șerban ./. Stadt Musterhausen", team="wohngeld", eeb=True,
        parties=(person(CLAIMANT, "Ioana", "Șerban", "Am Mühlenteich", "3", "59999", "Musterhausen"), town()),
        letters=(
            court_letter(
                "Eingangsverfuegung_11_K_4820_26.pdf", "Eingangsverfügung",
                "In dem Rechtsstreit erhalten Sie die Klage vom 28. Oktober 2026 nebst Anlage.", REPLY_IN_FOUR_WEEKS,
            ),
            claim(
                "Klage_Serban.pdf", "Klageschrift", "Ioana Șerban\nAm Mühlenteich 3, 59999 Musterhausen",
                "ich klage gegen den Bescheid vom 24. September 2026, mit dem mein Antrag auf Mietzuschuss abgelehnt "
                "worden ist.",
                "Die Wohngeldstelle hat das Ausbildungsgeld meines Sohnes voll als Einkommen angesetzt. Er ist am "
                "1. August 2026 ausgezogen; die Abmeldung liegt bei. Ohne sein Einkommen besteht der Anspruch.",
                days_before=5,
            ),
            enclosure(
                "Abmeldung.pdf", "Anlage: Abmeldebestätigung", "Stadt Musterhausen, Bürgerbüro",
                "Hiermit wird bestätigt, dass sich Andrei Șerban zum 1. August 2026 aus der Wohnung Am Mühlenteich 3 "
                "abgemeldet hat.",
            ),
        ),
    ),
    Sample(
        "aufenthalt-eilantrag", "2026-11-03 07:52", VG_GELSENKIRCHEN, "8 L 1533/26",
        "Eilantrag: Verlängerung der Aufenthaltserlaubnis", "Eilantrag, als eilig gekennzeichnet, mit eEB-Anforderung",
        version="3.6.2", rubrum="Okonkwo ./. Stadt Musterhausen", team="migration", eeb=True, urgent=True,
        parties=(
            person(APPLICANT, "Chidinma", "Okonkwo", "Lindenallee", "27a", "59999", "Musterhausen"), town(RESPONDENT),
        ),
        letters=(
            court_letter(
                "Eilt - Verfuegung.pdf", "Eilt! Verfügung",
                "In dem Verfahren des vorläufigen Rechtsschutzes wird Gelegenheit gegeben, bis Donnerstag, 5. November "
                "2026, 12 Uhr, zu dem Antrag Stellung zu nehmen.",
                "Das Gericht geht davon aus, dass bis zu einer Entscheidung von aufenthaltsbeendenden Maßnahmen "
                "abgesehen wird. Andernfalls wird um unverzüglichen Anruf gebeten.",
            ),
            claim(
                "Antragsschrift.pdf", "Antrag nach § 80 Abs. 5 VwGO",
                "Rechtsanwalt Tomáš Dvořák\nMarktgasse 8, 59999 Musterhausen",
                "namens und in Vollmacht der Antragstellerin beantrage ich, die aufschiebende Wirkung der Klage gegen "
                "den Bescheid vom 19. Oktober 2026 anzuordnen.",
                "Die Antragstellerin ist seit sechs Jahren als Pflegefachkraft beschäftigt. Ihr Arbeitsvertrag wurde "
                "am "
                "12. Oktober 2026 entfristet; der Bescheid legt noch den alten Vertrag zugrunde.",
                signed=True,
            ),
        ),
    ),
    Sample(
        "asyl-aktenanforderung", "2026-11-03 11:05", VG_ARNSBERG, "6 K 2207/26.A",
        "Asyl: Anforderung der Ausländerakte",
        "Aktenanforderung in XJustiz 3.2.1", version="3.2.1", rubrum="Haidari ./. Bundesrepublik Deutschland",
        team="migration", own="unbekannt",
        parties=(person(CLAIMANT, "Farid", "Haidari"), person(SUMMONED, "Zahra", "Haidari")),
        letters=(
            court_letter(
                "Aktenanforderung.pdf", "Anforderung der Ausländerakte",
                "In dem Asylverfahren wird gebeten, die dort geführte Ausländerakte des Klägers bis zum 27. November "
                "2026 elektronisch vorzulegen.",
                "Sollte die Akte an eine andere Behörde abgegeben worden sein, wird um Mitteilung der Abgabenachricht "
                "gebeten.",
            ),
        ),
    ),
    Sample(
        "nutzungsuntersagung-klage", "2026-11-04 09:20", VG_ARNSBERG, "4 K 3981/26",
        "Klage gegen Nutzungsuntersagung eines Gartenhauses", "Dateinamen mit Umlauten und Leerzeichen",
        rubrum="Böttcher ./. Stadt Musterhausen", team="bauaufsicht", eeb=True,
        parties=(person(CLAIMANT, "Hans-Jürgen", "Böttcher", "Grüner Weg", "81", "59999", "Musterhausen"), town()),
        letters=(
            court_letter(
                "Verfügung des Gerichts.pdf", "Verfügung",
                "Anbei erhalten Sie die Klage vom 30. Oktober 2026 zur Stellungnahme.", REPLY_IN_FOUR_WEEKS,
            ),
            claim(
                "Klageschrift Böttcher.pdf", "Klageschrift", "Hans-Jürgen Böttcher\nGrüner Weg 81, 59999 Musterhausen",
                "gegen die Ordnungsverfügung vom 6. Oktober 2026 erhebe ich Klage. Das Gartenhaus steht seit 1974 und "
                "wurde "
                "von meinen Eltern mit Genehmigung errichtet. Es wird nicht bewohnt; dort steht eine Werkbank.",
                "Ich bitte um einen Ortstermin. Dann erledigt sich vermutlich vieles.", days_before=5,
            ),
            enclosure(
                "Anlage 1 - Lageplan & Fotos (März 1974).pdf", "Anlage 1: Lageplan und Fotos", "Hans-Jürgen Böttcher",
                "Lageplan im Maßstab 1:500 mit Eintragung des Gartenhauses; zwei Aufnahmen aus dem März 1974.",
            ),
        ),
    ),
    Sample(
        "baugenehmigung-nachbar", "2026-11-04 13:37", VG_MUENSTER, "2 K 2890/26",
        "Nachbarklage gegen eine Baugenehmigung",
        "Derselbe Container als ZIP-Datei", form="zip", rubrum="Grochowska ./. Stadt Musterhausen", team="bauaufsicht",
        parties=(
            person(CLAIMANT, "Łucja", "Grochowska"), town(),
            person(SUMMONED, "Emre", "Doğan"),
        ),
        letters=(
            court_letter(
                "Beiladungsbeschluss.pdf", "Beschluss über die Beiladung",
                "Herr Doğan wird gemäß § 65 Abs. 2 VwGO beigeladen, weil die Entscheidung ihm gegenüber nur "
                "einheitlich "
                "ergehen kann.", "Der Beschluss ist unanfechtbar.", kind=DECISION,
            ),
            claim(
                "Klageschrift.pdf", "Klageschrift", "Łucja Grochowska\nWiesengrund 12, 59999 Musterhausen",
                "ich wende mich gegen die Baugenehmigung vom 17. September 2026. Das Vorhaben hält den Grenzabstand zu "
                "meinem Grundstück nicht ein; die Abstandsflächenberechnung rechnet das Dach nicht an.", days_before=6,
            ),
        ),
    ),
    Sample(
        "fahrerlaubnis-eilantrag", "2026-11-05 08:03", VG_GELSENKIRCHEN, "7 L 1602/26",
        "Antrag gegen die Entziehung der Fahrerlaubnis", "Eilverfahren eines Berufskraftfahrers",
        rubrum="Kovács ./. Stadt Musterhausen", team="verkehr", urgent=True,
        parties=(person(APPLICANT, "Gergő", "Kovács"), town(RESPONDENT)),
        letters=(
            court_letter(
                "Verfuegung.pdf", "Verfügung",
                "Zu dem Antrag auf Wiederherstellung der aufschiebenden Wirkung wird Gelegenheit zur Stellungnahme bis "
                "zum 12. November 2026 gegeben.",
            ),
            claim(
                "Antrag_Kovacs.pdf", "Antrag auf vorläufigen Rechtsschutz",
                "Gergő Kovács\nHafenweg 5, 59999 Musterhausen",
                "ich bin Kraftfahrer und lebe von meinem Führerschein. Das angeordnete Gutachten liegt der Behörde "
                "seit "
                "dem 8. Oktober 2026 vor und bescheinigt meine Fahreignung. Bitte prüfen Sie den Bescheid noch einmal.",
            ),
        ),
    ),
    Sample(
        "gehweg-amtshaftung", "2026-11-05 14:22", LG_DORTMUND, "25 O 318/26", "Klage nach Sturz auf einem Gehweg",
        "Landgericht; das eigene Zeichen beginnt mit 30.", own="30.2/0118-26", rubrum="Nguyen ./. Stadt Musterhausen",
        team="rechtsamt", eeb=True, parties=(person(CLAIMANT, "Thị Mai", "Nguyen"), town()),
        letters=(
            court_letter(
                "Verfuegung_schriftliches_Vorverfahren.pdf", "Anordnung des schriftlichen Vorverfahrens",
                "Der beklagten Stadt wird aufgegeben, ihre Verteidigungsabsicht binnen zwei Wochen nach Zustellung "
                "durch eine Rechtsanwältin oder einen Rechtsanwalt anzuzeigen.",
                "Zur Klageerwiderung wird eine weitere Frist von drei Wochen gesetzt.",
            ),
            claim(
                "Klageschrift.pdf", "Klageschrift",
                "Rechtsanwältin Friederike Überacker\nKirchplatz 2, 59999 Musterhausen",
                "namens der Klägerin beantrage ich, die Beklagte zur Zahlung eines angemessenen Schmerzensgeldes zu "
                "verurteilen. Die Klägerin stürzte am 11. Februar 2026 über eine um vier Zentimeter erhöhte "
                "Gehwegplatte "
                "in der Schulstraße und brach sich das Handgelenk.", days_before=9,
            ),
        ),
    ),
    Sample(
        "arbeitsgericht-guetetermin", "2026-11-06 09:48", ARBG_DORTMUND, "4 Ca 2955/26", "Ladung zur Güteverhandlung",
        "XJustiz 2.4.0 eines älteren Programms; das eigene Zeichen steht über zwei Zeilen", version="2.4.0",
        own="30.1/77-26\n Pers/kö", rubrum="Adeyemi ./. Stadt Musterhausen", team="rechtsamt", old_client=True,
        text="Bitte beachten Sie die Anlage.", parties=(person(CLAIMANT, "Babatunde", "Adeyemi"), town()),
        letters=(
            court_letter(
                "Ladung.pdf", "Ladung zur Güteverhandlung",
                "Termin zur Güteverhandlung wird bestimmt auf Dienstag, 1. Dezember 2026, 9.40 Uhr, Saal 112.",
                "Eine vergleichsweise Einigung wird angeregt. Hierzu sollte eine mit der Sache vertraute und zum "
                "Abschluss befugte Person erscheinen.",
            ),
        ),
    ),
    Sample(
        "hinweisbeschluss-olg", "2026-11-06 15:10", OLG_HAMM, "11 U 92/26", "Berufung: Hinweisbeschluss des Senats",
        "Oberlandesgericht; das eigene Zeichen beginnt mit 30.", own="30.2/0064-25", team="rechtsamt",
        rubrum="Lindqvist ./. Stadt Musterhausen", parties=(person(CLAIMANT, "Åsa", "Lindqvist"), town()),
        letters=(
            court_letter(
                "Hinweisbeschluss.pdf", "Hinweisbeschluss",
                "Der Senat beabsichtigt, die Berufung durch einstimmigen Beschluss zurückzuweisen. Sie hat nach "
                "vorläufiger Beratung keine Aussicht auf Erfolg.",
                "Es besteht Gelegenheit zur Stellungnahme binnen drei Wochen.", kind=DECISION,
                closing="Der 11. Zivilsenat",
            ),
        ),
    ),
    Sample(
        "sozialhilfe-erstattung", "2026-11-09 08:31", SG_DORTMUND, "S 62 SO 233/26",
        "Kostenerstattung zwischen Trägern",
        "Sozialgericht; das eigene Zeichen beginnt mit 30.", own="30.4/0311-26", version="3.6.2", team="rechtsamt",
        rubrum="Kreis Beispielwald ./. Stadt Musterhausen",
        letters=(
            court_letter(
                "Verfuegung_SG.pdf", "Verfügung",
                "Die Klage des Kreises auf Erstattung von 11.204,35 Euro wird zur Stellungnahme binnen eines Monats "
                "übersandt. Um Mitteilung, ob Einverständnis mit einer Entscheidung ohne mündliche Verhandlung "
                "besteht, "
                "wird gebeten.",
            ),
        ),
    ),
) + tuple(
    Sample(
        key, arrived, FG_MUENSTER, reference, "Grundsteuer: Bitte um Auskunft zum Hebesatz",
        "Keine Regel kennt die Grundsteuer; drei Nachrichten mit derselben Ursache", version="3.6.2",
        rubrum=f"{name} ./. Finanzamt Beispielwald", expected="exception", expected_reason="no_rule",
        letters=(
            court_letter(
                "Auskunftsersuchen.pdf", "Ersuchen um Auskunft",
                f"In dem Verfahren {name} wird um Auskunft gebeten, welche Hebesätze der Rat für die Grundsteuer B "
                f"seit "
                "dem Jahr 2025 beschlossen hat.", f"Die Auskunft betrifft das Grundstück {plot}.", kind=NOTICE,
            ),
            enclosure("Fragenkatalog.pdf", "Anlage: Fragen des Gerichts", FG_MUENSTER.name, "1. Hebesatz 2025\n2. "
            "Hebesatz 2026"),
        ),
    )
    for key, arrived, reference, name, plot in (
        ("grundsteuer-1", "2026-11-09 10:02", "4 K 2101/26 Gr", "Çelik", "Flur 4, Flurstück 118"),
        ("grundsteuer-2", "2026-11-10 10:17", "4 K 2113/26 Gr", "Freifrau von Ilten", "Flur 9, Flurstück 23"),
        ("grundsteuer-3", "2026-11-12 09:55", "4 K 2140/26 Gr", "Wohnbau Beispiel eG", "Flur 2, Flurstück 77"),
    )
)  # fmt: skip
