"""Who works at a running Laufmappe: an HTTP session that reads pages and fills their forms as a person does."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx
from lxml import html


class Person:
    """Somebody who is logged in. ``page`` is what they see."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.at = "/"
        self.http = httpx.Client(base_url=url, follow_redirects=True, timeout=60)
        self.open("/anmelden/")
        self.press("Anmelden", username=username, password=password)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.http.close()

    @property
    def text(self) -> str:
        """The words on the page."""
        return " ".join(self.page.text_content().split())

    def open(self, path: str) -> None:
        """Go to a page."""
        self._see(self.http.get(self._absolute(path)))

    def follow(self, words: str) -> None:
        """Follow the first link that says so."""
        for link in self.page.iter("a"):
            if words in " ".join(link.text_content().split()):
                self.open(link.get("href"))
                return
        raise AssertionError(f"Kein Verweis „{words}“ auf {self.at}: {self.text[:2000]}")

    def press(self, button: str, **typed: Any) -> None:
        """Fill the form that has this button, by the names of its fields, and send it. What is typed must be there."""
        form, pressed = self._form(button)
        values = dict(form.form_values())
        for name, value in typed.items():
            assert name in form.fields, (name, list(form.fields))
            values[name] = value
        if pressed.get("name"):
            values[pressed.get("name")] = pressed.get("value", "")
        address = self._absolute(pressed.get("formaction") or form.get("action") or "")
        self._see(self.http.post(address, data=values, headers={"Referer": self._absolute("")}))

    def _absolute(self, path: str) -> str:
        return str(self.http.base_url.join(self.at).join(path))

    def _form(self, button: str) -> tuple[html.FormElement, html.HtmlElement]:
        for form in self.page.forms:
            for each in form.iter("button"):
                if " ".join(each.text_content().split()) == button:
                    return form, each
        raise AssertionError(f"Kein Knopf „{button}“ auf {self.at}: {self.text[:2000]}")

    def _see(self, answer: httpx.Response) -> None:
        assert answer.is_success, (answer.status_code, answer.text[:3000])
        self.at = answer.url.raw_path.decode()
        self.page = html.fromstring(answer.content)
