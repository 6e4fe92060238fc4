"""Who sees which deliveries and what they do with them, and what the panel of the Vorgang says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from cases.models import Role
from returnchannel.models import Delivery
from routing.models import ExceptionEntry
from tests import factories as make
from tests.pages import done, logged_in, shown, text_of
from tests.returnchannel.sent import TO_PORTAL, Applied, PrintShop, send_all, ways_of

pytestmark = pytest.mark.django_db
URL = "/betrieb/zustellungen/"


@pytest.fixture
def failed(settings: Any, tmp_path: Path) -> Applied:
    settings.PRINT_FOLDER = tmp_path / "druck"
    applied = Applied()
    applied.letter = applied.notice()
    send_all()
    PrintShop(settings.PRINT_FOLDER).answer("fehler", "Papierstau")
    return applied


def step(name: str) -> str:
    return reverse("delivery-step", args=[Delivery.objects.get().pk, name])


def test_its_team_sends_it_again(failed: Applied) -> None:
    office = logged_in(failed.person)
    shown(office, URL, failed.case.public_id, "Papierstau", "Aufgeben, von Hand")
    done(office, step("erneut"), said="gleich an der Reihe")
    assert ways_of(failed.letter) == {"letter": "waiting"} and ExceptionEntry.objects.get().resolved_at
    assert office.post(step("erneut"), follow=True).content.decode().count("ist nicht gescheitert") == 1


def test_the_house_gives_it_up_and_reads_no_name(failed: Applied) -> None:
    office = logged_in(make.user(make.team("it"), Role.OPERATIONS))
    assert failed.letter.recipient.last_name not in shown(office, URL, failed.case.public_id)
    done(office, step("von-hand"), said="aufgegeben")
    assert ways_of(failed.letter) == {"letter": "cancelled"}


def test_others_see_and_do_nothing(failed: Applied) -> None:
    foreign = logged_in(make.user(make.team("fremd")))
    assert failed.case.public_id not in text_of(foreign.get(URL))
    assert foreign.post(step("erneut")).status_code == 404
    assert logged_in(make.user()).get(URL).status_code == 403
    assert ways_of(failed.letter) == {"letter": "refused"}


def test_the_teamleitung_clears_it_in_the_queue(failed: Applied) -> None:
    office, entry = logged_in(make.lead(failed.case.unit)), ExceptionEntry.objects.get()
    address = reverse("clearing-entry", args=[entry.pk])
    shown(office, address, "Brief nicht versandt", "Papierstau", "Von Hand drucken und versenden")
    done(office, f"{address}fortfuehren/", {"way": "von-hand"}, said="Erledigt")
    assert ways_of(failed.letter) == {"letter": "cancelled"}
    shown(office, reverse("clearing"))


def test_the_panel_tells_way_and_proof() -> None:
    applied = Applied(TO_PORTAL)
    applied.notice()
    applied.fetch()
    page = shown(logged_in(applied.person), reverse("case-application", args=[applied.case.public_id]))
    assert "Portal: bereitgestellt am" in page and "abgerufen am" in page
