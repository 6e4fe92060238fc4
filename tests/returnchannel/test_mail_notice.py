"""The notice by e-mail: without content, only to who agreed, beside the real way."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from returnchannel import consent
from returnchannel.models import Delivery
from tests.returnchannel.hooks import later
from tests.returnchannel.sent import BY_MAIL, TO_PORTAL, Applied, send_all, ways_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _with_mail(settings: Any) -> None:
    settings.HAS_MAIL = True


def test_it_says_that_something_is_there_and_nothing_else() -> None:
    applied = Applied(TO_PORTAL | BY_MAIL)
    row = applied.notice(subject="Ganz geheim", text="Vertraulicher Inhalt")
    send_all()
    (sent,) = mail.outbox
    assert sent.to == ["erika@example.org"] and sent.attachments == []
    assert applied.case.public_id in sent.subject and applied.case.public_id in sent.body
    said = sent.message().as_string()
    assert not any(word in said for word in ("geheim", "Vertraulich", row.recipient.last_name, "Bewohner"))
    assert ways_of(row) == {"portal": "sent", "mail": "sent"}
    assert Delivery.objects.get(channel="mail").notice_sent_at is not None


def test_beside_a_letter_it_says_that_it_comes_by_post() -> None:
    row = Applied(BY_MAIL).notice()
    send_all()
    assert "mit der Post" in mail.outbox[0].body and ways_of(row) == {"mail": "sent"}


def test_who_has_not_agreed_gets_none() -> None:
    assert ways_of(Applied(TO_PORTAL).notice()) == {"portal": "sent"}


@pytest.mark.parametrize(
    "address",
    [
        "a@b.de\nBcc: x@y.de",
        "a@b.de\r\nSubject: x",
        "a@b.de, x@y.de",
        "kein",
        "",
        None,
        7,
        ["a@b.de"],
        "a" * 400 + "@b.de",
    ],
)
def test_an_address_that_is_none_agrees_to_nothing(address: Any) -> None:
    assert consent.of({"eMail": {"address": address}}).address == ""


def test_a_server_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Applied(TO_PORTAL | BY_MAIL).notice()
    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMessage.send", _raise(ConnectionRefusedError()))
        send_all()
    waiting = Delivery.objects.get(channel="mail")
    assert waiting.state == "waiting" and "Mailserver" in waiting.last_error
    assert waiting.next_attempt_at > timezone.now() + timedelta(seconds=25)
    with later(minutes=2):
        send_all()
    assert ways_of(row)["mail"] == "sent" and len(mail.outbox) == 1


def test_an_address_that_the_server_refuses_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = smtplib.SMTPRecipientsRefused({"erika@example.org": (550, b"no such user")})
    monkeypatch.setattr("django.core.mail.EmailMessage.send", _raise(refusal))
    row = Applied(TO_PORTAL | BY_MAIL).notice()
    send_all()
    assert ways_of(row) == {"portal": "sent", "mail": "refused"}, "§ 41 IIa VwVfG counts from the retrieval"
    assert "SMTP 550" in Delivery.objects.get(channel="mail").last_error


def _raise(error: Exception) -> Any:
    def send(*args: Any, **kwargs: Any) -> None:
        raise error

    return send
