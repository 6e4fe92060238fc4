"""The gate: everything that comes from outside passes here before anybody looks inside.

A message is untrusted input. The gate decides, before a parser or an archive reader gets to work,
whether its content may be opened at all (``reference/message-standards.md`` section 7). What the gate
refuses is still *kept*: a refusal is an exception that carries a blocking Finding, and the caller
files it on the message. Nothing that arrives is ever thrown away for what it holds.
"""

from __future__ import annotations

from intake.findings import Finding


class Refused(Exception):
    """Content that must not be opened.

    ``finding`` says in German why, and what to do; it is always blocking.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding
