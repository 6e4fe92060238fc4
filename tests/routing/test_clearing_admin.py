"""The Verwaltung: the exception queue by the same rules as on its page; nothing else leads round the actions."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from audit.acting import Actor
from cases.models import Membership, OrgUnit, Role, User
from routing.actions import handling
from routing.models import ExceptionEntry
from tests import factories
from tests.pages import logged_in

pytestmark = pytest.mark.django_db
BASE = "/verwaltung/routing/exceptionentry/"


@pytest.fixture
def post() -> OrgUnit:
    """The Poststelle, which clears what belongs to nobody."""
    return factories.team("poststelle", is_clearing=True)


def superuser() -> Client:
    return logged_in(factories.user(is_admin=True))


def test_the_queue_is_for_the_teamleitung_also_here(post: OrgUnit) -> None:
    entry = factories.entry(post)
    assert superuser().get(BASE).status_code == 403
    assert superuser().get(f"{BASE}{entry.pk}/change/").status_code == 403
    assert superuser().post(f"{BASE}{entry.pk}/change/zurueckweisen/", {"reason": "x"}).status_code == 403
    lead = logged_in(factories.lead(post))
    page = lead.get(BASE).content.decode()
    assert "Grundsteuer 2025" in page and "Keine Regel passt" in page and "Laufmappe – Verwaltung" in page
    stranger = logged_in(factories.lead(factories.team("wohngeld")))
    assert "Grundsteuer 2025" not in stranger.get(BASE).content.decode()
    assert stranger.get(f"{BASE}{entry.pk}/change/").status_code == 404
    assert stranger.post(f"{BASE}{entry.pk}/change/zurueckweisen/", {"reason": "x"}).status_code == 404


def test_the_queue_is_filtered_and_costs_the_same(post: OrgUnit, django_assert_max_num_queries) -> None:
    for number in range(5):
        factories.entry(post, subject=f"Grundsteuer {number}")
    client = logged_in(factories.lead(post))
    with django_assert_max_num_queries(24):
        client.get(f"{BASE}?stand=offen")
    page = client.get(f"{BASE}?ursache=no_rule").content.decode()
    assert "Grundsteuer 1" in page and ">Keine Regel passt</a>" in page
    assert "Grundsteuer 1" not in client.get(f"{BASE}?stand=geloest").content.decode()


def test_the_five_ways_out_are_the_same(post: OrgUnit) -> None:
    law = factories.team("rechtsamt")
    service = factories.service(unit=law)
    case = factories.case(law)
    original = factories.processed(subject=f"Zu {case.public_id}", foreign="1 K 1/26")
    user = factories.lead(post)
    client = logged_in(user)
    ways = {
        "zuordnen": ({"case": case.public_id}, "assigned"),
        "neuer-vorgang": ({"service": str(service.pk)}, "new_case"),
        "dublette": ({"original": original.number.public_id}, "duplicate"),
        "zurueckweisen": ({"reason": "Werbung"}, "rejected"),
        "fortsetzen": ({"own_reference": case.file_reference}, "resumed"),
    }
    for verb, (data, resolution) in ways.items():
        entry = factories.entry(post, foreign=f"{verb} 7 K 1/26")
        page = client.get(f"{BASE}{entry.pk}/change/").content.decode()
        assert f'action="{BASE}{entry.pk}/change/{verb}/"' in page
        answer = client.post(f"{BASE}{entry.pk}/change/{verb}/", data)
        assert answer.status_code == 302, verb
        done = ExceptionEntry.objects.get(pk=entry.pk)
        assert done.resolution == resolution
        last = done.history.order_by("history_id").last()
        assert (last.history_action, last.history_user_id) == (f"resolve_{resolution}", user.username)


def test_the_steps_before_are_the_same_too(post: OrgUnit) -> None:
    law = factories.team("rechtsamt")
    factories.lead(law)
    user = factories.lead(post)
    client = logged_in(user)
    steps = {
        "annehmen": ({}, "claim_entry"),
        "freigeben": ({}, "release_entry"),
        "rueckfrage": ({"unit": law.pk, "text": "Ihres?"}, None),
        "parken": ({"period": "7"}, "park_entry"),
        "wieder-aufnehmen": ({}, "bring_back_entry"),
        "weitergeben": ({"unit": law.pk, "reason": "Rechtsamt"}, "pass_on_entry"),
    }
    entry = factories.entry(post)
    for verb, (data, action) in steps.items():
        assert client.post(f"{BASE}{entry.pk}/change/{verb}/", data).status_code == 302, verb
        if action:
            last = entry.history.order_by("history_id").last()
            assert (last.history_action, last.history_user_id) == (action, user.username)
    assert entry.questions.get().unit == law
    assert client.get(f"{BASE}{entry.pk}/change/").status_code == 404, "it lies with the other team"


def test_several_at_once_with_what_did_not_go(post: OrgUnit) -> None:
    user = factories.lead(post)
    client = logged_in(user)
    free, taken = factories.entry(post), factories.entry(post)
    handling.claim(entry=taken, by=Actor.of(factories.lead(post, first_name="Tom", last_name="Post")))

    def do(action: str) -> str:
        chosen = {"action": action, "_selected_action": [free.pk, taken.pk]}
        return client.post(BASE, chosen, follow=True).content.decode()

    page = do("claim_all")
    assert "Annehmen: 1 von 2 Klärfällen erledigt." in page and "Tom Post bearbeitet diesen Klärfall" in page
    assert ExceptionEntry.objects.get(pk=free.pk).claimed_by == user
    assert "Freigeben: 1 von 2" in do("release_all")
    assert "Wieder aufnehmen: 0 von 2" in do("bring_back_all") and "nicht zurückgestellt" in do("bring_back_all")
    factories.rule("Grundsteuer", unit=post)
    assert "Noch einmal verteilen: 1 von 2" in do("resume_all")
    handling.escalate(entry=taken)
    assert "eskaliert" in client.get(f"{BASE}?stand=eskaliert").content.decode()
    assert "0 Klärfälle" in client.get(f"{BASE}?stand=geparkt").content.decode()


def test_errors_are_shown_with_the_forms(post: OrgUnit) -> None:
    entry = factories.entry(post)
    client = logged_in(factories.lead(post))
    answer = client.post(f"{BASE}{entry.pk}/change/zurueckweisen/", {"reason": ""})
    assert answer.status_code == 422
    assert 'href="#zurueckweisen-reason"' in answer.content.decode()
    assert client.get(f"{BASE}{entry.pk}/change/zurueckweisen/").status_code == 405


def test_nothing_but_configuration_can_be_changed() -> None:
    changeable = set()
    user = factories.user(is_admin=True)

    class Request:
        pass

    request = Request()
    request.user, request.GET, request.POST = user, {}, {}
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label != "axes" and (  # there, a lock-out is lifted
            model_admin.has_change_permission(request) or model_admin.has_add_permission(request)
        ):
            changeable.add(model.__name__)
    assert changeable == {"User", "OrgUnit", "Membership"}


def test_changes_by_hand_are_in_the_history() -> None:
    client = superuser()
    answer = client.post("/verwaltung/cases/orgunit/add/", {"name": "Ordnungsamt", "slug": "ordnungsamt", "parent": ""})
    assert answer.status_code == 302
    unit = OrgUnit.objects.get(slug="ordnungsamt")
    assert unit.history.get().history_action == "admin_change"
    person = factories.user()
    given = client.post(
        "/verwaltung/cases/membership/add/", {"user": person.pk, "unit": unit.pk, "role": Role.LEAD.value}
    )
    assert given.status_code == 302
    membership = Membership.objects.get(user=person)
    assert membership.history.get().history_action == "set_membership"
    assert User.objects.get(pk=person.pk).is_staff
    gone = client.post(f"/verwaltung/cases/membership/{membership.pk}/delete/", {"post": "yes"})
    assert gone.status_code == 302
    assert Membership.history.order_by("history_id").last().history_type == "-"


def test_people_are_made_changed_and_given_passwords() -> None:
    client = superuser()
    password = "Ein-langes-Kennwort-26"
    new = {"username": "neu", "usable_password": "true", "password1": password, "password2": password}
    assert client.post("/verwaltung/cases/user/add/", new).status_code == 302
    person = User.objects.get(username="neu")
    page = client.get(f"/verwaltung/cases/user/{person.pk}/change/")
    assert page.status_code == 200 and "id_groups" not in page.content.decode()
    changed = {"username": "neu", "first_name": "Nele", "is_active": "on", "shortcuts": "on", "theme": "system"}
    assert client.post(f"/verwaltung/cases/user/{person.pk}/change/", changed).status_code == 302
    again = {"usable_password": "true", "password1": password + "!", "password2": password + "!", "set-password": ""}
    assert client.post(f"/verwaltung/cases/user/{person.pk}/password/", again).status_code == 302
    assert User.objects.get(pk=person.pk).first_name == "Nele"
    assert set(User.history.filter(id=person.pk).values_list("history_action", flat=True)) == {"admin_change"}


def test_ones_own_password_is_changed_in_ones_own_name() -> None:
    person = factories.lead(factories.team())
    password = "Ein-langes-Kennwort-26"
    data = {"old_password": factories.PASSWORD, "new_password1": password, "new_password2": password}
    client = logged_in(person)
    address = client.get("/verwaltung/password_change/").url
    assert client.post(address, data).status_code == 302
    last = person.history.order_by("history_id").last()
    assert (last.history_action, last.history_user_id) == ("change_password", person.username)


def test_only_superusers_touch_superusers() -> None:
    root = factories.user(is_admin=True)
    configurator = factories.user()
    factories.actions.set_membership(user=configurator, role=Role.ADMIN, by=factories.SYSTEM)
    User.objects.filter(pk=configurator.pk).update(is_staff=True)
    client = logged_in(configurator)
    assert client.get("/verwaltung/cases/user/").status_code == 200
    assert client.post(f"/verwaltung/cases/user/{root.pk}/password/", {}).status_code == 403
    data = {"username": configurator.username, "is_superuser": "on", "is_staff": "on", "is_active": "on"}
    client.post(f"/verwaltung/cases/user/{configurator.pk}/change/", data)
    assert not User.objects.get(pk=configurator.pk).is_superuser


def test_every_list_opens_without_showing_content(post: OrgUnit) -> None:
    case = factories.case(subject="Geheimer Betreff")
    factories.entry(post, subject="Geheime Nachricht")
    client = superuser()
    names = {"audit", "cases", "intake", "routing", "django_q"}
    for model, model_admin in admin.site._registry.items():
        meta = model._meta
        if meta.app_label in names and meta.model_name not in {"case", "exceptionentry"}:
            page = client.get(f"/verwaltung/{meta.app_label}/{meta.model_name}/")
            assert page.status_code == 200, meta.model_name
            assert "Geheim" not in page.content.decode(), meta.model_name
            row = model_admin.model._default_manager.first()
            if row is not None:
                detail = client.get(f"/verwaltung/{meta.app_label}/{meta.model_name}/{row.pk}/change/")
                assert detail.status_code == 200, meta.model_name
                assert "Geheim" not in detail.content.decode(), meta.model_name
    assert client.get("/verwaltung/cases/case/").status_code == 403
    worker = factories.user(case.unit)
    User.objects.filter(pk=worker.pk).update(is_staff=True)
    assert case.public_id in logged_in(worker).get("/verwaltung/cases/case/").content.decode()
    assert apps.get_model("auth", "Group") not in admin.site._registry
