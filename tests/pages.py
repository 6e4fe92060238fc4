"""What the tests of pages share."""

from __future__ import annotations

import re

from django.test import Client

from cases.models import User

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
