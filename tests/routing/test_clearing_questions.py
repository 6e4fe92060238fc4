"""Questions to another team: it sees question and message for as long as it is asked, and no way out of the queue."""

from __future__ import annotations

import pytest
from django.test import Client

from audit.models import AccessLog
from cases.models import OrgUnit, User
from routing.models import ClearingQuestion
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db
LIST = "/klaerung/"


@pytest.fixture
def post() -> OrgUnit:
    return make.team("poststelle", is_clearing=True)


@pytest.fixture
def client(post: OrgUnit) -> Client:
    return logged_in(make.lead(post, username="petra", first_name="Petra", last_name="Post"))


@pytest.fixture
def asked(post: OrgUnit, client: Client) -> ClearingQuestion:
    law = make.team("rechtsamt")
    make.user(law, username="rana", first_name="Rana", last_name="Recht")
    entry = make.entry(subject="Wem gehört das?")
    answer = client.post(f"{LIST}{entry.pk}/rueckfrage/", {"unit": law.pk, "text": "Ist das Ihre Sache?"}, follow=True)
    page = text_of(answer)
    assert "Rechtsamt ist gefragt" in page and "noch keine Antwort" in page
    return ClearingQuestion.objects.get()


def test_the_asked_team_sees_question_and_message_but_no_way_out(asked: ClearingQuestion) -> None:
    rana = logged_in(User.objects.get(username="rana"))
    assert "1<span" in text_of(rana.get("/")), "the navigation says that there is something"
    page = text_of(rana.get(LIST))
    for part in ("Fragen an mein Team", "Petra Post fragt Rechtsamt", "Ist das Ihre Sache?", "Wem gehört das?"):
        assert part in page, part
    assert "sammelaktion" not in page and f'href="/klaerung/{asked.entry_id}/"' not in page
    assert rana.get(f"{LIST}{asked.entry_id}/").status_code == 403
    assert rana.post(f"{LIST}{asked.entry_id}/zurueckweisen/", {"reason": "x"}).status_code == 403
    file = asked.entry.submission.files.first()
    address = f"{LIST}fragen/{asked.pk}/dateien/{file.pk}/"
    answer = rana.get(address)
    assert address in page and b"".join(answer.streaming_content) and answer.status_code == 200
    assert AccessLog.objects.filter(what="file_taken", actor="rana").count() == 1


def test_others_know_nothing_of_a_question(asked: ClearingQuestion) -> None:
    file = asked.entry.submission.files.first()
    for user in (make.user(make.team("fremd")), make.lead(make.team("fremd"))):
        stranger = logged_in(user)
        assert "Ist das Ihre Sache?" not in text_of(stranger.get(LIST))
        assert stranger.get(f"{LIST}fragen/{asked.pk}/dateien/{file.pk}/").status_code == 404
        assert stranger.post(f"{LIST}fragen/{asked.pk}/", {"text": "Ja"}).status_code == 404


def test_the_answer_stands_at_the_entry_and_the_door_closes(asked: ClearingQuestion, client: Client) -> None:
    rana = logged_in(User.objects.get(username="rana"))
    refused = rana.post(f"{LIST}fragen/{asked.pk}/", {"text": "  "})
    assert refused.status_code == 422 and 'aria-invalid="true"' in text_of(refused)
    done = text_of(rana.post(f"{LIST}fragen/{asked.pk}/", {"text": "Ja, unser Verfahren 7."}, follow=True))
    assert "die Antwort steht jetzt am Klärfall" in done and "Keine Fragen an Ihr Team" in done
    page = text_of(client.get(f"{LIST}{asked.entry_id}/"))
    assert "Rana Recht antwortet" in page and "Ja, unser Verfahren 7." in page
    file = asked.entry.submission.files.first()
    assert rana.get(f"{LIST}fragen/{asked.pk}/dateien/{file.pk}/").status_code == 404
    assert rana.get(f"{LIST}fragen/{asked.pk}/").url == LIST
    assert rana.post(f"{LIST}fragen/{asked.pk}/", {"text": "Doch nicht"}).status_code == 404
