"""The worked examples of the Fristen, through the engine and through the command, and what else the rules say."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from cases import deadlines
from cases.deadlines import (
    LAENDER,
    Basis,
    Calendar,
    DeadlineError,
    Duty,
    Event,
    Period,
    Question,
    Regime,
    Span,
    calendar_of,
    duty,
    expected_by,
    known,
    parse_day,
    remedy,
    request_due,
    rules,
    service_start,
)

# number, Land, regime, place, event, its day, period in days or months, known, ends
EXAMPLES = [
    (1, "NW", "vwvfg", "", "posted", "24.11.2026", "", "28.11.2026", "28.12.2026"),
    (2, "NW", "ao", "", "posted", "24.11.2026", "", "30.11.2026", "30.12.2026"),
    (3, "BY", "vwvfg", "", "posted", "02.12.2026", "", "06.12.2026", "07.01.2027"),
    (4, "NI", "vwvfg", "", "posted", "02.12.2026", "", "06.12.2026", "06.01.2027"),
    (5, "BE", "vwvfg", "", "posted", "27.11.2026", "", "01.12.2026", "04.01.2027"),
    (6, "BY", "vwvfg", "", "known", "21.05.2026", "14 days", "21.05.2026", "05.06.2026"),
    (6, "NI", "vwvfg", "", "known", "21.05.2026", "14 days", "21.05.2026", "04.06.2026"),
    (7, "SN", "vwvfg", "", "known", "04.11.2026", "14 days", "04.11.2026", "19.11.2026"),
    (7, "ST", "vwvfg", "", "known", "04.11.2026", "14 days", "04.11.2026", "18.11.2026"),
    (9, "NW", "vwvfg", "", "posted", "31.12.2024", "", "03.01.2025", "03.02.2025"),
    (10, "NW", "sgb", "", "posted", "24.11.2026", "1 months", "28.11.2026", "28.12.2026"),
    (11, "NW", "vwvfg", "", "provided", "24.11.2026", "1 months", "27.11.2026", "28.12.2026"),
    (12, "NW", "vwvfg", "", "known", "31.01.2027", "1 months", "31.01.2027", "01.03.2027"),
    (13, "BY", "vwvfg", "", "known", "01.08.2025", "14 days", "01.08.2025", "15.08.2025"),
    (13, "BY", "vwvfg", "catholic", "known", "01.08.2025", "14 days", "01.08.2025", "18.08.2025"),
]
NW = calendar_of("NW")


def days(*texts: str) -> tuple[date, ...]:
    return tuple(parse_day(text) for text in texts)


@pytest.mark.parametrize(("number", "land", "regime", "place", "event", "on", "period", "knows", "ends"), EXAMPLES)
def test_the_worked_examples(number, land, regime, place, event, on, period, knows, ends) -> None:
    length, _, unit = period.partition(" ")
    answer = deadlines.answer(
        Question(
            calendar=calendar_of(land, place),
            on=parse_day(on),
            event=None if event == "known" else Event(event),
            regime=Regime(regime),
            period=Period(int(length), unit) if period else None,
        )
    )
    assert (answer.known, answer.ends) == days(knows, ends), number
    assert all(reason.endswith((".", "!")) for reason in answer.reasons)


@pytest.mark.parametrize(("number", "land", "regime", "place", "event", "on", "period", "knows", "ends"), EXAMPLES)
def test_the_worked_examples_by_the_command(
    number, land, regime, place, event, on, period, knows, ends, capsys
) -> None:
    length, _, unit = period.partition(" ")
    given = ["--land", land, "--regime", regime, f"--{event}", on, *([f"--{unit}", length] if period else [])]
    call_command("frist", *given, *(["--local", place] if place else []), "--json")
    said = json.loads(capsys.readouterr().out)
    assert list(said) == ["known", "ends", "reasons"]
    assert (said["known"], said["ends"]) == tuple(day.isoformat() for day in days(knows, ends)), number
    assert said["reasons"]


def test_the_duties_of_the_authority_are_not_shifted() -> None:
    """Example 8."""
    found = duty(Duty.FICTION, date(2026, 11, 30))
    assert (found.warn_on, found.last_posting) == days("28.02.2027", "24.02.2027")
    assert found.warn_on.weekday() == 6
    assert "§ 42a" in found.reasons[0] and "Genehmigung" in found.reasons[0] and "Zustellung" in found.reasons[2]
    assert duty(Duty.VWGO, date(2026, 11, 24)).warn_on == date(2027, 2, 24)
    assert duty(Duty.SGG, date(2026, 8, 31)).warn_on == date(2027, 2, 28)
    assert duty(Duty.FICTION, date(2026, 11, 30), Period.months(1)).warn_on == date(2026, 12, 30)


@pytest.mark.parametrize(
    ("basis", "event", "regime", "on", "knows"),
    [
        (Basis.OZG_9, Event.PROVIDED, Regime.VWVFG, "24.11.2026", "27.11.2026"),
        (Basis.OZG_9, Event.PROVIDED, Regime.VWVFG, "25.11.2026", "28.11.2026"),  # a Saturday: not shifted
        (Basis.VWVFG_41_2A, Event.RETRIEVED, Regime.VWVFG, "27.11.2026", "28.11.2026"),
        (Basis.SGBX_37_2A, Event.NOTIFIED, Regime.SGB, "24.11.2026", "28.11.2026"),
        (Basis.AO_122A, Event.NOTIFIED, Regime.AO, "24.11.2026", "30.11.2026"),
    ],
)
def test_the_mailbox_has_rules_of_its_own(basis, event, regime, on, knows) -> None:
    found = known(event, parse_day(on), regime=regime, calendar=NW, basis=basis)
    assert found.on == parse_day(knows)
    assert any("§" in reason for reason in found.reasons)
    assert any("inwilligung" in reason for reason in found.reasons)


def test_a_notice_alone_makes_nothing_known_where_it_has_to_be_retrieved(capsys) -> None:
    found = known(Event.NOTIFIED, date(2026, 11, 24), regime=Regime.VWVFG, calendar=NW)
    assert found.on is None
    assert any("Freitag, 04.12.2026" in reason for reason in found.reasons)
    assert any("folgt ein Brief" in reason for reason in found.reasons)
    call_command("frist", "--land", "NW", "--notified", "2026-11-24", "--json")
    said = json.loads(capsys.readouterr().out)
    assert (said["known"], said["ends"]) == (None, None)


def test_later_arrival_beats_the_fiction_and_earlier_does_not() -> None:
    posted = date(2026, 11, 24)

    def with_arrival(on: date) -> deadlines.Known:
        return known(Event.POSTED, posted, regime=Regime.VWVFG, calendar=NW, arrived=on)

    assert with_arrival(date(2026, 12, 2)).on == date(2026, 12, 2)
    assert any("geht vor" in reason for reason in with_arrival(date(2026, 12, 2)).reasons)
    assert with_arrival(date(2026, 11, 25)).on == date(2026, 11, 28)
    with pytest.raises(DeadlineError, match="vor der Absendung"):
        with_arrival(date(2026, 11, 23))


def test_without_a_remedy_notice_it_is_a_year(capsys) -> None:
    with_notice = remedy(date(2026, 11, 28), regime=Regime.VWVFG, calendar=NW)
    without = remedy(date(2026, 11, 28), regime=Regime.VWVFG, calendar=NW, has_notice=False)
    assert (with_notice.on, without.on) == (date(2026, 12, 28), date(2027, 11, 29))  # 28.11.2027 is a Sunday
    assert "§ 58 Abs. 2 VwGO" in without.reasons[0]
    call_command("frist", "--land", "NW", "--posted", "24.11.2026", "--no-remedy-notice")
    said = capsys.readouterr().out
    assert "Fristende:       Montag, 29.11.2027" in said and "§ 58 Abs. 2 VwGO" in said


@pytest.mark.parametrize("regime", list(Regime))
def test_the_frist_of_a_nachforderung_is_a_fixed_working_day(regime: Regime) -> None:
    due = request_due(date(2026, 5, 18), 13, regime=regime, calendar=calendar_of("BY"))
    assert due.on == date(2026, 6, 5)  # 18.5. + 4 + 13 = Fronleichnam
    assert "Fronleichnam" in due.reasons[-1]
    assert request_due(date(2026, 5, 18), 13, regime=regime, calendar=calendar_of("NI")).on == date(2026, 6, 4)
    with pytest.raises(DeadlineError):
        request_due(date(2026, 5, 18), 0, regime=regime, calendar=NW)


def test_what_was_served_against_eeb_counts_from_its_date() -> None:
    arrived = date(2026, 11, 24)
    assert service_start(arrived=arrived, eeb_required=False).on == arrived
    assert service_start(arrived=arrived, eeb_required=True) is None
    assert service_start(arrived=arrived, eeb_required=True, eeb_on=date(2026, 11, 26)).on == date(2026, 11, 26)
    with pytest.raises(DeadlineError):
        service_start(arrived=arrived, eeb_required=True, eeb_on=date(2026, 11, 23))


def test_a_change_of_law_is_a_new_row() -> None:
    old = rules.find(Basis.DISPATCH, Regime.SGB, "NW", date(2024, 12, 31))
    new = rules.find(Basis.DISPATCH, Regime.SGB, "NW", date(2025, 1, 1))
    assert (old.days, new.days) == (3, 4)
    later = rules.Rule(
        Regime.VWVFG, Basis.DISPATCH, date(2028, 1, 1), Event.POSTED, 6, False, "künftiges Recht", True, ("NW",)
    )
    rows = (*rules.shipped(), later)

    def posted(land: str, on: date) -> date | None:
        return known(Event.POSTED, on, regime=Regime.VWVFG, calendar=calendar_of(land), rows=rows).on

    assert posted("NW", date(2027, 12, 31)) == date(2028, 1, 4)
    assert posted("NW", date(2028, 1, 1)) == date(2028, 1, 7)
    assert posted("BY", date(2028, 1, 1)) == date(2028, 1, 5)


def test_rows_that_nobody_has_confirmed_are_said_to_be_unchecked() -> None:
    for land in LAENDER:
        row = rules.find(Basis.DISPATCH, Regime.VWVFG, land, date(2026, 1, 1))
        assert (row.days, row.shifts, row.laender) == (4, False, (land,))
        said = known(Event.POSTED, date(2026, 1, 5), regime=Regime.VWVFG, calendar=calendar_of(land)).reasons
        assert row.confirmed != any(f"Ungeprüft: Für {LAENDER[land]}" in reason for reason in said)
    federal = known(Event.POSTED, date(2026, 1, 5), regime=Regime.SGB, calendar=NW)
    assert not any("Ungeprüft" in reason for reason in federal.reasons)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('regime = "vwvfg"', 'regime = "bgb"'),
        ("days = 3", "days = -3"),
        ("valid_from = 1977-01-01", 'valid_from = "gestern"'),
        ('basis = "dispatch"', 'basis = "brieftaube"'),
        ("shifts = false", "shifts = false\nlaender = ['XX']"),
        ("shifts = false", "shifts = false\nverschiebt = true"),
        ("days = 3\n", ""),
    ],
)
def test_a_row_that_cannot_be_used_is_named(right: str, wrong: str, tmp_path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(rules.SHIPPED.read_text().replace(right, wrong, 1))
    assert path.read_text() != rules.SHIPPED.read_text()
    with pytest.raises(ValueError, match="^rule 1: "):
        rules.read(path)


@pytest.mark.parametrize(
    ("local", "holiday"),
    [
        ("", []),
        ("catholic", ["15.08.2025"]),
        ("Augsburg", ["08.08.2025", "15.08.2025"]),
        ("augsburg; 2025-07-07=Stadtfest ;", ["07.07.2025", "08.08.2025", "15.08.2025"]),
    ],
)
def test_the_place_has_holidays_of_its_own(local: str, holiday: list[str]) -> None:
    calendar, start = calendar_of("BY", local), date(2025, 6, 20)
    found = [start + timedelta(n) for n in range(90) if calendar.holiday(start + timedelta(n))]
    assert found == list(days(*holiday))


@pytest.mark.parametrize("year", [1991, 2026, 2100])
def test_no_year_within_reach_is_without_holidays(year: int) -> None:
    """Beyond what the library knows it says that there are none: that would move nothing, and silently."""
    assert all(Calendar(land).holiday(date(year, 12, 25)) for land in LAENDER)


def test_the_last_days_of_a_year_are_working_days() -> None:
    assert all(Calendar(land).is_working_day(date(2026, 12, day)) for land in LAENDER for day in (24, 31))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--land", "XX", "--posted", "24.11.2026"], "Das Land „XX“ gibt es nicht"),
        (["--land", "NW", "--posted", "31.02.2026"], "gibt es nicht"),
        (["--land", "NW", "--posted", "24/11/2026"], "ist kein Datum"),
        (["--land", "NW", "--posted", "24.11.0026"], "liegt außerhalb"),
        (
            ["--land", "NW", "--posted", "24.11.2150"],
            "Gerechnet wird von 1991 bis 2100; der 24.11.2150 liegt außerhalb",
        ),
        (["--land", "NW", "--known", "24.11.2026", "--months", "1200"], "der 24.11.2126 liegt außerhalb"),
        (["--land", "NW", "--known", "24.11.2026", "--days", "0"], "Eine Frist hat hier"),
        (["--land", "NW", "--known", "24.11.2026", "--days", "99999999"], "Eine Frist hat hier"),
        (["--land", "NW", "--known", "24.11.2026", "--basis", "ozg_9"], "braucht sie keine Grundlage"),
        (["--land", "NW", "--regime", "ao", "--posted", "1.3.2026", "--basis", "sgbx_37_2a"], "gehören nicht zusammen"),
        (["--land", "NW", "--posted", "24.11.2026", "--basis", "ao_122a"], "zählt ab einem anderen Ereignis"),
        (["--land", "NW", "--provided", "24.11.2020"], "gibt es erst ab 24.07.2024"),
        (["--land", "NW", "--local", "Augsburg", "--known", "24.11.2026"], "nicht bekannt"),
        (["--land", "BY", "--local", "Nürnberg", "--known", "24.11.2026"], "nicht bekannt"),
        (["--land", "BY", "--local", "2026-01-01=", "--known", "24.11.2026"], "fehlt der Name"),
    ],
)
def test_what_makes_no_sense_is_wrong_use(words: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence) as raised:
        call_command("frist", *words)
    assert raised.value.returncode == 2


def test_both_ways_of_writing_a_day_and_a_basis_without_its_law(capsys) -> None:
    for day in ("2026-11-24", "24.11.2026"):
        call_command("frist", "--land", "NW", "--notified", day, "--basis", "sgbx_37_2a", "--json")
        assert json.loads(capsys.readouterr().out)["known"] == "2026-11-28"


def test_the_service_clock_stops_for_real_days_and_overlapping_ones_count_once() -> None:
    start = date(2026, 11, 2)
    assert expected_by(start, 10).on == date(2026, 11, 12)
    one = Span(date(2026, 11, 5), date(2026, 11, 15))
    assert expected_by(start, 10, [one]).on == date(2026, 11, 22)
    overlapping = [one, Span(date(2026, 11, 10), date(2026, 11, 17)), Span(date(2026, 11, 6), date(2026, 11, 7))]
    found = expected_by(start, 10, overlapping)
    assert (found.on, found.paused_days) == (date(2026, 11, 24), 12)
    assert any("05.11.2026 bis Dienstag, 17.11.2026: 12 Tage" in reason for reason in found.reasons)


def test_the_service_clock_stands_while_nobody_knows_the_end() -> None:
    standing = expected_by(date(2026, 11, 2), 10, [Span(date(2026, 11, 5))])
    assert standing.on is None
    assert "steht seit Donnerstag, 05.11.2026" in standing.reasons[-1]
    too_late = expected_by(date(2026, 11, 2), 10, [Span(date(2026, 11, 12))])
    assert too_late.on == date(2026, 11, 12)
    with pytest.raises(DeadlineError):
        Span(date(2026, 11, 5), date(2026, 11, 4))
