"""The Vorgänge that a message in the queue may belong to: which are shown, why, in what order, and to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.acting import SYSTEM, acting
from cases import actions, numbers
from cases.actions.bulk import foreign_reference
from cases.models import Case, OrgUnit, Role, User
from intake.facts import Facts, PartyFacts
from routing import candidates, clues, selectors
from routing.candidates import Candidate
from routing.models import ExceptionEntry
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db

BORN = date(1980, 3, 4)


@pytest.fixture
def post() -> OrgUnit:
    """The Poststelle, which clears what belongs to nobody."""
    return make.team("poststelle", is_clearing=True)


@pytest.fixture
def chief(post: OrgUnit) -> User:
    """Who leads the Poststelle."""
    return make.lead(post)


@pytest.fixture
def post_entry(post: OrgUnit) -> ExceptionEntry:
    """A Klärfall in the Poststelle."""
    return make.entry(post)


def found(entry: ExceptionEntry, user: User, facts: Facts | None = None) -> list[Candidate]:
    facts = facts or Facts.from_json(entry.submission.facts)
    given = clues.of(facts)
    rows = clues.search(entry.submission, facts, given, selectors.unit_ids_to_file_in(user))
    return candidates.of(entry, user, facts, given=given, rows=rows)


def reasons(entry: ExceptionEntry, user: User, facts: Facts | None = None) -> dict[Case, str]:
    return {each.case: each.why for each in found(entry, user, facts)}


def held_by(court: str, reference: str) -> Case:
    """A Vorgang that a court keeps under its own reference."""
    case = make.case()
    with acting(SYSTEM, "test"):
        foreign_reference(case, reference, court).save()
    return case


def slip(public_id: str, place: int = 3) -> str:
    """The id with another character there, which its check character notices."""
    other = "8" if public_id[place] != "8" else "9"
    return public_id[:place] + other + public_id[place + 1 :]


def test_without_a_clue_there_is_no_candidate(post: OrgUnit, chief: User) -> None:
    make.case()
    assert found(make.entry(post), chief) == []


def test_a_mistyped_vorgangs_id(post: OrgUnit, chief: User) -> None:
    meant, other = make.case(), make.case()
    entry = make.entry(post, subject=f"Grundsteuer, Ihr Zeichen {slip(meant.public_id)}")
    assert entry.details.get("candidates", []) == [], "the pipeline does not guess"
    assert reasons(entry, chief) == {
        meant: f"Bis auf einen Schreibfehler steht die Vorgangs-ID {meant.public_id} in der Nachricht."
    }
    assert other not in reasons(entry, chief)


@pytest.fixture
def known(post: OrgUnit) -> list[Case]:
    """Some Vorgänge; the last is protected."""
    return [make.case(), make.case(), make.protect(make.case(make.team("jugendamt")))]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_slip_in_an_existing_id_that_can_be_repaired_is_found(
    known: list[Case], post_entry: ExceptionEntry, chief: User, data: st.DataObject
) -> None:
    """Any character replaced, or any two neighbours swapped, in the id of any Vorgang; only that Vorgang is shown."""
    meant = known[data.draw(st.integers(0, len(known) - 1))]
    place = data.draw(st.sampled_from([2, 3, 4, 5, 7, 8, 9, 10, 12]))
    if data.draw(st.booleans()):
        char = data.draw(st.sampled_from(numbers.ALPHABET))
        written = meant.public_id[:place] + char + meant.public_id[place + 1 :]
    else:
        plain = meant.public_id.replace("-", "")
        at = data.draw(st.integers(1, 8))
        plain = plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :]
        written = f"V-{plain[1:5]}-{plain[5:9]}-{plain[9]}"
    shown = {each.case for each in found(post_entry, chief, Facts(subject=f"Zu {written}"))}
    if numbers.normalise(written) == meant.public_id:  # nothing was changed: the message names it
        assert shown == {meant}
    else:
        assert shown == (set() if meant.is_protected else {meant}), written


def test_an_id_in_the_text_or_among_the_data_of_an_application(post: OrgUnit, chief: User) -> None:
    meant = make.case()
    entry = make.entry(post)
    written = slip(meant.public_id)
    assert meant in reasons(entry, chief, Facts(text=f"…\nVorgang {written}"))
    assert meant in reasons(entry, chief, Facts(own_reference=written))
    assert meant in reasons(entry, chief, Facts(standard="portal", data={"note": {"more": [f"zu {written}"]}}))


@pytest.mark.parametrize("how", ["mistyped", "missing", "swapped"])
def test_our_aktenzeichen_with_a_slip(post: OrgUnit, chief: User, how: str) -> None:
    case = make.case()
    reference = case.file_reference  # e.g. 30.4-2026-000001
    wrong = {"mistyped": "9" + reference[1:], "missing": reference[:6] + reference[7:],
             "swapped": reference[:5] + reference[6] + reference[5] + reference[7:]}[how]  # fmt: skip
    entry = make.entry(post)
    for facts in (Facts(own_reference=wrong), Facts(foreign_reference=wrong), Facts(text=f"Zu {wrong}, wie gesagt.")):
        why = reasons(entry, chief, facts)[case]
        assert "ein Zeichen anders" in why and wrong in why


def test_a_right_aktenzeichen_is_not_taken_for_a_slip(post: OrgUnit, chief: User) -> None:
    first, second = make.case(), make.case()  # their numbers differ by one character
    shown = reasons(make.entry(post), chief, Facts(own_reference=first.file_reference))
    assert list(shown) == [first] and second.file_reference[:-1] == first.file_reference[:-1]


def test_the_same_foreign_reference_says_who_holds_it(post: OrgUnit, chief: User) -> None:
    same, other = held_by("D6262", "77 K 7/26"), held_by("R2400", "77 K 7/26")
    entry = make.entry(post)
    facts = Facts.from_json(entry.submission.facts)
    shown = found(entry, chief, replace(facts, foreign_reference="77 K 7/26"))
    assert [each.case for each in shown] == [same, other]
    assert "Dieselbe Stelle führt diesen Vorgang unter dem Zeichen 77 K 7/26." in shown[0].reasons
    assert "Unter demselben Zeichen 77 K 7/26 führt ein anderes Gericht diesen Vorgang." in shown[1].reasons


def test_a_court_reference_in_the_text(post: OrgUnit, chief: User) -> None:
    case = held_by("R2400", "8 K 88/26")
    why = reasons(make.entry(post), chief, Facts(standard="eml", text="Wegen 8 K 88/26 bitte Rückruf."))[case]
    assert why == "Im Text steht 8 K 88/26; so führt ein Gericht diesen Vorgang."


def applicant(**values: object) -> PartyFacts:
    given = {"role": "applicant", "first_name": "Erika", "last_name": "Muster", "birth_date": BORN}
    return PartyFacts(**(given | {"postcode": "12345"} | values))


def test_the_same_person(post: OrgUnit, chief: User) -> None:
    entry = make.entry(post)
    same = make.application_case(parties=[make.applicant(birth_date=BORN)])
    unknown = make.application_case(parties=[make.applicant()])
    make.application_case(parties=[make.applicant(birth_date=date(1999, 1, 1))])
    make.application_case(parties=[make.applicant(first_name="Erik", birth_date=BORN)])
    make.application_case(parties=[make.applicant(postcode="99999")])
    shown = found(entry, chief, Facts(service="wohngeld", parties=[applicant(last_name="MUSTER")]))
    assert [each.case for each in shown] == [same, unknown]
    assert shown[0].why == "Dieselbe Person (Name und Geburtsdatum) hat diesen Vorgang zu derselben Leistung."
    assert "demselben Namen und derselben Postleitzahl" in shown[1].why
    (first, _) = found(entry, chief, Facts(parties=[applicant()]))
    assert first.why == "Dieselbe Person (Name und Geburtsdatum) hat diesen Vorgang."


def test_the_same_leistung_comes_first(post: OrgUnit, chief: User) -> None:
    entry = make.entry(post)
    other = make.application_case(slug="bewohnerparkausweis", parties=[make.applicant(birth_date=BORN)])
    same = make.application_case(parties=[make.applicant(birth_date=BORN)])
    later = make.application_case(slug="bewohnerparkausweis", parties=[make.applicant(birth_date=BORN)])
    shown = found(entry, chief, Facts(service="wohngeld", parties=[applicant()]))
    assert [each.case for each in shown] == [same, later, other]


def test_the_same_message_and_the_same_documents(post: OrgUnit, chief: User) -> None:
    make.rule("Klage")
    first = make.processed(subject="Klage", foreign="7 K 1/26", pdf=make.PDF, message_id="a-1")
    entry = make.entry(post, foreign="9 K 9/26", pdf=make.PDF)
    assert "Dasselbe Dokument liegt schon in diesem Vorgang." in reasons(entry, chief)[first.case]
    entry.submission.message_id = "a-1"
    assert "gehört schon zu diesem Vorgang" in reasons(entry, chief)[first.case]


def test_the_same_sender_lately_is_the_weakest_reason(post: OrgUnit, chief: User) -> None:
    make.rule("Klage")
    before = make.processed(subject="Klage", foreign="7 K 1/26").case
    meant = make.case()
    entry = make.entry(post, subject=f"Grundsteuer {slip(meant.public_id)}")
    shown = found(entry, chief)
    assert [each.case for each in shown] == [meant, before]
    assert shown[1].why == "Vom selben Absender kam zuletzt am 24.11.2026 etwas zu diesem Vorgang."


def test_of_a_busy_sender_only_the_last_vorgaenge_are_shown(post: OrgUnit, chief: User) -> None:
    make.rule("Klage")
    for number in range(5):
        make.processed(subject="Klage", foreign=f"{number + 1} K 1/26")
    last = make.processed(subject="Klage", foreign="5 K 1/26").case  # the second message of that Vorgang
    shown = found(make.entry(post), chief)
    assert len(shown) == 3 and last in [each.case for each in shown]
    assert all(each.why.count("Vom selben Absender") == 1 for each in shown)


def test_a_portal_is_no_sender(post: OrgUnit, chief: User) -> None:
    make.service("wohngeld")
    for _ in range(2):
        entry = make.entry(post, files={"submission.json": b'{"service": "wohngeld", "data": {}}'}, channel="portal")
    assert found(entry, chief) == []


def test_what_the_pipeline_has_found_is_there_once(post: OrgUnit, chief: User) -> None:
    first, second = make.case(), make.case()
    entry = make.entry(post, subject=f"Zu {first.public_id} und {second.public_id}")
    shown = found(entry, chief)
    assert {each.case for each in shown} == {first, second} and len(shown) == 2
    page = text_of(logged_in(chief).get(f"/klaerung/{entry.pk}/"))
    for case in (first, second):
        assert page.count(f'name="case" value="{case.public_id}"') == 1
        assert page.count(f"Die Nachricht nennt die Vorgangs-ID {case.public_id}.") == 1, "one reason, said once"


def test_at_most_ten_the_strongest_first(post: OrgUnit, chief: User) -> None:
    for _ in range(12):
        make.application_case(parties=[make.applicant(birth_date=BORN)])
    named = make.case()
    facts = Facts(subject=named.public_id, parties=[applicant()])
    shown = found(make.entry(post), chief, facts)
    assert len(shown) == 10 and shown[0].case == named
    assert [each.strength for each in shown] == sorted((each.strength for each in shown), reverse=True)


def test_only_vorgaenge_into_which_the_person_may_file(post: OrgUnit) -> None:
    own, other = make.team("wohngeld"), make.team("jugendamt")
    mine, theirs = make.case(own), make.case(other)
    entry = make.entry(post, subject=f"Zu {slip(mine.public_id)}, {slip(theirs.public_id)}, {theirs.public_id[2:]}")
    ExceptionEntry.objects.filter(pk=entry.pk).update(unit=own)
    lead = make.lead(own)
    assert list(reasons(entry, lead)) == [mine]
    page = text_of(logged_in(lead).get(f"/klaerung/{entry.pk}/"))
    assert mine.public_id in page
    assert f'value="{theirs.public_id}"' not in page and theirs.subject not in page.replace(mine.subject, "")
    actions.set_membership(user=lead, role=Role.CASEWORKER, unit=other, by=SYSTEM)
    assert set(reasons(entry, lead)) == {mine, theirs}


def test_a_protected_vorgang_is_shown_only_when_the_message_names_it(post: OrgUnit, chief: User) -> None:
    case = make.protect(make.application_case(parties=[make.applicant(birth_date=BORN)]))
    entry = make.entry(post)
    assert found(entry, chief, Facts(parties=[applicant()])) == [], "that this person has one is nobody's business"
    assert found(entry, chief, Facts(subject=slip(case.public_id))) == []
    (shown,) = found(entry, chief, Facts(subject=case.public_id, parties=[applicant()]))
    assert shown.reasons == [f"Die Nachricht nennt die Vorgangs-ID {case.public_id}."] and not shown.is_visible
    named = make.lead(case.unit)
    make.protect(case, named)
    assert len(found(entry, named, Facts(parties=[applicant()]))) == 1


def test_a_page_costs_the_same_however_much_is_found(post: OrgUnit, chief: User, django_assert_max_num_queries) -> None:
    client = logged_in(chief)
    for count in (1, 12):
        for number in range(count):
            make.rule(f"Wort{number}|Grund{number}", name=f"Regel {count}-{number}", rank=number + 1)
            make.application_case(parties=[make.applicant(first_name="Eva", last_name="Klug", postcode="50667")])
        plaintiff = "<tns:postleitzahl>50667</tns:postleitzahl>"
        files = make.container(parties=plaintiff, files=("Klage.pdf", *(f"fehlt{n}.pdf" for n in range(count))))
        entry = make.entry(post, files=files)
        client.get(f"/klaerung/{entry.pk}/")  # the rules are read once per process
        with django_assert_max_num_queries(15):
            page = text_of(client.get(f"/klaerung/{entry.pk}/"))
        assert "demselben Namen und derselben Postleitzahl" in page


def test_the_page_of_an_application_costs_no_more(post: OrgUnit, chief: User, django_assert_max_num_queries) -> None:
    entry = make.entry(post, files={"submission.json": b'{"service": "wohngeld", "data": {}}'}, channel="portal")
    make.service("wohngeld")
    browser = logged_in(chief)
    browser.get(f"/klaerung/{entry.pk}/")
    with django_assert_max_num_queries(15):
        text_of(browser.get(f"/klaerung/{entry.pk}/"))
