"""The Schriftgutobjekte and Beteiligten of an XJustiz message: documents with their files, parties with their roles."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from intake.facts import DocumentFacts, Facts, FileFacts, FilePart, PartyFacts
from intake.findings import Finding
from intake.standards import codes, values
from intake.standards import xjustiz_paths as paths
from intake.standards.layout import basename
from intake.standards.xjustiz_access import all_texts, first, first_text, found

MAX_OBJECTS = 10_000
"""How many documents, files and parties are taken over; the courts allow 1000 files per message."""


def read_documents(root: etree._Element) -> tuple[list[DocumentFacts], bool, bool]:
    """The documents of the message in its order, those inside Akten and Teilakten (at any depth) included.

    Returns the documents, whether an Akte as a whole demands an eEB (its documents then do, too), and whether any
    object is marked confidential. File names are as the XML writes them; ``intake.standards.attachments`` resolves
    them.
    """
    documents: list[DocumentFacts] = []
    demanded = confidential = False
    for element, inherited in _walk(root):
        confidential = confidential or _is_confidential(element)
        if etree.QName(element).localname == "dokument":
            documents.append(_document(element, inherited))
        else:
            demanded = demanded or _demands_eeb(element)
    return documents, demanded, confidential


def limit_objects(facts: Facts) -> list[Finding]:
    """Cut documents, files and parties to ``MAX_OBJECTS`` of each, with a blocking finding where there were more.

    The XML may be 20 MB, enough for a hundred thousand of them; no page and no person could cope.
    """
    files, kept = 0, 0
    for document in facts.documents:
        files += len(document.files)
        if files > MAX_OBJECTS or kept == MAX_OBJECTS:
            break
        kept += 1
    too_many = len(facts.documents) > kept or len(facts.parties) > MAX_OBJECTS
    del facts.documents[kept:], facts.parties[MAX_OBJECTS:]
    if not too_many:
        return []
    return [
        Finding(
            code="message_too_many_objects",
            message=f"Die Nachricht beschreibt mehr als {MAX_OBJECTS} Dokumente oder Beteiligte; nur die ersten wurden "
            "gelesen. Bitte den Absender prüfen und die Nachricht von Hand bearbeiten.",
            path="/*/schriftgutobjekte",
        )
    ]


def _walk(root: etree._Element) -> Iterator[tuple[etree._Element, bool]]:
    """Every dokument, akte and teilakte in reading order, each with the eEB demand of the Akten around it."""
    pending = [(each, False) for each in found(root, paths.TOP_FILES + paths.TOP_DOCUMENTS)]
    pending.reverse()
    while pending:
        element, inherited = pending.pop()
        yield element, inherited
        if etree.QName(element).localname != "dokument":
            inherited = inherited or _demands_eeb(element)
            inner = [(each, inherited) for each in found(element, paths.INNER_FILES + paths.INNER_DOCUMENTS)]
            pending.extend(reversed(inner))


def _demands_eeb(element: etree._Element) -> bool:
    return values.boolean(first_text(element, paths.EEB_REQUIRED))


def _is_confidential(element: etree._Element) -> bool:
    mark = first(element, paths.OBJECT_CONFIDENTIALITY)
    if mark is None:
        return False
    stated = first_text(mark, paths.NOT_CONFIDENTIAL)
    return values.boolean(stated) if stated else True


def _document(element: etree._Element, inherited_eeb: bool) -> DocumentFacts:
    files = [] if _is_metadata_only(element) else [_file(each) for each in found(element, paths.DOCUMENT_FILES)]
    title = first_text(element, paths.DOCUMENT_TITLE)
    document_id = first_text(element, paths.DOCUMENT_ID).lower()
    return DocumentFacts(
        name=(basename(leading_file(files).name) if files else "") or title or document_id,
        role=codes.document_role(
            first_text(element, paths.DOCUMENT_CLASS),
            first_text(element, paths.DOCUMENT_TYPE),
            first_text(element, paths.DOCUMENT_TYPE_24),
        ),
        document_id=document_id,
        number=values.integer(first_text(element, paths.DOCUMENT_NUMBER)),
        title=title,
        document_date=values.day(first_text(element, paths.DOCUMENT_DATE)),
        eeb_required=inherited_eeb or _demands_eeb(element),
        files=files,
    )


def leading_file(files: list[FileFacts]) -> FileFacts:
    """The file that a document is named after: the newest original, else the newest representation, else the first."""
    for part in (FilePart.ORIGINAL, FilePart.REPRESENTATION):
        matching = [file for file in files if file.part is part]
        if matching:
            return max(matching, key=lambda file: file.version)
    return files[0]


def _is_metadata_only(element: etree._Element) -> bool:
    """nurMetadaten: the document is described, its files are deliberately not sent (between courts)."""
    return values.boolean(first_text(element, paths.METADATA_ONLY))


def _file(element: etree._Element) -> FileFacts:
    """A datei; its name keeps its exact characters, because it has to match a file."""
    name = first(element, paths.FILE_NAME)
    return FileFacts(
        name=(name.text or "").strip()[: values.MAX_TEXT] if name is not None else "",
        part=codes.FILE_PARTS.get(first_text(element, paths.FILE_PART), FilePart.ORIGINAL),
        version=values.integer(first_text(element, paths.FILE_VERSION), default=1) or 1,
        refers_to=first_text(element, paths.FILE_REFERS_TO),
    )


def read_parties(root: etree._Element) -> list[PartyFacts]:
    """The Beteiligten of the proceedings in the order of the message, one per Beteiligung."""
    return [_party(element) for element in found(root, paths.PARTIES)]


def _party(element: etree._Element) -> PartyFacts:
    role_codes = [code for role in found(element, paths.ROLES) for code in all_texts(role, paths.ROLE_CODE)]
    telling = [code for code in role_codes if codes.party_role(code) != "other"] or role_codes or [""]
    party = PartyFacts(
        role=codes.party_role(telling[0]),
        role_code=telling[0],
        reference=next((r for role in found(element, paths.ROLES) if (r := _reference(role))), ""),
    )
    person, organisation, firm = (first(element, kind) for kind in (paths.PERSON, paths.ORGANISATION, paths.LAW_FIRM))
    if person is not None:
        _read_person(person, party)
        _read_address(person, party)
    elif (body := organisation if organisation is not None else firm) is not None:
        party.kind = "organisation"
        party.organisation = first_text(body, paths.ORGANISATION_NAME)
        lawyer = first(body, paths.LAWYER)
        if lawyer is not None:
            _read_person(lawyer, party)
        _read_address(body, party)
    return party


def _reference(role: etree._Element) -> str:
    return values.reference(first_text(role, paths.ROLE_REFERENCE))


def _read_person(person: etree._Element, party: PartyFacts) -> None:
    prefix, name = first_text(person, paths.LAST_NAME_PREFIX), first_text(person, paths.LAST_NAME)
    party.first_name = first_text(person, paths.FIRST_NAME)
    party.last_name = f"{prefix} {name}".strip()
    party.birth_date = values.day(first_text(person, paths.BIRTH_DATE))
    party.information_block = first(person, paths.INFORMATION_BLOCK) is not None or values.boolean(
        first_text(person, paths.INFORMATION_BLOCK_FLAG)
    )


def _read_address(holder: etree._Element, party: PartyFacts) -> None:
    """The first address that is not a former one; a P.O. box stands in for the street."""
    for address in found(holder, paths.ADDRESS):
        if values.boolean(first_text(address, ["t:ehemaligeAnschrift"])):
            continue
        post_box = first_text(address, ["t:postfachnummer"])
        party.street = first_text(address, ["t:strasse"]) or (f"Postfach {post_box}" if post_box else "")
        party.house_number = first_text(address, ["t:hausnummer"])
        party.postcode = first_text(address, ["t:postleitzahl"])
        party.city = first_text(address, ["t:ort"])
        return
