"""What the tests of pages share."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import reverse

from audit.acting import Actor
from cases.models import Case, User
from tests import factories

INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def logged_in(user: User) -> Client:
    """A browser in which ``user`` is logged in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(response: object) -> str:
    """The page as text, and the proof that it holds nothing that the Content-Security-Policy forbids."""
    page = response.content.decode()
    assert not INLINE.search(page), INLINE.search(page)
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy
    return page


def address(name: str, case: Case, *args: object) -> str:
    """The address of a page below that of a Vorgang."""
    return reverse(name, args=[case.public_id, *args])


def shown(client: Client, url: str, *labels: str) -> str:
    """The page at ``url``, on which each of these stands."""
    page = text_of(client.get(url))
    for label in labels:
        assert label in page, (url, label)
    return page


def done(client: Client, url: str, data: dict | None = None, said: str = "") -> str:
    """The page that one is led to after a POST that has succeeded; ``said`` stands on it as a message."""
    answer = client.post(url, data or {}, follow=True)
    page = text_of(answer)
    assert answer.redirect_chain, (answer.status_code, page)
    assert said in page, page
    return page


def refused(client: Client, url: str, data: dict, *said: str, status: int = 422) -> str:
    """The page after a POST that has failed: a sentence, and what was typed is still there."""
    answer = client.post(url, data)
    page = text_of(answer)
    assert answer.status_code == status, page
    for sentence in said:
        assert sentence in page, (sentence, page)
    return page


class Desk:
    """A Sachbearbeitung, logged in, with an application of the Wohngeld before them."""

    def __init__(self) -> None:
        self.unit = factories.team()
        self.person = factories.user(self.unit, first_name="Wanda", last_name="Amt")
        self.case: Case = factories.application_case(self.unit)
        self.by = Actor.of(self.person)
        self.client: Client = logged_in(self.person)

    def at(self, name: str, *args: object) -> str:
        """The address of a page of the Vorgang."""
        return address(name, self.case, *args)

    def again(self) -> Case:
        """The Vorgang as it is now."""
        return Case.objects.get(pk=self.case.pk)
