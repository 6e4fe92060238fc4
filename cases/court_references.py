"""Aktenzeichen of German courts and prosecutors in free text, by their register signs.

A register sign means little by itself (``K`` is a claim at a Verwaltungsgericht and an auction at an Amtsgericht), and
"Seite 3 C 12/25" looks like an Aktenzeichen too. So what is found here is only a question: it counts when a Vorgang is
kept under it (``reference/message-standards.md`` section 6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cases import references

MAX_FOUND = 50
"""How many references of one text are looked at."""
_SIGNS = """
 B C F FH H IE IK IN J K L M N AR II III IV VI VII VIII IX X XI XII XIV XV XVI XVII UR GR PR LwP St StE Vollz
 Js UJs OJs Zs Cs Ds Ls Gs OWi Bs BRs Ks KLs Ns Qs Ps Ss SsOWi SsBs Ws WsOWi VRs VRJs BwR StVK AK HEs Ausl OAus VAs BGs
 O OH OE S SH T R U UH UF UFH W WF WH Wx Kart VA Verg EK MK SchH Sch Not AktE KfH HKO BL
 ZR ZB ZA StR StB ARs ARZ AnwZ NotZ NotSt KZR KVR KRB RiZ RiSt EnVR EnZR EnVZ PatAnwZ BLw LwZR GSSt GSZ VGS
 BvR BvL BvF BvE BvG BvC BvQ BvB BvK BvM BvN BvP BvT PBvU PBvS VB Vf
 A D E G I P V X AE KN KM KE LA LB LC LE LZ ME MN MC MA MD MF MO MP NE NA OA OB OD OP OE PA PL PK DK DL DB DH FK FL FB
 CN BN AV VR KSt PKH WB WD WDB WDS WNB PB DW TL
 Nc GK GL
 AL AS AY BA BK BL EG FL KA KG KN KR KS LW RA RI RJ RS SB SC SF SO SV VE VG VH VJ VK VM VS VU ZV
 Ca Ga BV BVGa Ha Ba Sa SaGa Ta TaBV TaBVGa SHa Oa AZR AZN AZB AZA ABR ABN ABA
 KO Ko GrS
"""
"""Register signs of the ordinary courts and prosecutors, the federal courts, the courts of administration, social
matters, labour and finance. Kept by hand: GDS.Registerzeichen lacks some of them (Nc, GK, GL, the Sachgebiete)."""
SIGNS = frozenset(sign.casefold() for sign in _SIGNS.split())

_REFERENCE = re.compile(
    r"""(?<![\w#/.-])
    (?:(?P<court>[A-Z]{1,3})\s)?                              # S, L, B, M: the court's own letter
    (?:(?P<section>\d{1,4}[a-z]?|[IVX]{1,6}[a-z]?)\s?)?       # chamber or senate
    (?P<sign>[A-Za-zÄÖÜäöü]{1,9})\s?
    (?P<number>\d{1,6})\s?(?P<mark>[/.])\s?(?P<year>\d{1,6})  # 345/24, at the BVerwG 2.24, in Bavaria 24.1234
    (?P<suffix>\.[A-Z]{1,3}(?!\w)|\s(?:B\s)?(?:ER|PKH)(?!\w)|\s(?:B|E|WA|RG|NZB)(?!\w))?
    (?![\w#/-]|\.\d)""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class CourtReference:
    """One find: the text as it stands there, and the keys under which a Vorgang may be kept that it means."""

    text: str
    keys: tuple[str, ...]


def find(text: str) -> list[CourtReference]:
    """The court references in ``text``, in order, each once, at most ``MAX_FOUND``."""
    found: dict[str, CourtReference] = {}
    for match in _REFERENCE.finditer(text.replace("\xa0", " ")):
        if len(found) == MAX_FOUND:
            break
        if match["sign"].casefold() in SIGNS and _is_dated(match["mark"], match["year"]):
            reference = CourtReference(" ".join(match[0].split()), _keys(match))
            found.setdefault(reference.keys[0], reference)
    return list(found.values())


def _is_dated(mark: str, year: str) -> bool:
    """A slash is followed by a year; what follows a point may be a number of the year before it."""
    return mark == "." or len(year) in (2, 4)


def _keys(match: re.Match[str]) -> tuple[str, ...]:
    """All of it first, then without the court's letter, the addition and the century: people leave them out."""
    court, suffix = (match["court"] or "").strip(), match["suffix"] or ""
    middle = f"{match['section'] or ''} {match['sign']} {match['number']}{match['mark']}"
    years = [match["year"]]
    if match["mark"] == "/" and len(match["year"]) == 4:
        years.append(match["year"][2:])
    forms = [
        f"{letter} {middle}{year}{addition}" for year in years for letter in (court, "") for addition in (suffix, "")
    ]
    return tuple(dict.fromkeys(references.key(form) for form in forms))
