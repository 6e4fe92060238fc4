"""A matter whose letters go out, and the print shop beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from audit.acting import Actor
from cases import actions
from cases.models import Case, Decision, Dispatch, InformationRequest, Notice, User
from intake.models import Submission
from returnchannel import printing, tasks
from returnchannel.models import Delivery
from tests import factories as make
from tests.intake.portal_client import PortalClient

TO_PORTAL = {"portal": True}
TO_PORTAL_ALL = {"portal": {"decisions": True}}
BY_MAIL = {"eMail": {"address": "erika@example.org"}}


class Applied:
    """An application by a portal, filed, and who works on it. ``reply`` is its ``reply_channel``."""

    def __init__(self, reply: Any = None, slug: str = "bewohnerparkausweis") -> None:
        make.service(slug)
        self.portal = PortalClient()
        more = {} if reply is None else {"reply_channel": reply}
        self.submission: Submission = self.portal.submitted(make.application(slug, **more))
        self.person: User = make.user(self.submission.case.unit)
        self.by = Actor.of(self.person)
        actions.take_up(case=self.case, by=self.by)

    @property
    def case(self) -> Case:
        """The Vorgang as it is now."""
        return Case.objects.get(pk=self.submission.case_id)

    def notice(self, **values: Any) -> Dispatch:
        """A Mitteilung; its letter as it is now."""
        told = {"kind": Notice.Kind.INTERIM, "subject": "Stand", "text": "Es dauert noch."} | values
        return actions.send_notice(case=self.case, by=self.by, **told).dispatches.get()

    def asked(self, **values: Any) -> InformationRequest:
        """A Nachforderung."""
        return make.information_request(self.case, self.person, **({"consequence": ""} | values))

    def decided(self, **values: Any) -> Decision:
        """A released Bescheid."""
        draft = make.draft(self.case, self.person, **values)
        return actions.release_decision(decision=draft, revision=draft.revision, by=self.by)

    def messages(self) -> list[dict[str, Any]]:
        """What the portal shows, but for the receipt."""
        return self.portal.get(f"/api/v1/cases/{self.case.public_id}/messages").json()["messages"][1:]

    def fetch(self, n: int = 2) -> Any:
        """The portal fetches the PDF of a message."""
        answer = self.portal.get(f"/api/v1/cases/{self.case.public_id}/messages/{n}/document")
        if answer.streaming:
            assert b"".join(answer.streaming_content).startswith(b"%PDF-")
        return answer


def ways_of(dispatch: Dispatch) -> dict[str, str]:
    """The state of each way of a letter."""
    return dict(Delivery.objects.filter(dispatch=dispatch).values_list("channel", "state"))


def fresh(dispatch: Dispatch) -> Dispatch:
    """As it is now."""
    return Dispatch.objects.get(pk=dispatch.pk)


class PrintShop:
    """Takes letters from the folder, and answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """What may be taken."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def control(self) -> dict[str, Any]:
        """The only control file."""
        (path,) = self.folder.glob("*.json")
        return json.loads(path.read_text())

    def take(self) -> str:
        """Take the only letter that is there; its name."""
        (name,) = self.names()
        (self.folder / f"{name}.json").rename(self.folder / f"{name}.in-arbeit")
        return name

    def answer(self, suffix: str, text: str = "", name: str = "") -> None:
        """Take the letter and answer; the house reads it."""
        name = name or self.take()
        (self.folder / f"{name}.{suffix}").write_text(text)
        printing.read_back()


def send_all() -> int:
    """Send what is due."""
    return tasks.send_due()
