"""The pages of the worklist, as a browser without JavaScript gets them: list, several at once, views, konto."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from audit.acting import SYSTEM, Actor, acting
from cases import actions
from cases.actions.worklist import may_set_cover
from cases.models import Case, Cover, FollowUp, OrgUnit, Presence, SavedView, User
from cases.templatetags import worklist as tags
from cases.worklist import bulk, trail
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db
EMPTY = {"handler": "", "follow_up": "", "unit": "", "reason": ""}


def dated(case: Case, **values: Any) -> Case:
    with acting(SYSTEM, "test"):
        for name, value in values.items():
            setattr(case, name, value)
        case.save()
    return case


def links(page: str) -> list[str]:
    """The addresses of the Vorgänge in a list."""
    return [found.replace("&amp;", "&") for found in re.findall(r'href="(/vorgaenge/V-[^"]+)"', page)]


def rows(page: str) -> list[str]:
    return re.findall(r"<tr.*?</tr>", page, re.DOTALL)[1:]


@pytest.mark.parametrize("count", [1, 40])
def test_a_page_costs_at_most_15_queries_however_many_rows(count: int, django_assert_max_num_queries) -> None:
    top = make.team("amt")
    unit = make.team("rechtsamt", parent=top)
    person, lead = make.user(unit), make.lead(top)
    for index in range(count):
        case = make.case(unit, handler=person if index % 2 else None)
        actions.note_presence(case=case, by=Actor.of(lead))
        actions.save_view(name=f"Ansicht {index}", query="handler=%40ich", by=Actor.of(lead))
        actions.save_view(name=f"Ansicht {index}", query="due=%40heute%2B3", by=Actor.of(person))
    make.cover(make.user(make.team("verkehr")), person)
    for user in (person, lead):
        client = logged_in(user)
        for address in ("/", "/?text=klage&handler=%40ich&sort=frist", "/?decided=on", "/?nach=0~2026-11-24~1~1"):
            with django_assert_max_num_queries(15):
                client.get(address)


def test_the_list_shows_frist_wiedervorlage_and_who_is_waited_for() -> None:
    unit = make.team()
    person, colleague = make.user(unit), make.user(unit, first_name="Rana", last_name="Recht")
    today = timezone.localdate()
    dated(make.case(unit, handler=colleague, received_at=make.ARRIVAL), next_due=today - timedelta(days=4))
    case = make.case(unit, received_at=make.ARRIVAL + timedelta(days=1))
    actions.note_presence(case=case, by=Actor.of(colleague))
    first, second = rows(text_of(logged_in(person).get("/")))
    assert "überfällig seit 4 Tagen" in first and "lm-due--overdue" in first
    assert "Rana Recht" in first and "wartet auf Bearbeitung" in first
    assert "wartet auf Übernahme" in second and "frei" in second
    assert re.search(r"ohne</span><span class=\"kern-sr-only\"> Wiedervorlage", second)
    assert "Rana Recht hat diesen Vorgang geöffnet" in second


def test_every_filter_of_the_page_narrows_the_list() -> None:
    unit = make.team()
    person = make.user(unit)
    case = make.case(unit, handler=person)
    make.case(unit)
    client = logged_in(person)
    for query in ("waiting=bearbeitung", "handler=%40ich", f"text={case.public_id}", "scope=meine"):
        assert [case.public_id in row for row in rows(text_of(client.get(f"/?{query}")))] == [True], query
    for query in ("status=entschieden", "due=%40heute", "follow_up=%40heute", "waiting=antwort"):
        assert "Kein Vorgang passt" in text_of(client.get(f"/?{query}")), query


def test_a_letter_that_waits_to_be_sent_is_found_when_all_is_decided_too() -> None:
    unit = make.team()
    person, other = make.user(unit), make.user(unit)
    case = make.application_case(unit)
    draft = make.draft(case, person)
    decision = actions.release_decision(decision=draft, revision=1, by=Actor.of(other))
    make.case(unit)
    client = logged_in(person)
    assert "auf den Versand eines Briefs" in text_of(client.get("/"))
    (row,) = rows(text_of(client.get("/?waiting=versand")))
    assert case.public_id in row and "zu versenden" in row
    make.posted(decision, person)
    assert "zu versenden" not in text_of(client.get("/?waiting=versand&decided=on"))


@pytest.mark.parametrize(
    ("days", "words", "level"),
    [
        (-4, "überfällig seit 4 Tagen", "overdue"),
        (-1, "überfällig seit 1 Tag", "overdue"),
        (0, "heute", "today"),
        (1, "morgen", "soon"),
        (3, "in 3 Tagen", "soon"),
        (7, "in 7 Tagen", "near"),
        (8, "in 8 Tagen", "far"),
    ],
)
def test_a_frist_is_a_bar_and_words(days: int, words: str, level: str) -> None:
    shown = tags.due_bar(timezone.localdate() + timedelta(days=days))
    assert (shown["words"], shown["level"]) == (words, level)


def test_a_column_says_how_it_is_sorted_and_turns_round() -> None:
    unit = make.team()
    make.case(unit)
    client = logged_in(make.user(unit))
    assert "aria-sort" not in text_of(client.get("/"))
    up = text_of(client.get("/?sort=eingang&handler=niemand"))
    assert up.count('aria-sort="ascending"') == 1
    assert 'href="?handler=niemand&amp;sort=-eingang"' in up
    assert 'aria-sort="descending"' in text_of(client.get("/?sort=-eingang"))


def test_tabs_say_how_many_there_are_and_where_one_is() -> None:
    unit = make.team()
    person = make.user(unit)
    make.case(unit, handler=person)
    make.case(unit)
    page = text_of(logged_in(person).get("/?scope=meine"))
    found = re.findall(r"<li><a href=\"[^\"]*\"( aria-current=\"page\")?>(\w+).*?lm-count--none\">(\d+)", page)
    assert found == [(' aria-current="page"', "Meine", "1"), ("", "Team", "2"), ("", "Alle", "2")]
    assert "Ihnen ist kein Vorgang zugewiesen" in text_of(logged_in(make.user(unit)).get("/?scope=meine"))


def test_previous_and_next_stay_in_the_list_that_one_came_from() -> None:
    unit = make.team()
    person = make.user(unit)
    cases = [make.case(unit, received_at=make.ARRIVAL + timedelta(hours=n), subject="Zaun") for n in range(3)]
    make.case(unit, received_at=make.ARRIVAL + timedelta(minutes=90), subject="Etwas anderes")
    client = logged_in(person)
    addresses = links(text_of(client.get("/?text=zaun&sort=-eingang")))
    assert [address.split("/")[2] for address in addresses] == [case.public_id for case in reversed(cases)]
    middle = text_of(client.get(addresses[1]))
    before, after = re.findall(r'rel="(?:prev|next)" href="([^"]+)"', middle)
    assert client.get(before).url == addresses[0]
    assert client.get(after).url == addresses[2]
    assert 'href="/?text=zaun&amp;sort=-eingang"' in middle, "and back leads into it"
    (beyond, _) = re.findall(r'rel="(?:prev|next)" href="([^"]+)"', text_of(client.get(addresses[0])))
    answer = client.get(beyond, follow=True)
    assert answer.redirect_chain[-1][0] == "/?text=zaun&sort=-eingang"
    assert "Das war der erste Vorgang dieser Liste" in text_of(answer)
    forged = text_of(client.get(f"/vorgaenge/{cases[0].public_id}/?liste={signing.dumps('text=zaun', salt='x')}"))
    assert 'rel="next"' not in forged


def test_the_list_that_one_came_from_shows_nothing_that_one_may_not_see() -> None:
    mine, other = make.team(), make.team("fremd")
    case = make.case(mine)
    hidden = make.case(other)
    page = text_of(logged_in(make.user(mine)).get(f"/vorgaenge/{case.public_id}/?liste={trail.sign('sort=eingang')}"))
    assert hidden.public_id not in page and hidden.file_reference not in page


class House:
    """A team with a lead, a caseworker and a colleague, and some free Vorgänge."""

    def __init__(self, count: int = 3) -> None:
        self.unit: OrgUnit = make.team()
        self.other: OrgUnit = make.team("verkehr", name="Straßenverkehr")
        self.person, self.colleague, self.lead = make.user(self.unit), make.user(self.unit), make.lead(self.unit)
        self.cases = [make.case(self.unit) for _ in range(count)]

    def send(self, user: User, cases: list[Case] | None = None, **values: str) -> str:
        chosen = [case.public_id for case in (self.cases if cases is None else cases)]
        data = {**EMPTY, **values, "case": chosen, "liste": trail.sign("sort=eingang")}
        answer = logged_in(user).post("/sammelaktion/", data, follow=True)
        assert answer.redirect_chain[0][0] == "/?sort=eingang", "back in the list, nothing chosen any more"
        return text_of(answer)


def test_several_are_assigned_unassigned_and_come_up_again() -> None:
    house = House()
    assert "3 erledigt." in house.send(house.person, handler="@ich", follow_up="2w")
    assert set(Case.objects.values_list("handler", flat=True)) == {house.person.pk}
    assert set(Case.objects.values_list("next_follow_up", flat=True)) == {make.tomorrow(14)}
    assert {each.user for each in FollowUp.objects.all()} == {house.person}
    house.send(house.person, follow_up="1w")
    assert set(Case.objects.values_list("handler", flat=True)) == {house.person.pk}, "nicht ändern is not niemand"
    house.send(house.person, handler="niemand")
    assert set(Case.objects.values_list("handler", flat=True)) == {None}


def test_only_the_teamleitung_gives_vorgaenge_to_others() -> None:
    house = House()
    page = text_of(logged_in(house.person).get("/"))
    assert f'<option value="{house.colleague.pk}"' not in page.split('id="id_bulk_handler"')[1].split("</select>")[0]
    assert "erledigt" not in house.send(house.person, handler=str(house.colleague.pk)), "it cannot be chosen"
    assert set(Case.objects.values_list("handler", flat=True)) == {None}
    assert "3 erledigt." in house.send(house.lead, handler=str(house.colleague.pk))
    assert set(Case.objects.values_list("handler", flat=True)) == {house.colleague.pk}


def test_what_cannot_be_done_is_skipped_and_said_with_its_reason() -> None:
    house = House()
    actions.assign(case=house.cases[0], to=house.colleague, by=Actor.of(house.colleague))
    hidden = make.case(house.other)
    page = house.send(house.person, [*house.cases, hidden], handler="niemand")
    assert "2 erledigt, 2 übersprungen." in page
    assert f"{house.cases[0]}: Dafür fehlt Ihnen in diesem Team die Berechtigung." in page
    assert f"{hidden.public_id}: Diesen Vorgang gibt es nicht" in page and hidden.file_reference not in page
    assert Case.objects.get(pk=house.cases[0].pk).handler == house.colleague


def test_several_are_handed_over_with_a_reason() -> None:
    house = House()
    assert "warum das andere Team zuständig ist" in house.send(house.person, unit=str(house.other.pk))
    both = house.send(house.person, unit=str(house.other.pk), handler="@ich", reason="x")
    assert "Abgegebene Vorgänge verteilt das andere Team" in both
    assert "Es ist nichts ausgewählt" in house.send(house.person)
    assert "mindestens einen Vorgang ankreuzen" in house.send(house.person, [], handler="@ich")
    assert set(Case.objects.values_list("unit", flat=True)) == {house.unit.pk}
    assert "3 erledigt." in house.send(house.person, unit=str(house.other.pk), reason="Parkausweise")
    assert set(Case.objects.values_list("unit", flat=True)) == {house.other.pk}
    assert house.cases[0].history.first().history_reason == "Parkausweise"


def test_at_most_a_hundred_at_once() -> None:
    house = House(1)
    data = {**EMPTY, "handler": "@ich", "case": [f"V-{n}" for n in range(bulk.MOST + 1)]}
    page = text_of(logged_in(house.person).post("/sammelaktion/", data, follow=True))
    assert "höchstens 100" in page
    assert logged_in(house.person).get("/sammelaktion/").url == "/"


def test_a_view_is_saved_opened_renamed_and_deleted() -> None:
    house = House()
    client = logged_in(house.person)
    query = "text=klage&handler=%40ich&sort=frist"
    answer = client.post("/ansichten/", {"name": "Meine Klagen", "liste": trail.sign(f"{query}&nach=1~2&ansicht=7")})
    view = SavedView.objects.get()
    assert (view.owner, view.unit, view.query) == (house.person, None, query)
    assert parse_qs(urlparse(answer.url).query)["ansicht"] == [str(view.pk)]
    page = text_of(client.get(answer.url))
    assert re.search(r'aria-current="page">Meine Klagen', page)
    client.post(f"/ansichten/{view.pk}/", {"name": "Klagen"})
    assert SavedView.objects.get().name == "Klagen"
    for empty in ("", " ", "x" * 61):
        assert "einen Namen geben" in text_of(client.post(f"/ansichten/{view.pk}/", {"name": empty}, follow=True))
    stranger = logged_in(house.colleague)
    assert stranger.post(f"/ansichten/{view.pk}/", {"delete": "1"}).status_code == 404
    assert "Klagen" not in text_of(stranger.get("/ansichten/"))
    client.post(f"/ansichten/{view.pk}/", {"delete": "1"})
    assert not SavedView.objects.exists()
    assert "Noch keine Ansicht gespeichert" in text_of(client.get("/ansichten/"))
    assert "einen Namen geben" in text_of(client.post("/ansichten/", {"name": "x", "liste": "gefälscht"}, follow=True))


def test_a_view_of_a_team_is_seen_by_all_and_changed_by_its_teamleitung() -> None:
    house = House()
    lead, person = logged_in(house.lead), logged_in(house.person)
    lead.post("/ansichten/", {"name": "Meine", "owner": str(house.unit.pk), "liste": trail.sign("handler=%40ich")})
    view = SavedView.objects.get()
    assert view.unit == house.unit
    actions.assign(case=house.cases[0], to=house.person, by=Actor.of(house.person))
    shown = [links(text_of(client.get(f"/?{view.query}"))) for client in (person, lead)]
    assert [len(each) for each in shown] == [1, 0], "ich is who looks"
    denied = text_of(person.post(f"/ansichten/{view.pk}/", {"delete": "1"}, follow=True))
    assert "ändert die Teamleitung" in denied and SavedView.objects.exists()
    refused = {"name": "x", "owner": str(house.unit.pk), "liste": trail.sign("")}
    assert "Namen geben" in text_of(person.post("/ansichten/", refused, follow=True))
    actions.save_view(name="Zweite", query="", unit=house.unit, by=Actor.of(house.lead))
    twice = text_of(lead.post(f"/ansichten/{view.pk}/", {"name": "Zweite"}, follow=True))
    assert "gibt es schon" in twice


def test_saving_under_a_known_name_replaces_the_filters() -> None:
    person = make.user(make.team())
    for query in ("text=a", "text=b"):
        actions.save_view(name="Eine", query=query, by=Actor.of(person))
    assert SavedView.objects.get().query == "text=b"
    assert SavedView.objects.get().history.count() == 2


def test_a_wiedervorlage_on_the_page_of_a_vorgang() -> None:
    house = House(1)
    (case,) = house.cases
    client, address = logged_in(house.person), f"/vorgaenge/{case.public_id}/"
    assert "ohne Wiedervorlage" in text_of(client.get(address))
    values = {"period": "1m", "due_on": "", "user": str(house.colleague.pk), "note": "Rückruf"}
    page = text_of(client.post(f"{address}wiedervorlage/", values, follow=True))
    assert "gesetzt" in page and "Rückruf" in page and "ohne Wiedervorlage" not in page
    follow_up = FollowUp.objects.get()
    assert follow_up.user == house.colleague
    day = make.tomorrow(3)
    client.post(f"{address}wiedervorlage/", values | {"due_on": day.isoformat()})
    assert Case.objects.get().next_follow_up == day
    past = values | {"due_on": make.tomorrow(-1).isoformat()}
    assert "liegt in der Vergangenheit" in text_of(client.post(f"{address}wiedervorlage/", past, follow=True))
    assert "Bitte einen Tag" in text_of(client.post(f"{address}wiedervorlage/", values | {"period": ""}, follow=True))
    client.post(f"{address}wiedervorlage/{follow_up.pk}/erledigt/")
    assert FollowUp.objects.get(pk=follow_up.pk).done_at is not None
    again = text_of(client.post(f"{address}wiedervorlage/{follow_up.pk}/erledigt/", follow=True))
    assert "schon erledigt" in again
    stranger = logged_in(make.user(house.other))
    assert stranger.post(f"{address}wiedervorlage/", values).status_code == 404
    assert stranger.post(f"{address}wiedervorlage/{follow_up.pk}/erledigt/").status_code == 404
    elsewhere = make.case(house.unit)
    wrong = f"/vorgaenge/{elsewhere.public_id}/wiedervorlage/{follow_up.pk}/erledigt/"
    assert client.post(wrong).status_code == 404
    assert "Wiedervorlage setzen" in text_of(client.get(f"{address}wiedervorlage/"))


def test_a_colleague_who_has_it_open_is_named_for_a_while() -> None:
    house = House(1)
    (case,) = house.cases
    address = f"/vorgaenge/{case.public_id}/"
    person, colleague = logged_in(house.person), logged_in(house.colleague)
    assert "hat diesen Vorgang geöffnet" not in text_of(person.get(address))
    assert f"{house.person} hat diesen Vorgang geöffnet (" in text_of(colleague.get(address))
    for _ in range(2):
        part = text_of(person.get(f"{address}anwesend/"))
    assert str(house.colleague) in part and str(house.person) not in part
    assert Presence.objects.count() == 2
    Presence.objects.update(seen_at=timezone.now() - timedelta(minutes=11))
    assert "geöffnet" not in text_of(person.get(f"{address}anwesend/"))
    assert logged_in(make.user(house.other)).get(f"{address}anwesend/").status_code == 404
    Presence.objects.update(seen_at=timezone.now() - timedelta(days=2))
    data = {"username": house.person.username, "password": make.PASSWORD}
    Client().post("/anmelden/", data)
    assert not Presence.objects.filter(user=house.person).exists()
    assert Presence.objects.filter(user=house.colleague).exists()


def test_one_sets_ones_own_vertretung_and_the_teamleitung_that_of_others() -> None:
    house = House(1)
    substitute = make.user(house.other, first_name="Vera", last_name="Vogt")
    today = timezone.localdate().isoformat()
    values = {"absent": str(house.person.pk), "substitute": str(substitute.pk), "starts_on": today, "ends_on": today}
    client = logged_in(house.person)
    assert "Keine Vertretung eingetragen" in text_of(client.get("/konto/"))
    wrong = client.post("/konto/vertretungen/", values | {"ends_on": make.tomorrow(-1).isoformat()})
    assert wrong.status_code == 422 and "vor dem ersten" in text_of(wrong)
    for nobody in (house.colleague, house.lead):
        answer = client.post("/konto/vertretungen/", values | {"absent": str(nobody.pk)})
        assert answer.status_code == 422, "only for oneself"
    assert "Vera Vogt vertritt" in text_of(client.post("/konto/vertretungen/", values, follow=True))
    cover = Cover.objects.get()
    assert logged_in(substitute).post(f"/konto/vertretungen/{cover.pk}/ende/").status_code == 404
    assert "vertritt" in text_of(logged_in(substitute).get("/konto/"))
    lead = logged_in(house.lead)
    lead.post(f"/konto/vertretungen/{cover.pk}/ende/")
    assert not Cover.objects.exists()
    lead.post("/konto/vertretungen/", values)
    assert Cover.objects.get().absent == house.person
    assert "Mein Konto" in text_of(logged_in(make.user()).get("/konto/"))


def test_what_one_covers_is_marked() -> None:
    house = House(1)
    (case,) = house.cases
    actions.assign(case=case, to=house.colleague, by=Actor.of(house.colleague))
    substitute = make.user(house.other)
    make.cover(house.colleague, substitute)
    client = logged_in(substitute)
    (row,) = rows(text_of(client.get("/?scope=meine")))
    assert "in Vertretung" in row
    page = text_of(client.get(f"/vorgaenge/{case.public_id}/"))
    assert f"in Vertretung für {house.colleague}" in page and "Wiedervorlage setzen" in page


def test_who_may_end_a_vertretung_is_offered_to_and_nobody_else() -> None:
    top = make.team("amt")
    unit, beside = make.team("rechtsamt", parent=top), make.team("wohngeld", parent=top)
    chief, lead = make.lead(top), make.lead(unit)
    worker, other = make.user(unit), make.user(beside)
    covers = [make.cover(worker, lead), make.cover(chief, lead), make.cover(other, lead), make.cover(lead, worker)]
    for user in (chief, lead, worker, other):
        page = text_of(logged_in(user).get("/konto/"))
        for cover in covers:
            may = may_set_cover(Actor.of(user), cover.absent)
            assert (f"/konto/vertretungen/{cover.pk}/ende/" in page) == may, (user, cover)


def test_a_view_of_what_is_empty_today_can_be_saved() -> None:
    client = logged_in(make.user(make.team()))
    page = text_of(client.get("/?due=%40heute"))
    assert "Kein Vorgang passt" in page and "Als Ansicht speichern" in page
    given = {"name": "Überfällig", "owner": "", "liste": re.search(r'name="liste" value="([^"]+)"', page)[1]}
    client.post("/ansichten/", given)
    assert SavedView.objects.get().query == "due=%40heute"
    assert "Als Ansicht speichern" not in text_of(logged_in(make.user()).get("/")), "without a team there is no list"
