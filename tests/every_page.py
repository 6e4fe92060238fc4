"""Every page of the house and how to open it, in a town where all is there (``full``) or hardly anything.

A named address without an entry fails ``test_every_page``: a new page is tested from its first day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from audit.acting import Actor, acting
from cases import actions
from cases.models import Case, DeadlineKind, Decision, Document, InformationRequest, Notice, Remedy, Role, User
from intake.api.pages import KINDS
from intake.models import Submission
from returnchannel.actions.court import note_receipt
from routing.actions import clearing, drafts, handling
from routing.models import ExceptionEntry, Rule, RuleDraft
from tests import factories as make
from tests.returnchannel.courts import demand


class Town:
    """People of the Rechtsamt and the Poststelle, with Vorgänge in every state when ``full``, else the bare minimum."""

    def __init__(self, *, full: bool) -> None:
        self.full = full
        post = make.team("poststelle", name="Poststelle", is_clearing=True)
        self.unit = make.team("rechtsamt", name="Rechtsamt")
        self.chief: User = make.lead(post, username="petra.post", first_name="Petra", last_name="Sönnichsen")
        actions.set_membership(user=self.chief, role=Role.LEAD, unit=self.unit, by=make.SYSTEM)
        self.stranger: User = make.user(username="fremd", first_name="Fred", last_name="Neuling")
        self.colleague: User = make.user(self.unit, username="kim", first_name="Kim", last_name="Später")
        self.by, self.other = Actor.of(self.chief), Actor.of(self.colleague)
        self.case: Case = make.application_case(self.unit)
        if full:
            self._fill(post)

    def _fill(self, post: Any) -> None:
        self.rule = make.rule("Gewerbe", unit=self.unit, name="Gewerberecht")
        self._draw_rules_up()
        self.processed: Case = make.processed(subject="Klage wegen Gewerbeuntersagung", foreign="1 K 1/26").case
        long_word = "Ein sehr langes Wort: " + "Donaudampfschifffahrtsgesellschaft" * 3
        urgent = make.case(self.unit, subject=long_word, is_urgent=True)
        self.entry = make.entry(post, subject=f"Zu {self.processed.public_id} und {urgent.public_id}", foreign="4 K 4")
        make.entry(post, files=make.container(files=("Klage.pdf", "fehlt.pdf"), foreign="3 K"))
        self._fill_queue(post)
        self._write_with_court()
        self._solve(post)
        self.document = make.document(self.case, title="Antrag", role=Document.Role.APPLICATION, eeb_required=True)
        self.request: InformationRequest = make.information_request(self.case, self.chief)
        self.dispatch = self.request.dispatches.get()
        told = {"kind": Notice.Kind.INTERIM, "subject": "Stand", "text": "Es dauert noch."}
        self.notice = actions.send_notice(case=self.case, by=self.by, **told)
        self.sent = make.posted(make.information_request(self.case, self.chief, title="Zweite"), self.chief)[0]
        self.note = actions.write_note(case=self.case, text="Angerufen, niemand erreicht.", by=self.by)
        tomorrow = make.tomorrow()
        self.follow_up = actions.set_follow_up(case=self.case, due_on=tomorrow, by=self.by, user=self.chief)
        self.draft: Decision = make.draft(make.application_case(self.unit), self.colleague)
        decided = make.draft(make.application_case(self.unit), self.colleague)
        self.decision = actions.release_decision(decision=decided, revision=decided.revision, by=self.by)
        make.posted(self.decision, self.chief)
        kind = Remedy.Kind.OBJECTION
        today = timezone.localdate()
        self.remedy = actions.register_remedy(decision=self.decision, kind=kind, filed_on=today, by=self.by)
        self.view = actions.save_view(name="Eilige", query="", by=self.by)
        make.cover(self.colleague, self.chief)

    def _write_with_court(self) -> None:
        """A court asks for an Empfangsbekenntnis; another was not accepted on its way."""
        make.rule("Zustellung", unit=self.unit, name="Zustellungen")
        self.asked = demand(foreign="21 K 21/26", own="Ohne")
        also = demand(foreign="22 K 22/26", own="Ohne", message_id="00000000-0000-4000-8000-0000000000aa")
        self.refused = note_receipt(submission=also, on=timezone.localdate(), by=self.by)
        with acting(make.SYSTEM, "test"):
            self.refused.state, self.refused.error = "refused", "Das Postfach ist voll."
            self.refused.save()

    def _draw_rules_up(self) -> None:
        """A draft of every kind of change, of a rule that has changed since; and one that was discarded."""
        self.rules = make.rule_draft(self.chief, make.rule_values("Hund", unit=self.unit), name="Hunde zu uns")
        drafts.change_rule(draft=self.rules, rule=self.rule, by=self.by)
        self.rule = make.rule("Gewerbe|Gaststätte", unit=self.unit, name="Gewerberecht", owner=self.chief)
        drafts.retire_rule(draft=self.rules, rule=make.rule("Alt", unit=self.unit, name="Altes"), by=self.by)
        drafts.discard_draft(draft=make.rule_draft(self.chief, name="Doch nicht"), by=self.by)

    def _solve(self, post: Any) -> None:
        """Klärfälle from which a rule may come, another that speaks against it, and a Vorgang to be moved."""
        for number in range(4):
            entry = make.entry(post, subject=f"Hundesteuer {number}", foreign=f"8{number} K 8/26")
            unit = self.unit if number < 3 else post
            clearing.open_new_case(entry=entry, service=make.service(), unit=unit, by=self.by)
        make.rule("Katze", unit=self.unit, name="Katzen")
        make.processed(subject="Katze", foreign="9 K 9/26")
        make.rule("Katze", unit=post, rank=1, name="Katzen zur Poststelle")

    def _fill_queue(self, post: Any) -> None:
        """Klärfälle that somebody works on, that are parked, escalated, asked about, and many of one cause."""
        same = [make.entry(post, court="D1111") for _ in range(7)]
        handling.claim(entry=same[0], by=self.by)
        handling.escalate(entry=same[1])
        handling.ask(entry=same[2], unit=self.unit, text="Gehört das zu Ihnen?", by=self.by)
        answered = handling.ask(entry=self.entry, unit=self.unit, text="Und das hier?", by=self.by)
        handling.answer(question=answered, text="Ja, das ist unser Verfahren.", by=self.other)
        handling.park(entry=make.entry(post, court="D2222"), until=make.tomorrow(7), by=self.by)
        handling.escalate(entry=self.entry)
        pia = make.lead(post, username="pia", first_name="Pia", last_name="Übernommen")
        handling.claim(entry=self.entry, by=Actor.of(pia))

    def of(self, name: str, *arguments: Any) -> str:
        """An address below the Vorgang."""
        return reverse(name, args=[self.case.public_id, *arguments])


Opening = Callable[[Town], list[str]]


def _plain(name: str, *queries: str) -> Opening:
    return lambda town: [reverse(name) + query for query in queries or ("",)]


def _of_case(name: str, *arguments: Any) -> Opening:
    return lambda town: [town.of(name, *arguments)]


def _full(opening: Opening) -> Opening:
    """Only there when there is something."""
    return lambda town: opening(town) if town.full else []


def _at(submission: Submission, name: str, *arguments: Any) -> str:
    """An address below the Vorgang of an Eingang."""
    return reverse(name, args=[submission.case.public_id, *arguments])


def _decision(name: str, which: str) -> Opening:
    def opening(town: Town) -> list[str]:
        decision: Decision = getattr(town, which)
        rest = [] if which == "draft" else [decision.number]
        return [reverse(name, args=[decision.case.public_id, *rest])]

    return _full(opening)


def _deadline(name: str) -> Opening:
    """About the processing target, which every application has."""
    return lambda town: [town.of(name, town.case.deadlines.get(kind=DeadlineKind.PROCESSING).pk)]


def _of_draft(name: str) -> Opening:
    return _full(lambda town: [reverse(name, args=[town.rules.pk])])


CALCULATED = "?event=posted&on=2026-11-24&unit=remedy&regime=vwvfg&land=NW"

# the name of an address → the pages that it has in a town
PAGES: dict[str, Opening] = {
    "worklist": _plain("worklist", "", "?text=gibtesnicht"),
    "deadline-calculator": _plain(
        "deadline-calculator", "", "?event=posted&on=2026-11-24&unit=remedy&regime=vwvfg&land=NW"
    ),
    "saved-views": _plain("saved-views"),
    "account": _plain("account"),
    "account-password": _plain("account-password"),
    "accessibility": _plain("accessibility"),
    "help": _plain("help", "", "?suche=frist", "?suche=gibtesnicht"),
    "help-chapter": lambda town: [reverse("help-chapter", args=[slug]) for slug in ("vorgang", "klaerung")],
    "login": _plain("login"),
    "logout": _plain("logout"),
    "record": _plain("record"),
    "deliveries": _plain("deliveries"),
    "clearing": _plain("clearing", "", "?state=parked", "?state=escalated", "?age=tage"),
    "clearing-entry": _full(lambda town: [reverse("clearing-entry", args=[town.entry.pk])]),
    "clearing-original": _full(
        lambda town: [
            reverse("clearing-original", args=[town.entry.pk, file.pk])
            for file in town.entry.submission.files.filter(name__endswith=".xml")
        ]
    ),
    "rules": _plain("rules", "", "?state=alle", "?text=gibtesnicht"),
    "rule": _full(
        lambda town: [reverse("rule", args=[each.pk]) for each in (town.rule, Rule.objects.exclude(package="")[0])]
    ),
    "drafts": _plain("drafts"),
    "rerouting": _plain("rerouting"),
    "clearing-solved": _plain("clearing-solved"),
    "clearing-proposal": _full(
        lambda town: [
            reverse("clearing-proposal", query={"eintrag": each.pk})
            for each in ExceptionEntry.objects.filter(resolution="new_case")
        ]
    ),
    "draft": _full(lambda town: [reverse("draft", args=[each.pk]) for each in RuleDraft.objects.all()]),
    "draft-add": _of_draft("draft-add"),
    "draft-change": _full(
        lambda town: [
            reverse("draft-change", args=[town.rules.pk, each.pk]) for each in town.rules.changes.exclude(kind="retire")
        ]
    ),
    "draft-trial": _of_draft("draft-trial"),
    "api-docs": _plain("api-docs"),
    "problem": lambda town: [reverse("problem", args=[sorted(KINDS)[0]])],
    "case": lambda town: (
        [town.of("case")]
        + [
            reverse("case", args=[each.public_id])
            for each in (town.draft.case, town.decision.case, town.processed, town.asked.case, town.refused.case)
        ]
        if town.full
        else [town.of("case")]
    ),
    "case-application": _of_case("case-application"),
    "case-history": _of_case("case-history"),
    "case-assign": _of_case("case-assign"),
    "case-protect": _of_case("case-protect"),
    "case-hand-over": _of_case("case-hand-over"),
    "case-close": _of_case("case-close"),
    "case-reopen": _full(lambda town: [reverse("case-reopen", args=[town.decision.case.public_id])]),
    "case-request": lambda town: [town.of("case-request"), town.of("case-request") + "?vorlage="],
    "request-extend": _full(lambda town: [town.of("request-extend", town.request.number)]),
    "request-withdraw": _full(lambda town: [town.of("request-withdraw", town.request.number)]),
    "case-notice": _of_case("case-notice"),
    "case-note": _of_case("case-note"),
    "note-change": _full(lambda town: [town.of("note-change", town.note.pk)]),
    "dispatch-sent": _full(lambda town: [town.of("dispatch-sent", town.dispatch.pk)]),
    "dispatch-withhold": _full(lambda town: [town.of("dispatch-withhold", town.notice.dispatches.get().pk)]),
    "dispatch-delivered": _full(lambda town: [town.of("dispatch-delivered", town.sent.pk)]),
    "case-upload": _of_case("case-upload"),
    "receipt-give": _full(lambda town: [_at(town.asked, "receipt-give", town.asked.pk)]),
    "court-send": _full(lambda town: [_at(town.asked, "court-send")]),
    "court-by-hand": _full(lambda town: [_at(town.refused.submission, "court-by-hand", town.refused.pk)]),
    "document-describe": _full(lambda town: [town.of("document-describe", town.document.number)]),
    "document-move": _full(lambda town: [town.of("document-move", town.document.number)]),
    "party-add": _of_case("party-add"),
    "party-change": lambda town: [town.of("party-change", town.case.parties.first().pk)],
    "decision-draft": lambda town: [
        reverse("decision-draft", args=[(town.draft.case if town.full else town.case).public_id])
    ],
    "decision-release": _decision("decision-release", "draft"),
    "decision-discard": _decision("decision-discard", "draft"),
    "deadline-new": _of_case("deadline-new"),
    "deadline-extend": _deadline("deadline-extend"),
    "deadline-settle": _deadline("deadline-settle"),
    "deadline-cancel": _deadline("deadline-cancel"),
    "decision-withdraw": _decision("decision-withdraw", "decision"),
    "remedy-register": _decision("remedy-register", "decision"),
    "remedy-settle": _full(
        lambda town: [reverse("remedy-settle", args=[town.decision.case.public_id, town.remedy.pk])]
    ),
}
FOR_ANYBODY = {"login", "accessibility", "problem", "api-docs"}  # without logging in
ERRORS = ["/gibt-es-nicht/", "/verwaltung/login/"]  # pages without a name: not found, refused

# what is sent there is a step; its address shows nothing, or leads back
STEPS = {
    "assign-undo", "bulk", "case-arrived", "case-neighbour", "case-take", "case-take-up", "clearing-answer",
    "clearing-bulk", "clearing-clear", "court-again", "cover-end", "covers", "decision-final", "delivery-step",
    "draft-discard", "draft-seen", "draft-take-back", "follow-up", "follow-up-done", "next-case", "own-matter",
    "preferences", "request-expire", "request-items", "request-remind", "rule-into-draft", "saved-view", "session",
    "take-back", "webhook-step",
}  # fmt: skip
# files, fragments and interfaces: no pages
NO_PAGES = {
    "api-case", "api-changes", "api-message-document", "api-messages", "api-responses", "api-schema",
    "api-status-reports", "api-submissions", "api-webhook", "api-withdrawal", "case-file", "case-presence",
    "clearing-file", "clearing-presence", "clearing-question-file", "decision-preview", "draft-trial-file",
    "health-live", "health-ready", "submission-file",
}  # fmt: skip


def named_addresses() -> Iterator[str]:
    """The names of all addresses of our own rooms."""

    def walk(resolver: Any) -> Iterator[str]:
        for each in resolver.url_patterns:
            if isinstance(each, URLResolver):
                if not each.namespace:
                    yield from walk(each)
            elif each.name:
                yield each.name

    yield from walk(get_resolver())
