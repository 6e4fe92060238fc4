"""The citizen's whole way at the running demonstration: a reference portal on one side, the desk on the other."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pypdfium2
import pytest

from tests import processes
from tests.desk import Person
from tests.portal.client import File, Json, Portal, Refused
from tests.portal.paper import paper
from tests.portal.webhook import Inbox, listening, told

SECONDS = 30  # within which the worker has done what is to be done
MONTHS = ("Januar", "Februar", "März", "April", "Mai", "Juni")
MONTHS += ("Juli", "August", "September", "Oktober", "November", "Dezember")
PASSWORD = "Musterhausen-2026"
# Some who work in Musterhausen: no answer names them. Only a letter says, in its two places, who gives information and
# who has signed it (§ 33 III SGB X, § 37 III VwVfG).
SIGNED = re.compile(r"(Auskunft erteilt|Im Auftrag) \w+ \w+")
NAMES = ("wanda", "szymańska", "willi", "nowak", "postel", "brückner", "şahin")
pytestmark = pytest.mark.faults


class Demo:
    """``manage.py demo`` as somebody starts it who has nothing but the checkout."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.data, self.log = data, data / "demo.log"
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
        self.env |= {"DATA_DIR": str(data), "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.1/32"}
        with self.log.open("wb") as out:
            command = processes.command("demo", "--port", str(self.port))
            self.process = subprocess.Popen(
                command, cwd=processes.ROOT, env=self.env, stdout=out, stderr=out, start_new_session=True
            )

    def wait(self, seconds: float = 240) -> None:
        """Until it serves."""
        until = time.monotonic() + seconds
        while "Laufmappe läuft" not in self.log.read_text():
            assert self.process.poll() is None and time.monotonic() < until, self.log.read_text()[-3000:]
            time.sleep(0.2)

    def portal(self, *arguments: str) -> str:
        """What the command line of the portal prints."""
        command = [sys.executable, "-m", "tests.portal", *arguments]
        done = subprocess.run(
            command, cwd=processes.ROOT, env=self.env, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def token_file(self) -> Path:
        """Where it leaves the portal's address and token."""
        return self.data / "demo" / "portal.json"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demonstration, running."""
    running = Demo(tmp_path_factory.mktemp("demo"))
    try:
        running.wait()
        yield running
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(20) == 0
        assert "Traceback" not in running.log.read_text()
    finally:
        processes.kill_group(running.process)


@pytest.fixture
def portal(demo: Demo) -> Iterator[Portal]:
    """The portal, with the token that the demonstration left."""
    known = json.loads(demo.token_file.read_text())
    with httpx.Client(base_url=known["url"], timeout=60) as http:
        yield Portal(http, known["token"])


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """Where the portal is told of changes."""
    with listening() as running:
        yield running


class Way:
    """One application and what its citizen sees of it."""

    def __init__(self, portal: Portal, name: str, **how: Any) -> None:
        self.portal = portal
        application = dict(portal.described.examples("submit")["wohngeld"])
        application["data"] = json.loads(json.dumps(application["data"]))
        application["data"]["applicant"] |= {"first_name": "Ida", "last_name": name}
        self.files = [File("mietvertrag.pdf", paper(f"Mietvertrag {name}"))]
        self.told = portal.apply(application, self.files, **how)
        self.case_id = self.told["case_id"]

    def sees(self, status: str) -> Json:
        """The status, once it is this one; asked for again and again, as a portal does."""
        return until(lambda: self._now(status), f"{self.case_id} ist nicht {status}")

    def _now(self, status: str) -> Json | None:
        now, _ = self.portal.status(self.case_id)
        return now if now["status"] == status else None

    def letter(self, n: int) -> tuple[Json, str]:
        """A message, and what its PDF says."""
        message = next(each for each in self.portal.messages(self.case_id) if each["n"] == n)
        return message, words(self.portal.document(self.case_id, n))


def until(look: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, what
        time.sleep(0.2)
    return found


def words(pdf: bytes) -> str:
    """The text of a PDF."""
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())


def everything_heard(portal: Portal) -> str:
    """All that the portal ever got, PDFs as their text, headers included."""
    parts = []
    for answer in portal.heard:
        is_pdf = answer.headers.get("Content-Type", "").startswith("application/pdf")
        parts += [str(answer.headers), SIGNED.sub("", words(answer.content)) if is_pdf else answer.text]
    return "\n".join(parts)


def kinds_of(portal: Portal, case_id: str) -> list[tuple[str, int]]:
    return [(each["kind"], each["version"]) for each in portal.changes(limit=2) if each["case_id"] == case_id]


def test_from_the_application_to_the_bescheid(demo: Demo, portal: Portal, inbox: Inbox) -> None:
    hook = portal.call("webhook_set", {"name": "weg"}, body={"url": inbox.url})
    inbox.secret = hook.json()["secret"]
    way = Way(portal, "Wegner", multipart=True)
    assert way.told["status"] == "eingegangen"

    seen = until(lambda: _filed(way), "nicht angelegt")
    assert (seen["status"], seen["version"], seen["open_information_request"]) == ("eingegangen", 1, None)
    assert portal.status(way.case_id) == (seen, False), "304"
    receipt, text = way.letter(1)
    assert (receipt["kind"], way.case_id in text) == ("receipt", True)

    with Person(demo.url, "wanda.wohngeld", PASSWORD) as wanda:
        _take_up_and_ask(wanda, way)
        _answer(portal, wanda, way)
        _decide(demo, wanda, way)
    _ends(portal, way, inbox)
    heard = everything_heard(portal) + b"".join(inbox.raw).decode()
    assert way.case_id in heard and "bewilligen 287 Euro" in heard, "auch die PDF sind durchsucht"
    said = [re.search(rf".{{0,60}}\b{name}\b.{{0,60}}", heard, re.IGNORECASE) for name in NAMES]
    assert not [found[0] for found in said if found]
    portal.call("webhook_remove", {"name": "weg"})


def _filed(way: Way) -> Json | None:
    now, _ = way.portal.status(way.case_id)
    return now if now["file_reference"] else None


def _take_up_and_ask(wanda: Person, way: Way) -> None:
    wanda.open(f"/vorgaenge/{way.case_id}/")
    wanda.press("Prüfung beginnen")
    seen = way.sees("in_pruefung")
    assert (seen["version"], seen["external"]["zbp"]) == (2, "PROCESSING")
    wanda.follow("Nachforderung")
    wanda.follow("Nachweise über das Einkommen")
    keys = wanda.page.xpath("//input[@name='items']/@value")[:2]
    wanda.press("Nachforderung erstellen", items=keys)
    seen = way.sees("nachforderung")
    asked = seen["open_information_request"]
    assert [item["key"] for item in asked["items"]] == keys
    assert date.fromisoformat(asked["due"]) > date.today()
    assert "einreichen" in seen["public_note"] or "reichen" in seen["public_note"]
    message, text = way.letter(2)
    assert message["kind"] == "information_request"
    assert way.case_id in text and f"{date.fromisoformat(asked['due']):%d.%m.%Y}".lstrip("0") in unpadded(text)
    for item in asked["items"]:
        assert item["title"] in text


def unpadded(text: str) -> str:
    """Dates with month names as numbers, so that a day is found however a letter writes it."""
    for number, month in enumerate(MONTHS, 1):
        text = text.replace(f". {month} ", f".{number:02d}.")
    return text


def _answer(portal: Portal, wanda: Person, way: Way) -> None:
    """One item now, the other later, by JSON and by multipart; what is sent twice arrives once.

    That something has come for an item does not yet make it accepted: a person says so.
    """
    asked = way.sees("nachforderung")["open_information_request"]
    first, second = (item["key"] for item in asked["items"])
    key = f"antwort-{way.case_id}"
    papers = {first: File(f"{first}.pdf", paper(f"{first} {way.case_id}"))}
    once = portal.answer(way.case_id, asked, papers, key=key)
    assert portal.answer(way.case_id, asked, papers, key=key) == once
    until(lambda: portal.status(way.case_id)[0]["version"] == 4, "die Antwort ist nicht zugeordnet")
    wanda.open(f"/vorgaenge/{way.case_id}/")
    wanda.press("Häkchen speichern", items=[first])
    assert "1 von 2 Punkten fehlen noch" in wanda.text
    left = portal.status(way.case_id)[0]["open_information_request"]
    assert [item["key"] for item in left["items"]] == [second]
    papers = {second: File(f"{second}.pdf", paper(f"{second} {way.case_id}"))}
    portal.answer(way.case_id, left, papers, multipart=True, text="Das ist alles.")
    assert way.sees("in_pruefung")["open_information_request"] is None


def _decide(demo: Demo, wanda: Person, way: Way) -> None:
    """One drafts, another releases; the letter is sent. Nothing is told before the release."""
    wanda.open(f"/vorgaenge/{way.case_id}/")
    wanda.follow("Bescheid entwerfen")
    typed = {"operative_part": "Wir bewilligen 287 Euro im Monat.", "reasoning": "Das ergibt die Rechnung."}
    wanda.press("Speichern und zur Freigabe", outcome="bewilligt", **typed)
    before = way.sees("in_pruefung")["version"]
    with Person(demo.url, "willi.wohngeld", PASSWORD) as willi:
        willi.open(wanda.at)
        field = willi.page.xpath("//form[.//button]//input[@type='checkbox']/@name")[0]
        willi.press("Freigeben", **{field: "on"})
        seen = way.sees("entschieden")
        assert seen["version"] == before + 1, "vom Entwurf sieht niemand etwas"
        willi.open(f"/vorgaenge/{way.case_id}/")
        willi.follow("Versandt am")
        willi.press("Als versandt vermerken")
    assert seen["external"]["zbp"] == "COMPLETED"
    assert seen["outcome"] is None, "das Wohngeld veröffentlicht kein Ergebnis"
    message, text = way.letter(3)
    assert message["kind"] == "decision"
    assert way.case_id in text and "287 Euro" in text and "Ida Wegner" in text


def _ends(portal: Portal, way: Way, inbox: Inbox) -> None:
    steps = [("receipt", 0), ("status", 1), ("status", 2), ("information_request", 3)]
    told_by_feed = kinds_of(portal, way.case_id)
    assert told_by_feed[:4] == steps
    assert [version for _, version in told_by_feed] == list(range(len(told_by_feed)))
    assert ("decision", told_by_feed[-1][1]) in told_by_feed
    assert list(portal.changes()) == [], "der Cursor wiederholt nichts"
    heard = [told(inbox.next()) for _ in told_by_feed]
    mine = [(kind, version) for case_id, kind, version in heard if case_id == way.case_id]
    assert mine == told_by_feed
    assert inbox.refused == 0
    with pytest.raises(Refused) as refusal:
        portal.withdraw(way.case_id)
    assert (refusal.value.status, refusal.value.code) == (409, "already_decided")


def test_an_application_is_withdrawn(portal: Portal) -> None:
    way = Way(portal, "Zurück")
    until(lambda: _filed(way), "nicht angelegt")
    portal.withdraw(way.case_id, "Ich ziehe um.")
    assert way.sees("entschieden")["open_information_request"] is None


def test_by_hand_at_the_command_line(demo: Demo, portal: Portal) -> None:
    assert stat.S_IMODE(demo.token_file.stat().st_mode) == 0o600
    assert "Den Weg der Bürgerin ausprobieren: uv run python -m tests.portal apply" in demo.log.read_text()
    case_id = demo.portal("apply", "wohngeld").splitlines()[0].rpartition(" ")[2]
    until(lambda: portal.status(case_id)[0]["file_reference"], "nicht angelegt")
    assert f"{case_id}   wohngeld   Aktenzeichen 50.2-" in demo.portal("status")
    assert "Eingangsbestätigung" in demo.portal("read")
    assert (demo.data / "demo" / "post" / case_id / "1.pdf").read_bytes().startswith(b"%PDF")
    with Person(demo.url, "wanda.wohngeld", PASSWORD) as wanda:
        wanda.open(f"/vorgaenge/{case_id}/nachforderung/?vorlage=")
        wanda.press("Nachforderung erstellen", title="Nachweis", more="Mietvertrag", text="Bitte reichen Sie nach:")
    assert "Mietvertrag" in demo.portal("status", case_id)
    assert "Beantwortet: Mietvertrag" in demo.portal("answer")
    until(lambda: portal.status(case_id)[0]["status"] == "in_pruefung", "nicht beantwortet")
    demo.portal("withdraw")
    until(lambda: portal.status(case_id)[0]["status"] == "entschieden", "nicht zurückgenommen")
    lines = [line for line in demo.portal("follow", "--rounds", "1").splitlines() if case_id in line]
    assert len(lines) == 5 and "(entschieden)" in lines[-1]
