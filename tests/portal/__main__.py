"""``python -m tests.portal``: the citizen's side by hand, at the demonstration or at any Laufmappe.

The demonstration leaves address and token in ``DATA_DIR/demo/portal.json``; what was applied for is kept beside it.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import itertools
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from tests.portal import pages
from tests.portal.client import File, Portal, Refused
from tests.portal.description import NotAsDescribed
from tests.portal.paper import paper

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
FIRST = ("Amira", "Bela", "Cem", "Dorothea", "Enno", "Farida", "Gesine", "Hakan")
LAST = ("Adler", "Bergmann", "Çelik", "Dąbrowski", "Ebeling", "Farahani", "Gröger", "Hansen")
PAUSE = 2  # seconds between two looks at the feed


class Citizen:
    """What is done at the portal, and what is printed of it."""

    def __init__(self, portal: Portal, memory: Path) -> None:
        self.portal, self._memory = portal, memory
        self._owner = hashlib.sha256(portal.token.encode()).hexdigest()[:16]
        known = json.loads(memory.read_text()) if memory.exists() else {}
        self.applied: list[str] = known.get("applied", []) if known.get("owner") == self._owner else []

    def apply(self, service: str) -> None:
        """Hand the application over that the description has as its example, as somebody else each time."""
        examples = self.portal.described.examples("submit")
        if service not in examples:
            raise SystemExit(f"Kein Beispiel für „{service}“ in der Beschreibung; es gibt: {', '.join(examples)}.")
        application = copy.deepcopy(examples[service])
        person = application["data"]["applicant"]
        person["first_name"], person["last_name"] = random.choice(FIRST), random.choice(LAST)
        enclosed = File("mietvertrag.pdf", paper(f"Mietvertrag von {person['first_name']} {person['last_name']}"))
        told = self.portal.apply(application, [enclosed], multipart=True)
        self.applied.append(told["case_id"])
        self._remember()
        print(f"Antrag von {person['first_name']} {person['last_name']} übergeben: {told['case_id']}")
        print(f"Eingegangen am {pages.moment(told['received_at'])}")

    def status(self, case_id: str) -> None:
        """Show where it stands."""
        status, _ = self.portal.status(case_id)
        print("\n".join(pages.page(status, self.portal.messages(case_id))))

    def read(self, case_id: str) -> None:
        """Show what was written, and lay the PDFs into a folder."""
        folder = self._memory.parent / "post" / case_id
        folder.mkdir(parents=True, exist_ok=True)
        for message in self.portal.messages(case_id):
            print(f"{message['n']}. {message['title']} vom {pages.moment(message['at'])}")
            print("\n".join(pages.folded(message["text"])))
            if message["has_document"]:
                path = folder / f"{message['n']}.pdf"
                path.write_bytes(self.portal.document(case_id, message["n"]))
                print(f"  → {path}")

    def answer(self, case_id: str, files: list[str]) -> None:
        """Send something for each item that is asked for: these files in their order, else a made-up paper."""
        request = self.portal.status(case_id)[0]["open_information_request"]
        if request is None:
            raise SystemExit("Es ist gerade nichts nachgefordert.")
        given, papers = iter(map(Path, files)), {}
        for item in request["items"]:
            path = next(given, None)
            name = path.name if path else f"{item['key']}.pdf"
            papers[item["key"]] = File(name, path.read_bytes() if path else paper(f"{item['title']}, {case_id}"))
        self.portal.answer(case_id, request, papers)
        print(f"Beantwortet: {', '.join(item['title'] for item in request['items'])}")

    def withdraw(self, case_id: str) -> None:
        """Take it back."""
        self.portal.withdraw(case_id)
        print(f"Die Rücknahme von {case_id} ist eingegangen.")

    def follow(self, rounds: int | None) -> None:
        """Print what changes, until Ctrl+C (or so many times)."""
        for number in itertools.count(1):
            for change in self.portal.changes():
                print(pages.change(change), flush=True)
            if number == rounds:
                return
            time.sleep(PAUSE)

    def _remember(self) -> None:
        self._memory.parent.mkdir(parents=True, exist_ok=True)
        self._memory.write_text(json.dumps({"owner": self._owner, "applied": self.applied}))


def arguments() -> argparse.Namespace:
    """What was typed."""
    parser = argparse.ArgumentParser(prog="python -m tests.portal", description="Die Seite der Bürgerin.")
    parser.add_argument("--url", help="Adresse der Behörde (sonst die der Vorführung)")
    parser.add_argument("--token", help="Token des Zugangs (sonst das der Vorführung)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="BEFEHL")
    apply = commands.add_parser("apply", help="einen Antrag stellen")
    apply.add_argument("service", nargs="?", default="wohngeld", help="Kürzel der Leistung (wohngeld)")
    for name, what in (
        ("status", "zeigen, wie es steht"),
        ("read", "lesen, was die Behörde geschrieben hat, und die PDF ablegen"),
        ("answer", "die offene Nachforderung beantworten"),
        ("withdraw", "den Antrag zurücknehmen"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument("case_id", nargs="?", help="Vorgangs-ID (sonst die des letzten Antrags)")
        if name == "answer":
            command.add_argument("--file", action="append", default=[], help="eine Datei je Punkt (mehrfach möglich)")
    follow = commands.add_parser("follow", help="mitlesen, was sich ändert")
    follow.add_argument("--rounds", type=int, help="nur so oft nachsehen")
    return parser.parse_args()


def main() -> None:
    """Do it."""
    said = arguments()
    folder = Path(os.environ.get("DATA_DIR") or ROOT / ".laufmappe") / "demo"
    known = json.loads((folder / "portal.json").read_text()) if (folder / "portal.json").exists() else {}
    url, token = said.url or known.get("url"), said.token or known.get("token")
    if not (url and token):
        raise SystemExit("Bitte zuerst „uv run manage.py demo“ starten, oder --url und --token angeben.")
    with httpx.Client(base_url=url, timeout=60) as http:
        citizen = Citizen(Portal(http, token), folder / "portal_applications.json")
        if said.command == "apply":
            citizen.apply(said.service)
        elif said.command == "follow":
            citizen.follow(said.rounds)
        else:
            case_id = said.case_id or next(reversed(citizen.applied), None)
            if case_id is None:
                raise SystemExit("Noch kein Antrag gestellt; bitte zuerst „apply“, oder eine Vorgangs-ID angeben.")
            more = {"files": said.file} if said.command == "answer" else {}
            getattr(citizen, said.command)(case_id, **more)


if __name__ == "__main__":
    try:
        main()
    except Refused as problem:
        sys.exit(f"Die Behörde sagt nein: {problem.problem['detail']}")
    except NotAsDescribed as difference:
        sys.exit(f"Anders als beschrieben: {difference}")
    except httpx.TransportError as trouble:
        sys.exit(f"Die Behörde ist nicht zu erreichen ({trouble}). Läuft „uv run manage.py demo“?")
    except KeyboardInterrupt:
        sys.exit(0)
