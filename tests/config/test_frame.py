"""The frame of the pages: one's own account, the session, the handbook, the declaration on accessibility."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessLog
from django.test import Client
from django.utils import timezone

from cases.models import Role, User
from config import handbook
from config.accessibility import MANUAL_CHECKS
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db


def test_the_account_says_who_one_is_and_when_one_logged_in() -> None:
    person = make.user(make.team(), first_name="Rana", last_name="Recht", email="rana@example.org")
    make.actions.set_membership(user=person, role=Role.AUDITOR, by=make.SYSTEM)
    client = Client()
    client.post("/anmelden/", {"username": person.username, "password": make.PASSWORD}, REMOTE_ADDR="192.0.2.7")
    page = text_of(client.get("/konto/"))
    for said in ("Rana Recht", "rana@example.org", "Sachbearbeitung, Rechtsamt", "Revision", "von 192.0.2.7"):
        assert said in page, said
    AccessLog.objects.all().delete()
    assert "192.0.2.7" not in text_of(client.get("/konto/"))


def test_settings_are_kept_with_history_and_wrong_ones_refused() -> None:
    person = make.user(make.team())
    client = logged_in(person)
    assert "data-kern-theme" not in text_of(client.get("/"))
    assert 'data-shortcuts="an"' in text_of(client.get("/"))
    client.post("/konto/einstellungen/", {"theme": "dark"})
    page = text_of(client.get("/"))
    assert '<html lang="de" data-kern-theme="dark">' in page and 'data-shortcuts="aus"' in page
    assert 'id="tastatur"' not in page
    row = person.history.latest()
    assert (row.history_action, row.history_user_id, row.theme) == ("set_preferences", person.username, "dark")
    page = text_of(client.post("/konto/einstellungen/", {"theme": "rosa", "shortcuts": "on"}, follow=True))
    assert "gibt es nicht" in page
    assert User.objects.get(pk=person.pk).theme == "dark"


def test_a_new_password_ends_the_other_sessions() -> None:
    person = make.user(make.team())
    here, there = logged_in(person), logged_in(person)
    new = "Ganz-neues-Passwort-7"
    wrong = here.post("/konto/passwort/", {"old_password": "x", "new_password1": new, "new_password2": new})
    assert wrong.status_code == 422 and 'role="alert"' in text_of(wrong)
    short = here.post("/konto/passwort/", {"old_password": make.PASSWORD, "new_password1": "a", "new_password2": "a"})
    assert "mindestens 12 Zeichen" in text_of(short)
    data = {"old_password": make.PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post("/konto/passwort/", data).url == "/konto/"
    assert here.get("/konto/").status_code == 200
    assert there.get("/konto/").status_code == 302
    assert User.objects.get(pk=person.pk).check_password(new)
    assert person.history.latest().history_action == "change_password"
    assert here.get("/verwaltung/password_change/").url == "/konto/passwort/"


def session_url(client: Client, **data: str) -> tuple[int, dict]:
    answer = client.post("/konto/sitzung/", data)
    return answer.status_code, json.loads(answer.content)


def test_work_renews_the_session_and_an_open_page_does_not(settings) -> None:
    person = make.user(make.team())
    with time_machine.travel("2026-11-24T08:00:00Z", tick=False) as now:
        client = logged_in(person)
        now.shift(timedelta(hours=3))
        client.get("/", headers={"Sec-Fetch-Mode": "cors"})
        page = text_of(client.get("/", headers={"Sec-Fetch-Mode": "cors"}))
        assert f'data-session-ends="{5 * 3600}"' in page
        assert f'data-session-ends="{8 * 3600}"' in text_of(client.get("/", headers={"Sec-Fetch-Mode": "navigate"}))
        now.shift(timedelta(hours=7, minutes=59))
        assert client.get("/", headers={"Sec-Fetch-Mode": "cors"}).status_code == 200
        now.shift(timedelta(minutes=2))
        assert client.get("/").status_code == 302


def test_the_session_is_put_off_and_begun_again_in_place() -> None:
    person = make.user(make.team())
    with time_machine.travel("2026-11-24T08:00:00Z", tick=False) as now:
        client = logged_in(person)
        now.shift(timedelta(hours=7, minutes=58))
        status, said = session_url(client, username=person.username)
        assert (status, said["seconds"]) == (200, 8 * 3600)
        now.shift(timedelta(hours=8, minutes=1))
        assert session_url(client, username=person.username) == (401, {"error": ""})
        status, said = session_url(client, username=person.username, password="falsch")
        assert status == 401 and "Passwort prüfen" in said["error"]
        status, said = session_url(client, username=person.username, password=make.PASSWORD)
        assert status == 200 and said["csrf"]
        assert client.get("/konto/").status_code == 200


def test_a_page_is_never_continued_by_somebody_else() -> None:
    person, other = make.user(make.team()), make.user(make.team())
    status, said = session_url(logged_in(other), username=person.username)
    assert status == 401 and "jemand anderes" in said["error"]
    assert logged_in(other).get("/konto/sitzung/").status_code == 405


def test_the_session_is_guarded_like_the_log_in() -> None:
    person = make.user(make.team())
    assert Client(enforce_csrf_checks=True).post("/konto/sitzung/", {"username": person.username}).status_code == 403
    client = Client()
    for _ in range(5):
        answer = client.post("/konto/sitzung/", {"username": person.username, "password": "geraten"})
    assert answer.status_code == 429


def test_every_chapter_is_read_and_its_links_lead_somewhere() -> None:
    client = logged_in(make.user(make.team()))
    chapters = handbook.chapters()
    assert [each.slug for each in chapters][:2] == ["arbeitsvorrat", "vorgang"] and len(chapters) == 12
    contents = text_of(client.get("/hilfe/"))
    for chapter in chapters:
        assert f'href="/hilfe/{chapter.slug}/"' in contents
        page = text_of(client.get(f"/hilfe/{chapter.slug}/"))
        assert page.count("<h1") == 1
        for path, _, anchor in (link.partition("#") for link in re.findall(r'href="(/[^"]*)"', str(chapter.body))):
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert not anchor or f'id="{anchor}"' in text_of(answer), f"{path}#{anchor}"
    assert client.get("/hilfe/gibt-es-nicht/").status_code == 404
    assert Client().get("/hilfe/").status_code == 302


def test_the_handbook_is_searched_by_words() -> None:
    assert handbook.search("") == []
    assert handbook.search("quastenflosser") == []
    titles = [(hit.chapter.slug, hit.section.anchor) for hit in handbook.search("FRIST verlaengern")]
    assert ("nachforderung", "verlaengern-erinnern-zuruecknehmen") in titles
    assert handbook.search("vorgangs-id")[0].section.title == "Vorgangs-ID"
    page = text_of(logged_in(make.user(make.team())).get("/hilfe/", {"suche": "bestandskraft"}))
    assert 'href="/hilfe/begriffe/#bestandskraft"' in page
    page = text_of(logged_in(make.user(make.team())).get("/hilfe/", {"suche": "<script>alert(1)"}))
    assert "steht nichts im Handbuch" in page


def test_html_in_a_chapter_is_shown_not_carried_out(tmp_path) -> None:
    file = tmp_path / "99-probe.md"
    file.write_text("# Probe\n<script>alert(1)</script>\n\n## Über Maß\n[hier](javascript:alert(1))\n")
    chapter = handbook._chapter(file)
    assert "<script" not in chapter.body and "href=" not in chapter.body
    assert [section.anchor for section in chapter.sections] == ["", "ueber-mass"]


def test_pages_lead_to_their_chapter_of_the_handbook() -> None:
    unit = make.team()
    case = make.case(unit)
    client = logged_in(make.lead(unit))
    for path, chapter in (
        ("/", "arbeitsvorrat"),
        (f"/vorgaenge/{case.public_id}/", "vorgang"),
        (f"/vorgaenge/{case.public_id}/nachforderung/", "nachforderung"),
        (f"/vorgaenge/{case.public_id}/bescheid/", "bescheid"),
        ("/klaerung/", "klaerung"),
        ("/eingaenge/neu/", "eingang"),
        ("/fristenrechner/", "fristen"),
        ("/konto/", ""),
    ):
        target = f"/hilfe/{chapter}/" if chapter else "/hilfe/"
        assert f'<a href="{target}">Hilfe</a>' in text_of(client.get(path)), path


def test_the_declaration_is_open_to_everybody_and_names_what_is_not_tested(client: Client, settings) -> None:
    settings.AUTHORITY_EMAIL = "barriere@musterhausen.example"
    page = text_of(client.get("/barrierefreiheit/"))
    for said in (
        "teilweise vereinbar",
        "mailto:barriere@musterhausen.example",
        "Schlichtungsstelle",
        "Bildschirmleser",
    ):
        assert said in page, said
    settings.AUTHORITY_ARBITRATION = "Ombudsstelle NRW"
    assert "Zuständig ist: Ombudsstelle NRW." in text_of(client.get("/barrierefreiheit/"))
    assert 'href="/barrierefreiheit/"' in text_of(client.get("/anmelden/"))


def test_no_manual_test_is_claimed_for_the_future() -> None:
    assert {check.result for check in MANUAL_CHECKS if check.on is None} == {"noch nicht getestet"}
    assert all(check.on <= timezone.localdate() for check in MANUAL_CHECKS if check.on)
