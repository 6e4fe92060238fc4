"""The applications of the demonstration's citizens: what they say, and what should become of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from config.demo.sample import Expected

Data = dict[str, Any]
CITY = {"postcode": "59999", "city": "Musterhausen"}


@dataclass(frozen=True)
class Paper:
    """A PDF that is enclosed: its name, what stands in it, and its role."""

    filename: str
    title: str
    text: str
    role: str = "nachweis"


@dataclass(frozen=True)
class SampleApplication:
    """One application. ``names`` is the key of another one whose Aktenzeichen stands in it; ``more`` extra members."""

    key: str
    service: str
    data: Data
    about: str
    papers: tuple[Paper, ...] = ()
    expected: Expected = "filed"
    expected_reason: str = ""
    team: str = ""
    hints: tuple[str, ...] = ()
    sender_reference: str = ""
    names: str = ""
    as_multipart: bool = False
    more: Data = field(default_factory=dict)


def _person(first: str, last: str, born: str, **more: Any) -> Data:
    return {"first_name": first, "last_name": last, "birth_date": born} | more


def _address(street: str, number: str) -> Data:
    return {"street": street, "house_number": number} | CITY


def _housing(
    who: Data, address: Data, *, rent: float, space: float, income: list[tuple[str, float]], **more: Any
) -> Data:
    """The data of an application for Mietzuschuss."""
    name = f"{who.get('first_name', '')} {who.get('last_name', '')}".strip()
    base = {
        "application_kind": "mietzuschuss",
        "applicant": who,
        "address": address,
        "household": {"size": 1},
        "dwelling": {"living_space": space, "rent": rent},
        "income": [{"person": name, "kind": kind, "monthly_gross": gross} for kind, gross in income],
        "transfer_benefits": False,
        "declarations": {"is_truthful": True, "will_report_changes": True},
    }
    return base | more


def _parking(who: Data, address: Data, plate: str, **vehicle: Any) -> Data:
    """The data of an application for a Bewohnerparkausweis."""
    return {
        "application_kind": "neu",
        "applicant": who,
        "address": address,
        "vehicle": {"licence_plate": plate, "kind": "pkw", "keeper_is_applicant": True} | vehicle,
        "zone": "Altstadt Nord",
    }


def _without(data: Data, *path: str) -> Data:
    """``data`` without the member at ``path``."""
    head, *rest = path
    if not rest:
        return {name: value for name, value in data.items() if name != head}
    return data | {head: _without(data[head], *rest)}


LEASE = Paper("Mietvertrag.pdf", "Mietvertrag", "Kaltmiete 684,00 Euro im Monat, Wohnfläche 82 Quadratmeter.")
WAGES = Paper("Verdienstbescheinigung.pdf", "Verdienstbescheinigung", "Bruttolohn Oktober 2026: 2.310,00 Euro.")
PENSION = Paper(
    "Rentenbescheid 2026.pdf", "Rentenbescheid", "Altersrente ab 1. Juli 2026: 1.142,18 Euro.", "rentenbescheid"
)
PAPERS = Paper("Fahrzeugschein.pdf", "Zulassungsbescheinigung Teil I", "Halterin: Fjord Haustechnik GmbH.")

AYLIN = _person("Aylin", "Yıldız", "1988-02-17", marital_status="verheiratet", email="aylin.yildiz@example.org")
AYLINS = _housing(
    AYLIN,
    _address("Fliederweg", "12"),
    rent=684,
    space=82,
    income=[("lohn", 2310.0)],
    household={
        "size": 3,
        "members": [
            _person("Deniz", "Yıldız", "1986-09-03", relationship="ehe", has_income=False),
            _person("Mina", "Yıldız", "2021-05-28", relationship="kind", has_income=False),
        ],
    },
    bank_account={"holder": "Aylin Yıldız", "iban": "DE02120300000000202051"},
)
HEINZ = _housing(
    _person("Heinz-Günter", "Köppke", "1951-12-01", occupation="rente"),
    _address("Am Stadtgraben", "3"),
    rent=455.5,
    space=49.5,
    income=[("rente", 1142.18)],
)
OWNERS = _housing(
    _person("Chiara", "D’Angelo", "1979-07-22", occupation="selbststaendig"),
    _address("Mühlenkamp", "44b"),
    rent=0,
    space=96,
    income=[("selbststaendigkeit", 1690)],
) | {"application_kind": "lastenzuschuss", "dwelling": {"living_space": 96, "loan_costs": 720.0}}
STUDENT = _housing(
    _person("Linh", "Trần", "2003-04-11", occupation="studium"),
    _address("Campusring", "8"),
    rent=390,
    space=24,
    income=[("sonstiges", 640)],
)

WOHNGELD = (
    SampleApplication(
        "wohngeld-familie",
        "wohngeld",
        AYLINS,
        "vollständig, mit zwei PDF",
        (LEASE, WAGES),
        team="wohngeld",
        hints=("possible_duplicate",),
    ),
    SampleApplication(
        "wohngeld-rente", "wohngeld", HEINZ, "vollständig, mit Rentenbescheid", (PENSION,), team="wohngeld"
    ),
    SampleApplication(
        "wohngeld-lasten",
        "wohngeld",
        OWNERS,
        "Lastenzuschuss, als multipart",
        (WAGES,),
        team="wohngeld",
        as_multipart=True,
    ),
    SampleApplication(
        "wohngeld-ohne-geburtsdatum",
        "wohngeld",
        _without(STUDENT, "applicant", "birth_date"),
        "ein Pflichtfeld fehlt",
        expected="exception",
        expected_reason="data_invalid",
    ),
    SampleApplication(
        "wohngeld-schreibweisen",
        "wohngeld",
        STUDENT
        | {"address": _address("Campusring", "8") | {"postcode": "D-59999"}}
        | {"bank_account": {"holder": "Linh Trần", "iban": "fehlt"}},
        "Postleitzahl und IBAN in ungewohnter Form",
        team="wohngeld",
        hints=("data_odd",),
    ),
    SampleApplication(
        "wohngeld-zweimal",
        "wohngeld",
        AYLINS | {"applicant": AYLIN | {"first_name": "AYLIN"}, "dwelling": {"living_space": 82, "rent": 701.5}},
        "dieselbe Person noch einmal, mit anderer Miete",
        team="wohngeld",
        hints=("possible_duplicate",),
    ),
)
PARKEN = (
    SampleApplication(
        "parken-neu",
        "bewohnerparkausweis",
        _parking(_person("Jörg", "Weißhaupt", "1975-03-09"), _address("Marktstraße", "21"), "MH-JW 184"),
        "vollständig, ohne Anlagen",
        team="verkehr",
    ),
    SampleApplication(
        "parken-firmenwagen",
        "bewohnerparkausweis",
        _parking(
            _person("Ingrid", "Sørensen", "1969-10-30"),
            _address("Domgasse", "5"),
            "MH-FH 20",
            keeper_is_applicant=False,
            keeper={"name": "Fjord Haustechnik GmbH", "reason_of_use": "firmenwagen"},
        ),
        "Firmenwagen, als multipart mit PDF",
        (PAPERS,),
        team="verkehr",
        as_multipart=True,
        sender_reference="MP-2026-40071",
    ),
    SampleApplication(
        "parken-firmenwagen-erneut",
        "bewohnerparkausweis",
        _parking(
            _person("Ingrid", "Sørensen", "1969-10-30"),
            _address("Domgasse", "5"),
            "MH-FH 20",
            keeper_is_applicant=False,
            keeper={"name": "Fjord Haustechnik GmbH", "reason_of_use": "firmenwagen"},
        ),
        "dieselben Angaben und dasselbe Zeichen unter neuem Schlüssel",
        (PAPERS,),
        expected="duplicate",
        team="verkehr",
        as_multipart=True,
        sender_reference="MP-2026-40071",
    ),
    SampleApplication(
        "parken-ohne-halter",
        "bewohnerparkausweis",
        _parking(
            _person("Tomasz", "Wójcik", "1994-01-15"), _address("Hafenkai", "2"), "MH-TW 7", keeper_is_applicant=False
        ),
        "fremdes Fahrzeug, aber kein Halter genannt",
        expected="exception",
        expected_reason="data_invalid",
    ),
    SampleApplication(
        "parken-mehr-angaben",
        "bewohnerparkausweis",
        _parking(_person("Paula", "Šimić", "1990-06-06"), _address("Turmstraße", "17"), "MH-PS 66")
        | {"newsletter": True},
        "Angaben, die niemand vorgesehen hat",
        team="verkehr",
        hints=("unknown_member",),
        more={"campaign": "herbst-2026"},
    ),
    SampleApplication(
        "parken-fremdes-zeichen",
        "bewohnerparkausweis",
        _parking(_person("Ruben", "Achterberg", "1982-08-19"), _address("Marktstraße", "2"), "MH-RA 9"),
        "nennt das Aktenzeichen eines anderen",
        expected="exception",
        expected_reason="portal_reference",
        names="wohngeld-rente",
    ),
)
OTHERS = (
    SampleApplication(
        "hundesteuer",
        "hundesteuer",
        {"applicant": _person("Nele", "Abendroth", "1986-11-11"), "dog": {"name": "Pfote", "breed": "Mischling"}},
        "eine Leistung, die es hier nicht gibt",
        expected="exception",
        expected_reason="service_unknown",
    ),
)
APPLICATIONS = (*WOHNGELD, *PARKEN, *OTHERS)
