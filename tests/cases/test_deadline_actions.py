"""The Fristen of a Vorgang: they come with it, are met, extended and moved, stop and end, each step on record."""

from __future__ import annotations

import re
import shutil
from datetime import date, datetime, timedelta

import pytest
from django.core.checks import run_checks
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.acting import SYSTEM, Actor
from audit.registries import integrity, timeline_of
from cases import actions, authority, deadline_presenting, selectors
from cases.actions.base import NotPossible
from cases.deadline_presenting import DeadlineRow, Level, standing
from cases.deadlines import Period
from cases.models import Case, Deadline, DeadlineKind, LocalHoliday, OrgUnit, Role, User
from cases.packages import SHIPPED
from cases.templatetags import fristen
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db
ARRIVED = date(2026, 11, 24)  # make.ARRIVAL


@pytest.fixture
def unit() -> OrgUnit:
    return make.team("verkehr")


@pytest.fixture
def by(unit: OrgUnit) -> Actor:
    return Actor.of(make.user(unit))


@pytest.fixture
def case(unit: OrgUnit) -> Case:
    """An application of today."""
    return make.case(unit, service=make.service("bewohnerparkausweis"), received_at=timezone.now())


@pytest.fixture
def admin() -> User:
    return make.user(make.team("verwaltung"), Role.ADMIN, is_admin=True)


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def ends_of(case: Case) -> dict[str, date | None]:
    return dict(case.deadlines.filter(state="open").values_list("kind", "due_on"))


def problems() -> list[str]:
    checks = dict(integrity)
    return [problem.message for name in ("fristen", "naechste-frist") for problem in checks[name]()]


def today() -> date:
    return timezone.localdate()


@pytest.mark.parametrize(
    ("slug", "ends"),
    [
        ("bewohnerparkausweis", {"bearbeitungsziel": date(2026, 12, 4), "vwgo_75": date(2027, 2, 24)}),
        ("wohngeld", {"bearbeitungsziel": date(2027, 1, 5), "vwgo_75": date(2027, 2, 24)}),
        ("gerichtspost", {}),  # nobody applies for it
    ],
)
def test_a_new_vorgang_has_the_fristen_of_its_leistung(slug: str, ends: dict) -> None:
    case = make.case(service=make.service(slug))
    assert ends_of(case) == ends
    assert again(case).next_due == min(ends.values(), default=None)
    assert case.history.latest().next_due == again(case).next_due
    assert {row.history_action for row in Deadline.history.all()} <= {"open_case"}
    assert Deadline.history.count() == len(ends)
    assert problems() == []


@pytest.mark.parametrize(
    ("regime", "inaction", "kinds"),
    [
        ("sgb", "", {"sgg_88"}),
        ("sgb", "vwgo_75", {"vwgo_75"}),
        ("vwvfg", "", {"vwgo_75"}),
        ("vwvfg", "none", set()),
        ("ao", "", set()),
    ],
)
def test_a_leistung_says_what_follows_when_nobody_decides(tmp_path, regime: str, inaction: str, kinds: set) -> None:
    package = shutil.copytree(SHIPPED / "wohngeld", tmp_path / "wohngeld")
    declared = (package / "leistung.toml").read_text()
    line = f'inaction = "{inaction}"' if inaction else ""
    declared = re.sub(r"(?m)^inaction = .*$", line, declared).replace('regime = "sgb"', f'regime = "{regime}"')
    (package / "leistung.toml").write_text(declared)
    version, _ = actions.load_package(directory=package, by=SYSTEM)
    case = make.case(service=version.service)
    assert set(ends_of(case)) == {"bearbeitungsziel"} | kinds


def test_the_arrival_counts_by_the_day_in_germany() -> None:
    late = datetime.fromisoformat("2026-11-23T23:30:00+00:00")  # half past midnight in Germany
    case = make.case(service=make.service("bewohnerparkausweis"), received_at=late)
    assert case.deadlines.get(kind="bearbeitungsziel").starts_on == ARRIVED


@pytest.mark.parametrize("year", [1900, 2500])
def test_what_is_dated_out_of_reach_is_opened_all_the_same(year: int) -> None:
    case = make.case(service=make.service("wohngeld"), received_at=make.ARRIVAL.replace(year=year))
    assert (ends_of(case), again(case).next_due, problems()) == ({}, None, [])


def test_opening_stays_cheap() -> None:
    court, permit = make.service("gerichtspost"), make.service("bewohnerparkausweis")
    make.case(service=court)
    make.case(service=permit)  # what the Leistungen say is read once per process
    counts = []
    for service in (court, permit):
        with CaptureQueriesContext(connection) as captured:
            make.case(service=service)
        counts.append(len(captured))
    assert counts[1] - counts[0] == 2  # the rows and their history, however many


def test_what_a_duty_says_is_warned_of_unshifted(case: Case) -> None:
    duty = case.deadlines.get(kind=DeadlineKind.VWGO)
    assert duty.last_posting_on == duty.due_on - timedelta(4)
    assert duty.warn_on == duty.due_on - timedelta(21)
    assert duty.traits.legal and not duty.traits.pausable and not duty.traits.shifts
    assert "§ 75 VwGO" in duty.reasons[0] and "nicht auf einen Werktag verschoben" in duty.reasons[1]
    assert case.deadlines.get(kind=DeadlineKind.PROCESSING).last_posting_on is None


def test_a_computed_frist_and_one_by_hand(case: Case, by: Actor) -> None:
    computed = actions.open_deadline(
        case=case, kind=DeadlineKind.OTHER, starts_on=date(2026, 5, 21), period=Period.days(14), by=by, why=["Weil."]
    )
    assert computed.due_on == date(2026, 6, 5)  # NW: Fronleichnam
    assert computed.reasons[0] == "Weil." and "Fronleichnam" in computed.reasons[-1]
    assert again(case).next_due == date(2026, 6, 5)
    with pytest.raises(NotPossible, match="Grund"):
        actions.open_deadline(
            case=case, kind=DeadlineKind.COURT, starts_on=today(), due_on=date(2027, 5, 1), by=by, reason=" "
        )
    court = actions.open_deadline(
        case=case, kind=DeadlineKind.COURT, starts_on=today(), due_on=date(2027, 5, 1), by=by, reason="Verfügung"
    )
    assert court.due_on == date(2027, 5, 3)  # a holiday on a Saturday
    assert court.is_manual and "Von Hand gesetzt auf 01.05.2027: Verfügung" in court.reasons
    with pytest.raises(NotPossible, match="entweder"):
        actions.open_deadline(case=case, kind=DeadlineKind.OTHER, starts_on=today(), by=by)
    hearing = actions.open_deadline(
        case=case, kind=DeadlineKind.HEARING, starts_on=date(2026, 12, 1), period=Period(2, "weeks"), by=by
    )
    assert hearing.due_on == date(2026, 12, 21)  # 1 + 4 + 14 is a Saturday
    with pytest.raises(NotPossible, match="in Tagen oder Wochen"):
        actions.open_deadline(case=case, kind=DeadlineKind.REQUEST, starts_on=today(), period=Period.months(1), by=by)
    with pytest.raises(NotPossible, match="läuft schon"):
        actions.open_deadline(case=case, kind=DeadlineKind.VWGO, starts_on=today(), period=Period.months(3), by=by)
    assert problems() == []


def test_who_may(case: Case, by: Actor) -> None:
    stranger = Actor.of(make.user(make.team("fremd")))
    target = case.deadlines.get(kind=DeadlineKind.PROCESSING)
    for wrong in (stranger, SYSTEM):
        with pytest.raises(PermissionDenied):
            actions.extend_deadline(deadline=target, due_on=today() + timedelta(90), by=wrong, reason="x")
        with pytest.raises(PermissionDenied):
            actions.cancel_deadline(deadline=target, by=wrong, reason="x")
    with pytest.raises(PermissionDenied):
        actions.start_pause(case=case, cause="x", starts_on=today(), by=stranger)
    assert actions.settle_deadline(deadline=target, by=SYSTEM).state == "met"


def test_met_missed_cancelled_and_only_once(case: Case, by: Actor) -> None:
    target, duty = case.deadlines.get(kind=DeadlineKind.PROCESSING), case.deadlines.get(kind=DeadlineKind.VWGO)
    actions.settle_deadline(deadline=target, by=by)
    assert again(case).next_due == duty.due_on
    with pytest.raises(NotPossible, match="schon eingehalten"):
        actions.settle_deadline(deadline=target, by=by, met=False)
    with pytest.raises(NotPossible, match="Grund"):
        actions.cancel_deadline(deadline=duty, by=by, reason="")
    actions.cancel_deadline(deadline=duty, by=by, reason="Antrag geändert")
    assert again(case).next_due is None
    states = dict(case.deadlines.values_list("kind", "state"))
    assert states == {"bearbeitungsziel": "met", "vwgo_75": "cancelled"}
    assert [entry.text for entry in timeline_of(case)][:2] == [
        f"Frist entfallen: Untätigkeitsklage möglich (§ 75 VwGO) bis {duty.due_on:%d.%m.%Y}",
        f"Frist eingehalten: Bearbeitungsziel bis {target.due_on:%d.%m.%Y}",
    ]


def test_a_frist_is_extended_by_a_person_also_after_it_ended(case: Case, by: Actor) -> None:
    hearing = actions.open_deadline(
        case=case, kind=DeadlineKind.HEARING, starts_on=date(2026, 5, 1), period=Period.days(14), by=by
    )
    actions.settle_deadline(deadline=hearing, by=by, met=False)
    longer = actions.extend_deadline(deadline=hearing, due_on=date(2027, 5, 1), by=by, reason="Krankheit")
    assert (longer.state, longer.due_on, longer.settled_on) == ("open", date(2027, 5, 3), None)
    assert longer.warn_on == date(2027, 4, 30)
    assert any("Verlängert bis 03.05.2027" in reason and "Krankheit" in reason for reason in longer.reasons)
    with pytest.raises(NotPossible, match="nach dem 03.05.2027"):
        actions.extend_deadline(deadline=hearing, due_on=date(2027, 5, 3), by=by, reason="x")
    with pytest.raises(NotPossible, match="liegt außerhalb"):
        actions.extend_deadline(deadline=hearing, due_on=date(2150, 1, 1), by=by, reason="x")
    duty = case.deadlines.get(kind=DeadlineKind.VWGO)
    with pytest.raises(NotPossible, match="steht im Gesetz"):
        actions.extend_deadline(deadline=duty, due_on=duty.due_on + timedelta(1), by=by, reason="x")
    assert problems() == []


def test_pauses_stop_the_service_clock_and_nothing_else(case: Case, by: Actor) -> None:
    start = today()
    before = ends_of(case)
    first = actions.start_pause(
        case=case, cause="Nachforderung 1", starts_on=start + timedelta(2), ends_on=start + timedelta(20), by=by
    )
    actions.start_pause(
        case=case, cause="Nachforderung 2", starts_on=start + timedelta(5), ends_on=start + timedelta(9), by=by
    )
    assert ends_of(case) == before | {"bearbeitungsziel": start + timedelta(28)}
    actions.end_pause(pause=first, ends_on=start + timedelta(6), by=by)
    assert ends_of(case) == before | {"bearbeitungsziel": start + timedelta(17)}  # 2 to 9 count once
    assert again(case).next_due == start + timedelta(17)
    assert problems() == []


def test_while_nobody_knows_the_end_the_clock_stands(case: Case, by: Actor) -> None:
    duty_ends = ends_of(case)["vwgo_75"]
    pause = actions.start_pause(case=case, cause="Gutachten", starts_on=today(), by=by)
    assert ends_of(case)["bearbeitungsziel"] is None
    assert again(case).next_due == duty_ends
    row = deadline_presenting.panel_of(case, [pause]).open[-1]
    assert (row.standing.words, row.standing.level) == ("angehalten", Level.STOPPED)
    actions.end_pause(pause=pause, ends_on=today() + timedelta(3), by=by)
    assert ends_of(case)["bearbeitungsziel"] == today() + timedelta(13)
    with pytest.raises(NotPossible, match="bevor sie beginnt"):
        actions.end_pause(pause=pause, ends_on=today() - timedelta(1), by=by)


def test_what_a_person_has_extended_stays_with_pauses(case: Case, by: Actor) -> None:
    target = case.deadlines.get(kind=DeadlineKind.PROCESSING)
    later = today() + timedelta(60)
    actions.extend_deadline(deadline=target, due_on=later, by=by, reason="Gutachten nötig")
    actions.start_pause(case=case, cause="x", starts_on=today(), ends_on=today() + timedelta(5), by=by)
    assert ends_of(case)["bearbeitungsziel"] == later


def test_closing_ends_them_and_reopening_begins_a_new_target(case: Case, by: Actor) -> None:
    actions.open_deadline(case=case, kind=DeadlineKind.HEARING, starts_on=today(), period=Period.days(14), by=by)
    actions.start_pause(case=case, cause="x", starts_on=today(), by=by)
    actions.close(case=case, outcome=Case.Outcome.DONE, reason="erledigt", by=by)
    assert dict(case.deadlines.values_list("kind", "state")) == {
        "bearbeitungsziel": "met",
        "vwgo_75": "met",
        "anhoerung": "cancelled",
    }
    assert again(case).next_due is None
    with pytest.raises(NotPossible, match="wieder aufnehmen"):
        actions.open_deadline(case=case, kind=DeadlineKind.OTHER, starts_on=today(), period=Period.days(1), by=by)
    actions.reopen(case=case, reason="doch", by=by)
    assert ends_of(case) == {"bearbeitungsziel": today() + timedelta(10)}
    assert again(case).next_due == today() + timedelta(10)
    assert problems() == []


def test_what_was_late_when_it_closed_is_missed(unit: OrgUnit, by: Actor) -> None:
    long_ago = timezone.now() - timedelta(days=200)
    case = make.case(unit, service=make.service("bewohnerparkausweis"), received_at=long_ago)
    actions.close(case=case, outcome=Case.Outcome.DONE, reason="erledigt", by=by)
    assert set(case.deadlines.values_list("state", flat=True)) == {"missed"}


def test_a_holiday_that_is_added_late_moves_computed_fristen(case: Case, by: Actor, admin: User) -> None:
    start = date(2027, 1, 4)
    period = Period.days(14)
    ending = actions.open_deadline(case=case, kind=DeadlineKind.OTHER, starts_on=start, period=period, by=by)
    manual = actions.open_deadline(
        case=case, kind=DeadlineKind.COURT, starts_on=start, due_on=date(2027, 1, 18), by=by, reason="Verfügung"
    )
    on = ending.due_on
    assert on == date(2027, 1, 18)  # a Monday
    with pytest.raises(PermissionDenied):
        actions.add_local_holiday(on=on, name="Stadtfest", by=by)
    actions.add_local_holiday(on=on, name="Stadtfest", by=Actor.of(admin))
    moved = Deadline.objects.get(pk=ending.pk)
    assert moved.due_on == date(2027, 1, 19)
    assert "Stadtfest" in moved.reasons[-2]
    assert moved.reasons[-1] == "Feiertag Stadtfest am 18.01.2027 nachgetragen."
    assert Deadline.objects.get(pk=manual.pk).due_on == on
    row = moved.history.latest()
    assert (row.history_action, row.history_user_id) == ("add_local_holiday", admin.username)
    assert row.history_reason == "Feiertag Stadtfest am 18.01.2027 nachgetragen."
    assert any(entry.text == "Frist verschoben: sonstige Frist bis 19.01.2027" for entry in timeline_of(case))
    assert not authority.calendar().is_working_day(on)
    with pytest.raises(NotPossible, match="schon ein Feiertag"):
        actions.add_local_holiday(on=on, name="Stadtfest", by=Actor.of(admin))
    assert problems() == []


def test_the_next_frist_follows_a_moved_one(by: Actor, unit: OrgUnit, admin: User) -> None:
    case = make.case(unit)
    actions.open_deadline(case=case, kind=DeadlineKind.OTHER, starts_on=date(2027, 1, 4), period=Period.days(14), by=by)
    actions.add_local_holiday(on=date(2027, 1, 18), name="Stadtfest", by=Actor.of(admin))
    assert again(case).next_due == date(2027, 1, 19)
    assert case.history.latest().next_due == date(2027, 1, 19)


def test_the_fachadministration_enters_holidays_in_the_verwaltung(admin: User) -> None:
    client = logged_in(admin)
    answer = client.post("/verwaltung/cases/localholiday/add/", {"on": "18.01.2027", "name": "Stadtfest"})
    assert answer.status_code == 302
    assert LocalHoliday.objects.get().history.get().history_action == "add_local_holiday"
    again = client.post("/verwaltung/cases/localholiday/add/", {"on": "18.01.2027", "name": "Stadtfest"})
    assert "schon ein Feiertag (Stadtfest)" in again.content.decode()
    other = make.user(make.team("verwaltung"), Role.LEAD, is_admin=True)
    assert logged_in(other).get("/verwaltung/cases/localholiday/add/").status_code == 403


def test_the_integrity_check_finds_what_the_law_does_not_give(case: Case) -> None:
    Deadline.objects.filter(kind=DeadlineKind.PROCESSING).update(due_on=today() + timedelta(99))
    assert [message.split(";")[0] for message in problems()] == [
        f"Die Frist „Bearbeitungsziel“ steht auf {today() + timedelta(99):%d.%m.%Y}, "
        f"gerechnet ist sie {today() + timedelta(10):%d.%m.%Y}",
        "Die nächste Frist des Vorgangs stimmt nicht",
    ]
    Case.objects.update(next_due=None)
    assert len(problems()) == 2


def test_the_database_keeps_them_in_order(case: Case) -> None:
    duty = Deadline.objects.filter(kind=DeadlineKind.VWGO)
    for wrong in ({"due_on": None}, {"state": "met"}, {"settled_on": today()}, {"length": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            duty.update(**wrong)


@pytest.mark.parametrize(
    ("left", "words", "level"),
    [
        (5, "noch 5 Tage", Level.OK),
        (3, "noch 3 Tage", Level.WARN),
        (1, "noch 1 Tag", Level.WARN),
        (0, "heute", Level.WARN),
        (-1, "überfällig seit 1 Tag", Level.OVERDUE),
        (-4, "überfällig seit 4 Tagen", Level.OVERDUE),
    ],
)
def test_where_a_frist_stands_is_said_in_words(left: int, words: str, level: Level) -> None:
    due = ARRIVED + timedelta(left)
    found = standing(due, due - timedelta(3), ARRIVED)
    assert (found.words, found.level) == (words, level)


def test_colour_never_stands_alone() -> None:
    due = today() + timedelta(2)
    for on, kind, words in ((due, "success", "noch 2 Tage"), (today() - timedelta(4), "danger", "seit 4 Tagen")):
        shown = fristen.standing_badge(standing(on))
        assert f"kern-badge--{kind}" in shown and words in shown and "kern-icon" in shown
    row = DeadlineRow(Deadline(), standing(due, today()), passed=8, total=10)
    assert 'class="lm-bar lm-bar--warn" value="8" max="10" aria-hidden="true"' in fristen.deadline_bar(row)
    assert "noch 2 Tage" in fristen.deadline_bar(row)


def test_the_page_of_a_vorgang_shows_them_with_reasons(case: Case, by: Actor) -> None:
    actions.start_pause(case=case, cause="Nachforderung", starts_on=today(), ends_on=today() + timedelta(9), by=by)
    hearing = actions.open_deadline(
        case=case, kind=DeadlineKind.HEARING, starts_on=date(2026, 5, 1), period=Period.days(9), by=by
    )
    actions.settle_deadline(deadline=hearing, by=by)
    page = text_of(logged_in(by.user).get(f"/vorgaenge/{case.public_id}/"))
    ending = today() + timedelta(9)
    for part in (
        "Bearbeitungsziel",
        f"angehalten bis {ending:%d.%m.%Y}",
        "Untätigkeitsklage möglich (§ 75 VwGO)",
        "letzter sicherer Versand",
        "Es bindet die Behörde selbst.",
        "Begründung",
        "Erledigte Fristen (1)",
        f"eingehalten am {today():%d.%m.%Y}",
        "<progress",
    ):
        assert part in page, part
    assert [row.kind for row in selectors.deadlines_of(case)][:1] == ["anhoerung"]


@pytest.mark.parametrize(
    ("land", "local", "sentence"),
    [
        ("XX", "", "AUTHORITY_LAND: Das Land „XX“ gibt es nicht"),
        ("NW", "Augsburg", "AUTHORITY_HOLIDAYS: Eigene Feiertage von „Augsburg“ sind für NW nicht bekannt"),
        ("BY", "Stadtfest", "AUTHORITY_HOLIDAYS: „Stadtfest“ ist hier nicht bekannt"),
        ("BY", "31.02.2027=Stadtfest", "AUTHORITY_HOLIDAYS: Den Tag „31.02.2027“ gibt es nicht"),
    ],
)
def test_wrong_settings_are_told_at_the_start(settings, land: str, local: str, sentence: str) -> None:
    settings.AUTHORITY_LAND, settings.AUTHORITY_HOLIDAYS = land, local
    assert any(sentence in str(error) for error in run_checks())


def test_right_settings_give_the_calendar(settings) -> None:
    settings.AUTHORITY_LAND, settings.AUTHORITY_HOLIDAYS = "BY", "Augsburg; 2027-05-14=Stadtfest"
    assert not [error for error in run_checks() if error.id in ("cases.E002", "cases.E003")]
    assert authority.calendar().holiday(date(2027, 8, 8)) and authority.calendar().holiday(date(2027, 5, 14))
