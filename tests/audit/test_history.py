"""Who did what: filled from ``acting()``, kept by the database, erasable where it is person data."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from audit import triggers, versions
from audit.acting import SYSTEM, Actor, Source, acting
from audit.history import HistoryFields
from audit.models import AccessLog, PersonDataVersion
from audit.registries import Registry, erasure, timeline_of
from cases import actions
from cases.models import Case, OrgUnit, Party
from intake.models import Submission
from routing.models import ExceptionEntry
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_writing_outside_an_action_raises() -> None:
    case = make.case()
    case.subject = "anders"
    delete = make.document(case).files.get().delete
    for write in (case.save, lambda: OrgUnit.objects.create(slug="x", name="X"), delete):
        with pytest.raises(RuntimeError, match="outside an action"):
            write()


def test_every_row_says_who_what_why_and_from_where() -> None:
    unit = make.team()
    lead = make.lead(unit)
    case = make.case(unit)
    actions.close(case=case, outcome=Case.Outcome.DONE, by=Actor.of(lead), reason="Irrläufer")
    row = case.history.first()
    assert (row.history_user_id, row.history_action, row.history_reason, row.history_source) == (
        lead.username,
        "close",
        "Irrläufer",
        "user",
    )


def test_no_tracked_field_hides_a_column_of_the_history() -> None:
    own = {field.name for field in HistoryFields._meta.get_fields()}
    for model in apps.get_models():
        if hasattr(model, "history") and not hasattr(model, "history_id"):
            assert own.isdisjoint(field.name for field in model._meta.get_fields()), model


def test_the_actor_survives_the_user() -> None:
    case = make.case()
    somebody = make.user(make.team())
    actions.take_up(case=case, by=Actor.of(somebody))
    with acting(SYSTEM, "test"):
        Case.objects.get(pk=case.pk).history.all()
    assert case.history.first().history_user_id == somebody.username


def test_acting_can_be_nested_and_the_inner_one_counts() -> None:
    with acting(Actor(Source.RULE, "aussen"), "aussen"):
        with acting(SYSTEM, "innen"):
            inner = actions.make_team(slug="innen", name="Innen", by=SYSTEM)
        assert inner.history.get().history_action == "make_team"


@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_every_append_only_table_refuses_change(statement: str) -> None:
    make.rule("Gewerbe")
    make.processed()
    from audit.actions import log_access

    log_access(by=SYSTEM, what="case_seen", subject="V-0000-0000-0")
    tried = 0
    for model in apps.get_models():
        if not getattr(model, "append_only", False) or not model.objects.exists():
            continue
        key, table = model._meta.pk.column, model._meta.db_table
        with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table, key, key))
        tried += 1
    assert tried > 10


def test_every_append_only_model_has_its_trigger() -> None:
    tables = set(triggers.protected_tables())
    histories = {m._meta.db_table for m in apps.get_models() if hasattr(m, "history_id")}
    assert histories <= tables
    assert {AccessLog._meta.db_table, PersonDataVersion._meta.db_table, "routing_routingdecision"} <= tables
    assert triggers.unprotected() == []


def test_a_missing_trigger_is_found_and_comes_back() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_append_only ON audit_accesslog")
    assert triggers.unprotected() == ["audit_accesslog"]
    assert [error.id for error in run_checks(databases=["default"])] == ["audit.E002"]
    triggers.install(sender=None)
    assert triggers.unprotected() == []


def test_a_switched_off_history_is_found(settings) -> None:
    settings.SIMPLE_HISTORY_ENABLED = False
    assert "audit.E001" in [error.id for error in run_checks()]


def test_person_data_stand_in_no_history_but_in_the_version_table() -> None:
    party = Party(first_name="Şeyma", last_name="Łukaszewicz", city="Musterhausen", role=Party.Role.PLAINTIFF)
    case = make.case(subject="Łukaszewicz ./. Stadt", parties=[party])
    with connection.cursor() as cursor:
        for table in [m._meta.db_table for m in apps.get_models() if hasattr(m, "history_id")]:
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', ["%Łukaszewicz%"])
            assert cursor.fetchone() == (0,), table
    version = PersonDataVersion.objects.get(model="cases.party")
    assert version.values["last_name"] == [None, "Łukaszewicz"]
    assert version.fields == ["city", "first_name", "last_name"]
    assert (version.actor, version.history_action) == ("Laufmappe", "open_case")
    assert PersonDataVersion.objects.get(model="cases.case", object_id=case.pk).values["subject"][1].startswith("Łuk")


def test_a_change_of_person_data_keeps_old_and_new() -> None:
    case = make.case(subject="alt")
    before = versions.snapshot(case)
    with acting(SYSTEM, "test"):
        case.subject = "neu"
        versions.record_changed(case, before)
        versions.record_changed(case, versions.snapshot(case))
    values = PersonDataVersion.objects.filter(model="cases.case").order_by("id").values_list("values", flat=True)
    assert list(values) == [{"subject": [None, "alt"]}, {"subject": ["alt", "neu"]}]


def test_an_erasure_leaves_who_and_when_but_no_person_data() -> None:
    entry = make.entry(subject="Łukaszewicz ./. Stadt")
    unit = make.team(is_clearing=True)
    from routing.actions import clearing

    case = clearing.open_new_case(entry=entry, service=make.service(), unit=unit, by=Actor.of(make.lead(unit)))
    make.document(case, name="Łukaszewicz.pdf", title="Klage Łukaszewicz")
    rows_before = case.history.count()
    assert {name for name, _ in erasure} == {"cases", "intake", "returnchannel", "routing"}
    for _, erase in erasure:
        erase(case, by=SYSTEM)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', ["%ukaszewicz%"])
            assert cursor.fetchone() == (0,), table
    erased = PersonDataVersion.objects.filter(model="cases.case", object_id=case.pk).get()
    assert (erased.values, erased.fields, erased.erased_at is not None) == (None, ["subject"], True)
    assert case.history.count() == rows_before
    assert Submission.objects.get(case=case).facts == {}
    assert ExceptionEntry.objects.get().subject == ""


def test_the_timeline_tells_a_vorgangs_life_newest_first() -> None:
    make.rule("Gewerbe", name="Gewerbesachen")
    case = make.processed().case
    somebody = make.user(case.unit)
    actions.take_up(case=case, by=Actor.of(somebody))
    texts = [(entry.text, entry.source) for entry in timeline_of(case)]
    assert texts[0] == ("Prüfung begonnen", "user")
    assert ("Vorgang eröffnet", "rule") in texts
    assert ("Eingang zugeordnet: nach Regel „Gewerbesachen“ (Version 1)", "rule") in texts
    assert ("Dokument 01 abgelegt: Klage", "rule") in texts


def test_a_name_in_a_registry_is_given_once() -> None:
    registry: Registry = Registry("test")
    registry.register("eins")(len)
    registry.register("eins")(len)
    with pytest.raises(ValueError, match="registered twice"):
        registry.register("eins")(max)
    assert registry.names() == ["eins"]
