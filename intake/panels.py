"""What this room shows on the page of a Vorgang: the Eingänge that it consists of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cases import panels
from cases.models import Case, User
from intake import presenting, selectors
from intake.facts import Facts
from intake.findings import Finding
from intake.models import Submission, SubmissionFile

IN_DATA = "/data"  # where the data of an application stand in its message


@dataclass(frozen=True)
class Arrival:
    """One Eingang of the Vorgang, as it is shown."""

    submission: Submission
    facts: Facts
    channel: str
    standard: str
    findings: list[Finding]
    rows: list[tuple[str, str]]
    files: list[SubmissionFile]


def arrivals(case: Case, user: User) -> dict[str, Any] | None:
    """The Eingänge of a Vorgang with findings and files (two queries); None when nothing has arrived for it."""
    found = [_arrival(submission) for submission in selectors.submissions_of(case)]
    return {"arrivals": found} if found else None


def _arrival(submission: Submission) -> Arrival:
    facts = Facts.from_json(submission.facts)
    return Arrival(
        submission=submission,
        facts=facts,
        channel=presenting.channel_label(submission.channel),
        standard=presenting.standard_label(facts),
        findings=presenting.findings(submission.findings),
        rows=presenting.message_rows(facts),
        files=list(submission.files.all()),
    )


def hints(case: Case, user: User) -> dict[str, Any] | None:
    """What is to be noticed of the Eingänge before working on the Vorgang (one query); None when nothing is."""
    rows = list(selectors.noticeable(case))
    found = [finding for row in rows if row.case_id == case.pk for finding in presenting.findings(row.findings)]
    repeated = sum(row.case_id != case.pk for row in rows)
    return {"findings": found, "repeated": repeated} if found or repeated else None


def remarks(case: Case) -> Iterator[tuple[str, str]]:
    """What was found in single values of the application data, with where they stand (one query)."""
    for submission in selectors.noticeable(case):
        for finding in presenting.findings(submission.findings):
            if submission.case_id == case.pk and finding.path.startswith(IN_DATA):
                yield finding.path.removeprefix(IN_DATA), finding.message


panels.register_remarks("intake", remarks)
panels.register("intake-hints", 10, hints, "intake/hints.html", part="work")
panels.register("intake", 10, arrivals, "intake/panel.html")
