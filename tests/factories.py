"""Factories: each makes one thing through the actions, with believable values, and takes what matters as keywords."""

from __future__ import annotations

import copy
import io
import itertools
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from audit.acting import SYSTEM, Actor, Source, acting
from cases import actions, blobs
from cases.conditions import Condition
from cases.models import (
    Case,
    CaseReader,
    Cover,
    Decision,
    Dispatch,
    Document,
    InformationRequest,
    OrgUnit,
    Party,
    Role,
    Service,
    User,
)
from cases.packages import SHIPPED
from cases.standard_texts import RequestedItem
from intake import actions as intake
from intake.envelope import Envelope, MessageFile
from intake.models import ApiClient, Submission
from routing import pipeline
from routing.actions import drafts
from routing.actions.rules import set_rule
from routing.models import ExceptionEntry, Rule, RuleDraft
from tests.sample_files import PDF

ARRIVAL = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
PASSWORD = "Musterhausen-2026"
CHANNEL = Actor(Source.CHANNEL, "egvp")

_count = itertools.count(1)


def team(slug: str = "rechtsamt", **values: Any) -> OrgUnit:
    """An Organisationseinheit; the same slug is the same one."""
    return actions.make_team(slug=slug, name=values.pop("name", slug.title()), by=SYSTEM, **values)


def user(unit: OrgUnit | None = None, role: Role = Role.CASEWORKER, **values: Any) -> User:
    """Somebody with a role in ``unit`` (without one: with no role at all)."""
    username = values.pop("username", f"person{next(_count)}")
    made = actions.make_user(username=username, password=PASSWORD, by=SYSTEM, **values)
    if unit:
        actions.set_membership(user=made, role=role, unit=unit, by=SYSTEM)
    return made


def lead(unit: OrgUnit, **values: Any) -> User:
    """A Teamleitung."""
    return user(unit, Role.LEAD, **values)


def service(slug: str = "gerichtspost", unit: OrgUnit | None = None) -> Service:
    """A shipped Leistung, loaded; ``unit`` is responsible (default: the team of its package)."""
    version, _ = actions.load_package(directory=SHIPPED / slug, by=SYSTEM)
    loaded = version.service
    if unit or loaded.unit is None:
        unit = unit or team(version.declaration["unit"])
        actions.set_service_unit(service=loaded, unit=unit, by=SYSTEM)
    return loaded


def case(unit: OrgUnit | None = None, **values: Any) -> Case:
    """A Vorgang of the Gerichtspost."""
    unit = unit or team()
    defaults = {"received_at": ARRIVAL, "subject": "Klage wegen Gewerbeuntersagung", "by": SYSTEM}
    return actions.open_case(service=values.pop("service", None) or service(), unit=unit, **(defaults | values))


def applicant(**values: Any) -> Party:
    """An unsaved applicant with a whole address."""
    defaults = {"first_name": "Erika", "last_name": "Muster", "street": "Lindenweg", "house_number": "3"}
    defaults |= {"role": Party.Role.APPLICANT, "postcode": "12345", "city": "Musterhausen"}
    return Party(**(defaults | values))


def application_case(unit: OrgUnit | None = None, slug: str = "wohngeld", **values: Any) -> Case:
    """A Vorgang of an application, with an applicant who receives the post."""
    unit = unit or team()
    parties = values.pop("parties", None) or [applicant()]
    return case(unit, service=service(slug), subject="Wohngeld", parties=parties, **values)


def information_request(of: Case, by: User, **values: Any) -> InformationRequest:
    """A Nachforderung of two items, with the consequence named, written but not sent."""
    defaults = {
        "title": "Nachweise über das Einkommen",
        "text": "Bitte reichen Sie nach:",
        "items": [RequestedItem("lohn", "Lohnabrechnung"), RequestedItem("rente", "Rentenbescheid")],
        "days": 14,
        "consequence": "Sonst können wir das Wohngeld versagen (§ 66 SGB I).",
    }
    return actions.request_information(case=of, by=Actor.of(by), **(defaults | values))


def draft(of: Case, by: User, outcome: Case.Outcome = Case.Outcome.GRANTED, **values: Any) -> Decision:
    """The draft of a Bescheid, with a Begründung."""
    defaults = {
        "outcome": outcome,
        "operative_part": "Wir bewilligen 100 Euro.",
        "reasoning": "Das folgt aus dem Gesetz.",
    }
    return actions.draft_decision(case=of, by=Actor.of(by), values=defaults | values)


def posted(of: InformationRequest | Decision, by: User, on: date | None = None) -> list[Dispatch]:
    """All its letters have left the house, today or on that day."""
    rows = list(of.dispatches.filter(state=Dispatch.State.TO_SEND))
    return [actions.mark_sent(dispatch=row, on=on or timezone.localdate(), by=Actor.of(by)) for row in rows]


def tomorrow(days: int = 1) -> date:
    """Some day after today, as an authority's calendar has it."""
    return timezone.localdate() + timedelta(days=days)


def cover(absent: User, substitute: User, *, days: int = 7) -> Cover:
    """A Vertretung from today on."""
    today = timezone.localdate()
    return actions.set_cover(
        absent=absent, substitute=substitute, starts_on=today, ends_on=tomorrow(days), by=Actor.of(absent)
    )


def protect(case: Case, *readers: User) -> Case:
    """Only these people may see the Vorgang."""
    with acting(SYSTEM, "test"):
        case.is_protected = True
        case.save()
        for reader in readers:
            CaseReader.objects.create(case=case, user=reader)
    return case


def document(of: Case, content: bytes = PDF, name: str = "Klage.pdf", **values: Any) -> Document:
    """A document with one file."""
    sha, size = blobs.write(io.BytesIO(content))
    actions.register_blobs([(sha, size)])
    new = actions.NewDocument(files=[actions.NewFile(sha, name)], **({"role": Document.Role.COMPLAINT} | values))
    return actions.add_documents(case=of, documents=[new], received_at=ARRIVAL, by=SYSTEM)[0]


def message_file(name: str, content: bytes) -> MessageFile:
    """A file of a message, in memory."""
    return MessageFile(name=name, size=len(content), open=lambda: io.BytesIO(content))


def envelope(files: dict[str, bytes] | None = None, **values: Any) -> Envelope:
    """An EGVP message; without ``files`` an XJustiz message with one PDF (keywords of ``xjustiz``)."""
    known = {key: values.pop(key) for key in ("external_id", "channel", "findings", "archive") if key in values}
    number = next(_count)
    defaults = {"channel": "egvp", "external_id": f"govapp_{number}", "received_at": ARRIVAL, "source": f"/in/{number}"}
    content = container(**values) if files is None else files
    return Envelope(files=[message_file(name, data) for name, data in content.items()], **(defaults | known))


def container(**values: Any) -> dict[str, bytes]:
    """The files of a small container: XJustiz 3.6.2 and its PDF."""
    pdf = values.pop("pdf", PDF + str(next(_count)).encode())
    return {"attachments/xjustiz_nachricht.xml": xjustiz(**values), "attachments/Klage.pdf": pdf}


def xjustiz(
    *,
    subject: str = "Klage wegen Gewerbeuntersagung",
    own: str = "",
    foreign: str = "12 K 345/26",
    court: str = "D6262",
    message_id: str = "",
    files: tuple[str, ...] = ("Klage.pdf",),
    parties: str = "",
) -> bytes:
    """An XJustiz message 0005005 of version 3.6.2 from a court; ``parties``: XML inside the address of a plaintiff."""
    address = f"<tns:anschrift>{parties}</tns:anschrift>" if parties else ""
    involved = (
        "<tns:beteiligung><tns:rolle><tns:rollenbezeichnung><code>101</code></tns:rollenbezeichnung></tns:rolle>"
        "<tns:beteiligter><tns:auswahl_beteiligter><tns:natuerlichePerson><tns:vollerName><tns:vorname>Eva</tns:vorname>"
        f"<tns:nachname>Klug</tns:nachname></tns:vollerName>{address}</tns:natuerlichePerson>"
        "</tns:auswahl_beteiligter></tns:beteiligter></tns:beteiligung>"
    )
    documents = "".join(
        f"<tns:dokument><tns:identifikation><tns:id>{next(_count):08d}-0000-4000-8000-{index:012d}</tns:id></tns:identifikation>"
        f"<tns:xjustiz.fachspezifischeDaten><tns:dokumentklasse><code>003</code></tns:dokumentklasse>"
        f"<tns:anzeigename>Klageschrift</tns:anzeigename><tns:datei><tns:dateiname>{name}</tns:dateiname>"
        f"<tns:bestandteil><code>001</code></tns:bestandteil></tns:datei></tns:xjustiz.fachspezifischeDaten></tns:dokument>"
        for index, name in enumerate(files, 1)
    )
    ours = f"<tns:aktenzeichen.freitext>{own}</tns:aktenzeichen.freitext>" if own else "<tns:aktenzeichen.unbekannt/>"
    number = message_id or f"{next(_count):08d}-1111-4000-8000-000000000000"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<tns:nachricht.gds.uebermittlungSchriftgutobjekte.0005005 xmlns:tns="http://www.xjustiz.de">
<tns:nachrichtenkopf xjustizVersion="3.6.2">
<tns:erstellungszeitpunkt>2026-11-24T09:12:33+01:00</tns:erstellungszeitpunkt>
<tns:absender><tns:informationen><tns:auswahl_kommunikationspartner><tns:gericht><code>{court}</code></tns:gericht>
</tns:auswahl_kommunikationspartner></tns:informationen><tns:aktenzeichen>{foreign}</tns:aktenzeichen>
<tns:eigeneNachrichtenID>{number}</tns:eigeneNachrichtenID></tns:absender>
<tns:empfaenger><tns:informationen><tns:auswahl_kommunikationspartner><tns:sonstige>Stadt Musterhausen</tns:sonstige>
</tns:auswahl_kommunikationspartner></tns:informationen><tns:auswahl_aktenzeichen>{ours}</tns:auswahl_aktenzeichen>
</tns:empfaenger></tns:nachrichtenkopf>
<tns:grunddaten><tns:verfahrensdaten><tns:instanzdaten><tns:instanznummer>1</tns:instanznummer>
<tns:verfahrensgegenstand><tns:gegenstand>{subject}</tns:gegenstand></tns:verfahrensgegenstand>
</tns:instanzdaten>{involved if parties else ""}</tns:verfahrensdaten></tns:grunddaten>
<tns:schriftgutobjekte>{documents}</tns:schriftgutobjekte>
</tns:nachricht.gds.uebermittlungSchriftgutobjekte.0005005>""".encode()


def basic(**values: Any) -> bytes:
    """An XJustiz message 0005006 of version 3.6.2: a court writes without documents (keywords of ``xjustiz``)."""
    letter = xjustiz(**({"files": ()} | values)).replace(
        b"uebermittlungSchriftgutobjekte.0005005", b"basisnachricht.0005006"
    )
    return letter.replace(b"<tns:schriftgutobjekte></tns:schriftgutobjekte>", b"")


def rule(words: str = "Gewerbe", *, unit: OrgUnit | None = None, rank: int = 10, **values: Any) -> Rule:
    """A rule: the subject contains one of ``words`` → Gerichtspost in ``unit``."""
    return set_rule(
        name=values.pop("name", f"Regel {next(_count)}"),
        rank=rank,
        conditions=[Condition("subject", "contains_one_of", words)],
        service=values.pop("service", None) or service(),
        unit=unit,
        by=SYSTEM,
        **values,
    )


def rule_values(words: str = "Gewerbe", *, unit: OrgUnit | None = None, **values: Any) -> dict[str, Any]:
    """What a rule like that of ``rule`` says, by attribute name, as drafts take it."""
    defaults = {
        "rank": 10,
        "name": f"Regel {next(_count)}",
        "note": "",
        "conditions": [Condition("subject", "contains_one_of", words).as_json()],
        "service_id": service().pk,
        "unit_id": unit.pk if unit else None,
        "person_id": None,
        "case_id": None,
        "owner_id": None,
        "valid_from": None,
        "valid_until": None,
    }
    return defaults | values


def rule_draft(by: User, *rules: dict[str, Any], name: str = "Neue Regeln") -> RuleDraft:
    """A draft of new rules (``rule_values``)."""
    drawn = drafts.begin_draft(name=name, by=Actor.of(by))
    for values in rules:
        drafts.add_rule(draft=drawn, values=values, by=Actor.of(by))
    return drawn


def submission(of: Envelope | None = None, **values: Any) -> Submission:
    """A received Eingang that nobody has taken through yet (keywords of ``envelope``)."""
    return intake.receive(of or envelope(**values), by=CHANNEL, defer=False).submission


def processed(of: Envelope | None = None, **values: Any) -> Submission:
    """A received Eingang after the pipeline."""
    received = submission(of, **values)
    pipeline.process(received.pk)
    return Submission.objects.select_related("case", "number", "duplicate_of").get(pk=received.pk)


def entry(unit: OrgUnit | None = None, **values: Any) -> ExceptionEntry:
    """An open Klärfall: a message that no rule places; ``unit`` is the central clearing."""
    if unit and not unit.is_clearing:
        team(unit.slug, name=unit.name, is_clearing=True)
    held = processed(**({"subject": "Grundsteuer 2025"} | values))
    return ExceptionEntry.objects.get(submission=held, resolved_at=None)


def portal(name: str = "", **values: Any) -> tuple[ApiClient, str]:
    """A client of the REST interface and its token."""
    defaults = {"kind": ApiClient.Kind.PORTAL, "services": [], "by": SYSTEM}
    return intake.make_client(name=name or f"Portal {next(_count)}", **(defaults | values))


def example(slug: str = "wohngeld") -> dict[str, Any]:
    """The complete application that a shipped Leistungspaket brings."""
    return json.loads((SHIPPED / slug / "tests" / "example.json").read_text())


def application(slug: str = "wohngeld", **values: Any) -> dict[str, Any]:
    """The example, of somebody else each time; ``values`` replace members of the body."""
    body = copy.deepcopy(example(slug))
    body["data"]["applicant"]["last_name"] = f"Muster-{next(_count)}"
    return body | values


def write_container(target: Path, files: dict[str, bytes]) -> Path:
    """Write the files of a container below ``target``; returns it."""
    for name, content in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return target
