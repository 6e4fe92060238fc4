"""The list of the exception queue: one group per cause, filters, many at once; and who works on what."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from audit.acting import Actor
from cases.models import Case, OrgUnit, User
from intake.models import Submission
from routing import queue
from routing.actions import clearing, handling
from routing.models import EntryPresence, ExceptionEntry
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db
LIST, BULK = "/klaerung/", "/klaerung/sammeln/"


@pytest.fixture
def post() -> OrgUnit:
    return make.team("poststelle", is_clearing=True)


@pytest.fixture
def chief(post: OrgUnit) -> User:
    return make.lead(post, username="petra", first_name="Petra", last_name="Post")


@pytest.fixture
def client(chief: User) -> Client:
    return logged_in(chief)


def again(entry: ExceptionEntry) -> ExceptionEntry:
    return ExceptionEntry.objects.select_related("submission", "case").get(pk=entry.pk)


def aged(entry: ExceptionEntry, days: int) -> ExceptionEntry:
    ExceptionEntry.objects.filter(pk=entry.pk).update(created_at=timezone.now() - timedelta(days=days))
    return again(entry)


def tokens(page: str) -> list[str]:
    return re.findall(r'name="group" value="([0-9a-f]{32})"', page)


def bulk(client: Client, way: str, *entries: ExceptionEntry, groups: list[str] = (), **fields: str) -> str:
    data = {f"{way}-{name}": value for name, value in fields.items()}
    data |= {"weg": way, "entry": [entry.pk for entry in entries], "group": list(groups)}
    answer = client.post(BULK, data, follow=True)
    assert answer.redirect_chain, text_of(answer)
    return text_of(answer)


# --- one group per cause ---


def test_the_same_cause_is_one_group_with_its_number_and_ages(post: OrgUnit, client: Client) -> None:
    for number, days in enumerate((0, 0, 2, 9)):
        aged(make.entry(subject=f"Grundsteuer {number}"), days)
    make.entry(court="D1234", subject="Vom anderen Gericht")
    make.entry(files={"attachments/xjustiz_nachricht.xml": b"<kaputt"})
    page = text_of(client.get(LIST))
    assert "6 Klärfälle offen, 3 Ursachen" in page
    assert page.count('scope="rowgroup"') == 3, "no rule for one court, for another, and a broken XML"
    assert "2 heute, 1 seit 1 bis 3 Tagen, 1 länger als 3 Tage, der älteste seit 9 Tagen" in page
    assert page.rindex("XML beschädigt") > page.index("Grundsteuer 3"), "what waits longest stands first"


def test_an_unknown_service_is_a_cause_of_its_own(post: OrgUnit, client: Client) -> None:
    for reason, service in (("service_unknown", "hundesteuer"), ("service_unknown", "jagdschein")):
        entry = make.entry()
        facts = entry.submission.facts | {"service": service}
        Submission.objects.filter(pk=entry.submission_id).update(facts=facts)
        ExceptionEntry.objects.filter(pk=entry.pk).update(reason=reason)
    page = text_of(client.get(LIST))
    assert "Unbekannte Leistung: hundesteuer" in page and "Unbekannte Leistung: jagdschein" in page


def test_a_large_group_shows_its_first_and_all_on_demand(post: OrgUnit, client: Client) -> None:
    for number in range(queue.SHOWN + 3):
        make.entry(subject=f"Grundsteuer Nr. {number}.")
    page = text_of(client.get(LIST))
    assert "Grundsteuer Nr. 4." in page and "Grundsteuer Nr. 5." not in page
    (token,) = tokens(page)
    assert "alle 8 anzeigen" in page and f"group={token}" in page
    whole = text_of(client.get(f"{LIST}?group={token}"))
    assert "Grundsteuer Nr. 7." in whole and "Alle Ursachen anzeigen" in whole


def test_the_number_of_queries_does_not_grow(
    post: OrgUnit, client: Client, django_assert_max_num_queries, django_assert_num_queries
) -> None:
    law = make.team("rechtsamt")
    make.user(law)

    def fill(count: int) -> None:
        for number in range(count):
            entry = make.entry(court=f"D{number:04}")
            handling.ask(entry=entry, unit=post, text="Ihres?", by=Actor.of(make.lead(post)))

    fill(2)
    client.get(LIST)
    with django_assert_max_num_queries(12) as few:
        client.get(LIST)
    fill(12)
    with django_assert_num_queries(len(few)):
        page = text_of(client.get(LIST))
    assert page.count('class="lm-question"') == 14


# --- filters ---


def test_filters_narrow_by_cause_age_team_and_hands(post: OrgUnit, chief: User, client: Client) -> None:
    law = make.team("rechtsamt")
    make.actions.set_membership(user=chief, role="teamleitung", unit=law, by=make.SYSTEM)
    mine = make.entry(subject="Meins")
    handling.claim(entry=mine, by=Actor.of(chief))
    old = aged(make.entry(subject="Altes"), 5)
    ExceptionEntry.objects.filter(pk=make.entry(subject="Woanders").pk).update(unit=law)
    make.entry(files={"attachments/xjustiz_nachricht.xml": b"<kaputt"})

    def seen(query: str) -> set[str]:
        page = text_of(client.get(LIST + query))
        return {word for word in ("Meins", "Altes", "Woanders", "ohne Betreff") if f">{word}<" in page}

    assert seen("") == {"Meins", "Altes", "Woanders", "ohne Betreff"}
    assert seen("?cause=xml_not_wellformed") == {"ohne Betreff"}
    assert seen("?age=aelter") == {"Altes"} and old.pk
    assert seen("?age=heute&cause=no_rule") == {"Meins", "Woanders"}
    assert seen(f"?team={law.pk}") == {"Woanders"}
    assert seen("?handler=ich") == {"Meins"}
    assert seen("?handler=niemand") == {"Altes", "Woanders", "ohne Betreff"}
    assert seen("?cause=quatsch&team=x&group=--&seite=9&state=x") == {"Meins", "Altes", "Woanders", "ohne Betreff"}
    assert "Kein Klärfall passt" in text_of(client.get(f"{LIST}?age=tage"))


def test_parked_ones_leave_the_list_are_counted_and_reachable(post: OrgUnit, chief: User, client: Client) -> None:
    entry = make.entry(subject="Später")
    answer = client.post(f"{LIST}{entry.pk}/parken/", {"period": "14"}, follow=True)
    day = timezone.localdate() + timedelta(days=14)
    page = text_of(answer)
    assert f"bis {day:%d.%m.%Y} zurückgestellt" in page
    assert "Keine Klärfälle – alles erledigt" in page and "zurückgestellt (1)" in page
    assert "/klaerung/geloest/" in page
    parked = text_of(client.get(f"{LIST}?state=parked"))
    assert "Später" in parked and f"zurückgestellt bis {day:%d.%m.%Y}" in parked
    shown = text_of(client.get(f"{LIST}{entry.pk}/"))
    assert f"Zurückgestellt bis {day:%d.%m.%Y}" in shown
    client.post(f"{LIST}{entry.pk}/wieder-aufnehmen/")
    assert "Später" in text_of(client.get(LIST))


def test_escalated_ones_stand_first_in_words(post: OrgUnit, client: Client) -> None:
    aged(make.entry(court="D1111", subject="Nur alt"), 30)
    late = make.entry(court="D2222", subject="Zu lange")
    handling.escalate(entry=late)
    page = text_of(client.get(LIST))
    assert page.index("Zu lange") < page.index("Nur alt")
    assert "eskaliert: wartet zu lange" in page
    assert "Nur alt" not in text_of(client.get(f"{LIST}?state=escalated"))
    assert "Auch die Leitung der zentralen Klärung sieht ihn" in text_of(client.get(f"{LIST}{late.pk}/"))


# --- many at once ---


def test_forty_of_one_cause_in_one_step(post: OrgUnit, chief: User, client: Client) -> None:
    for _ in range(40):
        make.entry()
    law = make.team("rechtsamt")
    service = make.service(unit=law)
    (token,) = tokens(text_of(client.get(LIST)))
    page = bulk(client, "neuer-vorgang", groups=[token], service=str(service.pk), reason="Neues Verfahren")
    assert "Neuen Vorgang eröffnen: 40 von 40 Klärfällen erledigt." in page
    assert "Keine Klärfälle – alles erledigt" in page
    assert Case.objects.filter(unit=law, service=service).count() == 40
    rows = ExceptionEntry.history.filter(history_action="resolve_new_case", history_user_id="petra")
    assert set(rows.values_list("history_reason", flat=True)) == {"Neues Verfahren"} and rows.count() == 40


def test_what_does_not_go_is_named_with_its_reason_and_holds_up_nobody(post: OrgUnit, client: Client) -> None:
    tom = Actor.of(make.lead(post, first_name="Tom", last_name="Post"))
    free, claimed, portal = make.entry(), make.entry(), make.entry(channel="portal")
    handling.claim(entry=claimed, by=tom)
    page = bulk(client, "zurueckweisen", free, claimed, portal, reason="Werbung", sender_text="Bitte nicht mehr.")
    assert "Zurückweisen: 1 von 3 Klärfällen erledigt." in page
    for entry, why in ((claimed, "Tom Post bearbeitet diesen Klärfall seit"), (portal, "aus dem Portal wird nicht")):
        number = entry.submission.number.public_id
        assert re.search(rf'href="/klaerung/{entry.pk}/">{number}</a>: [^<]*{why}', page), why
    assert [again(entry).resolution for entry in (free, claimed, portal)] == ["rejected", "", ""]
    assert again(free).sender_text == "Bitte nicht mehr."


def test_what_was_solved_meanwhile_is_told(post: OrgUnit, client: Client) -> None:
    one, other = make.entry(), make.entry()
    clearing.reject(entry=other, reason="Werbung", by=Actor.of(make.lead(post)))
    page = bulk(client, "annehmen", one, other)
    assert "Annehmen: 1 von 1 Klärfall erledigt." in page and "1 ausgewählter ist nicht mehr in der Liste" in page


def test_one_that_breaks_leaves_the_others_done(post: OrgUnit, client: Client, monkeypatch) -> None:
    one, two, three = make.entry(), make.entry(), make.entry()
    working = clearing.filing.open_for

    def broken(submission: Submission, *args, **kwargs) -> Case:
        if submission == two.submission:
            raise OSError("no space left on device")
        return working(submission, *args, **kwargs)

    monkeypatch.setattr(clearing.filing, "open_for", broken)
    service = make.service(unit=make.team("rechtsamt"))
    page = bulk(client, "neuer-vorgang", one, two, three, service=str(service.pk))
    assert "2 von 3 Klärfällen erledigt" in page and "nichts wurde geändert. Bitte den Betrieb" in page
    assert [again(entry).resolution for entry in (one, two, three)] == ["new_case", "", "new_case"]


def test_the_other_ways_for_many(post: OrgUnit, chief: User, client: Client) -> None:
    law = make.team("rechtsamt")
    make.lead(law)
    case = make.case(law)
    pairs = {way: [make.entry(), make.entry()] for way in ("zuordnen", "weitergeben", "parken", "annehmen")}
    day = timezone.localdate() + timedelta(days=30)
    bulk(client, "zuordnen", *pairs["zuordnen"], case=case.public_id)
    bulk(client, "weitergeben", *pairs["weitergeben"], unit=str(law.pk), reason="Rechtsamt")
    bulk(client, "parken", *pairs["parken"], period="1", until=day.isoformat())
    bulk(client, "annehmen", *pairs["annehmen"])
    assert {again(entry).case for entry in pairs["zuordnen"]} == {case}
    assert {again(entry).unit for entry in pairs["weitergeben"]} == {law}
    assert {again(entry).parked_until for entry in pairs["parken"]} == {day}
    assert {again(entry).claimed_by for entry in pairs["annehmen"]} == {chief}


def test_findings_of_many_are_accepted_and_the_pipeline_goes_on(post: OrgUnit, client: Client) -> None:
    broken = [make.entry(files=make.container(subject="Gewerbe", files=("Klage.pdf", "fehlt.pdf"))) for _ in range(2)]
    make.rule("Gewerbe", unit=make.team("rechtsamt"))
    page = bulk(client, "fortsetzen", *broken)
    assert "0 von 2" in page and "Lässt sich auch so nicht zuordnen" in page
    assert "2 von 2" in bulk(client, "fortsetzen", *broken, accept="on", reason="kommt nach")
    assert {again(entry).submission.state for entry in broken} == {Submission.State.FILED}


def test_after_a_new_rule_many_are_distributed_again(post: OrgUnit, client: Client) -> None:
    entries = [make.entry(subject="Gewerbe") for _ in range(2)]
    make.rule("Gewerbe", unit=make.team("rechtsamt"))
    assert "2 von 2" in bulk(client, "fortsetzen", *entries)


def test_a_group_means_what_is_shown_with_the_filters(post: OrgUnit, client: Client) -> None:
    fresh, old = make.entry(), aged(make.entry(), 5)
    (token,) = tokens(text_of(client.get(LIST)))
    data = {"weg": "annehmen", "group": token, "liste": "age=aelter"}
    answer = client.post(BULK, data)
    assert answer.url == f"{LIST}?age=aelter"
    assert (again(fresh).claimed_by, again(old).claimed_by is None) == (None, False)


@pytest.mark.parametrize(
    ("way", "fields", "sentence"),
    [
        ("zurueckweisen", {"reason": " "}, "#zurueckweisen-zurueckweisen-reason"),
        ("neuer-vorgang", {"service": ""}, "#neuer-vorgang-neuer-vorgang-service"),
        ("zuordnen", {"case": "quatsch"}, "Bitte Vorgangs-ID oder Aktenzeichen vollständig angeben"),
        ("weitergeben", {"unit": ""}, "#weitergeben-weitergeben-unit"),
        ("parken", {"period": ""}, "Bitte einen Tag oder eine Dauer wählen"),
    ],
)
def test_what_is_missing_is_said_and_the_choice_is_kept(
    post: OrgUnit, client: Client, way: str, fields: dict[str, str], sentence: str
) -> None:
    entry = make.entry()
    data = {f"{way}-{name}": value for name, value in fields.items()}
    answer = client.post(BULK, data | {"weg": way, "entry": entry.pk})
    page = text_of(answer)
    assert answer.status_code == 422 and sentence in page
    assert f'value="{entry.pk}" form="sammelaktion" checked' in page
    assert again(entry).resolved_at is None


def test_nothing_chosen_or_too_much_is_said(post: OrgUnit, client: Client, monkeypatch) -> None:
    answer = client.post(BULK, {"weg": "annehmen"})
    assert answer.status_code == 422 and "mindestens einen Klärfall ankreuzen" in text_of(answer)
    entries = [make.entry(), make.entry()]
    monkeypatch.setattr("routing.bulk.MOST", 1)
    answer = client.post(BULK, {"weg": "annehmen", "entry": [entry.pk for entry in entries]})
    assert "höchstens 1 Klärfälle" in text_of(answer)
    assert client.post(BULK, {"weg": "erfunden", "entry": entries[0].pk}).status_code == 404
    assert client.get(BULK).url == LIST


def test_nobody_bulks_what_they_do_not_see(post: OrgUnit) -> None:
    entry = make.entry()
    stranger = logged_in(make.lead(make.team("fremd")))
    answer = stranger.post(BULK, {"weg": "annehmen", "entry": [entry.pk, "x", "9" * 30]})
    assert answer.status_code == 422 and again(entry).claimed_by is None
    assert logged_in(make.user(post)).post(BULK, {"weg": "annehmen", "entry": entry.pk}).status_code == 403


# --- who works on it ---


def test_the_second_is_told_on_the_page_and_when_sending(post: OrgUnit, chief: User, client: Client) -> None:
    entry = make.entry()
    client.post(f"{LIST}{entry.pk}/annehmen/")
    assert "Sie bearbeiten diesen Klärfall" in text_of(client.get(f"{LIST}{entry.pk}/"))
    other = logged_in(make.lead(post, first_name="Tom", last_name="Post"))
    assert "Petra Post" in text_of(other.get(LIST))
    page = text_of(other.get(f"{LIST}{entry.pk}/"))
    assert "Petra Post bearbeitet diesen Klärfall seit" in page and f"{entry.pk}/uebernehmen/" in page
    refused = other.post(f"{LIST}{entry.pk}/zurueckweisen/", {"reason": "Werbung"})
    assert refused.status_code == 422 and "Bitte sprechen Sie sich ab" in text_of(refused)
    other.post(f"{LIST}{entry.pk}/uebernehmen/")
    assert again(entry).claimed_by.first_name == "Tom"
    assert other.post(f"{LIST}{entry.pk}/zurueckweisen/", {"reason": "Werbung"}).status_code == 302


def test_who_else_has_it_open_is_shown_and_asked_again(post: OrgUnit, client: Client) -> None:
    entry = make.entry()
    other = logged_in(make.lead(post, first_name="Tom", last_name="Post"))
    address = f"{LIST}{entry.pk}/geoeffnet/"
    assert f'data-poll="{address}"' in text_of(client.get(f"{LIST}{entry.pk}/"))
    assert "Petra Post hat diesen Klärfall geöffnet" in text_of(other.get(f"{LIST}{entry.pk}/"))
    assert "Tom Post hat diesen Klärfall geöffnet" in text_of(client.get(address))
    EntryPresence.objects.update(seen_at=timezone.now() - timedelta(minutes=11))
    assert "geöffnet" not in text_of(client.get(address))
    assert logged_in(make.lead(make.team("fremd"))).get(address).status_code == 404


def test_a_rejected_one_shows_what_is_kept_for_the_sender(post: OrgUnit, client: Client) -> None:
    entry = make.entry()
    page = text_of(client.get(f"{LIST}{entry.pk}/"))
    assert "Mitteilung an den Absender (wird mit dem Rückkanal versandt)" in page
    client.post(f"{LIST}{entry.pk}/zurueckweisen/", {"reason": "Werbung", "sender_text": "Bitte an das Finanzamt."})
    shown = text_of(client.get(f"{LIST}{entry.pk}/"))
    assert "Bitte an das Finanzamt." in shown and "Aufbewahrt, noch nicht versandt" in shown


def test_another_team_gets_it_from_its_page(post: OrgUnit, client: Client) -> None:
    law = make.team("rechtsamt")
    lead, entry = logged_in(make.lead(law)), make.entry(subject="Weitergereicht")
    assert "Weitergereicht" not in text_of(lead.get(LIST))
    answer = client.post(f"{LIST}{entry.pk}/weitergeben/", {"unit": law.pk, "reason": "Rechtsamt"}, follow=True)
    assert "Der Klärfall liegt jetzt bei Rechtsamt." in text_of(answer)
    assert client.get(f"{LIST}{entry.pk}/").status_code == 404
    assert "Weitergereicht" in text_of(lead.get(LIST))


def test_what_was_done_before_is_told_with_its_reasons(post: OrgUnit, client: Client) -> None:
    law, entry = make.team("rechtsamt"), make.entry()
    lead = logged_in(make.lead(law))
    client.post(f"{LIST}{entry.pk}/annehmen/")
    client.post(f"{LIST}{entry.pk}/parken/", {"period": "7", "reason": "Rückruf abwarten"})
    client.post(f"{LIST}{entry.pk}/weitergeben/", {"unit": law.pk, "reason": "Grundsteuer macht das Rechtsamt"})
    day = timezone.localdate() + timedelta(days=7)
    page = text_of(lead.get(f"{LIST}{entry.pk}/"))
    told = [
        "In die Klärung gestellt: Keine Regel passt<",
        "Angenommen<",
        f"Zurückgestellt bis {day:%d.%m.%Y}: Rückruf abwarten<",
        "An Rechtsamt gegeben: Grundsteuer macht das Rechtsamt<",
    ]
    places = [page.index(text) for text in told]
    assert places == sorted(places)
