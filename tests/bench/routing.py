"""What it costs to route a message, by the number of rules: ``uv run python tests/bench/routing.py [--json]``.

Routing is asking the rules in force, as the pipeline does: is their stamp still the same, what does the message say,
which rule fits. Rounds alternate between few and many rules; printed are medians. And the trial run of a draft on
5,000 stored messages with 1,000 rules.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from base import ms, run, timed

SIZES = (10, 100, 1_000, 10_000)
WORDS = (
    "Gewerbe",
    "Klage",
    "Bauantrag",
    "Unterhalt",
    "Sorge",
    "Betreuung",
    "Hundesteuer",
    "Parken",
    "Gaststätte",
    "Lärm",
)
STORED = 5_000
TRIAL_RULES = 1_000


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All figures."""
    from tests import factories

    factories.rule("Gewerbe")
    for _ in range(5):
        factories.processed()  # caches are warm
    intake = [timed(lambda: factories.processed(foreign=f"{time.monotonic_ns()} K 1/26")) for _ in range(40)]
    per_rules = _routing(options.rounds)
    share = {"intake_ms": ms(intake), "share_of_intake": round(per_rules[f"{SIZES[-1]}_rules_ms"] / ms(intake), 4)}
    return {"rounds": options.rounds, "routing": per_rules | share, "trial": _trial()}


def _routing(rounds: int) -> dict[str, Any]:
    """Ask rulebooks of different sizes about the same messages, in alternation."""
    from django.utils import timezone

    from routing import rulebook
    from routing.engine import Rules
    from routing.verdict import asked, by_rules

    books, dice = {size: Rules(_rules(size)) for size in SIZES}, random.Random(1)
    messages = [_facts(dice) for _ in range(200)]
    day = timezone.localdate()
    for size, book in books.items():  # each says the same as asking all
        assert all(_says(book, facts, day) for facts in messages[:20]), size

    def ask(book: Rules) -> Callable[[], None]:
        def work() -> None:
            for facts in messages:
                rulebook._stamp()
                by_rules(asked("egvp", facts), book, on=day)

        return work

    times: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(rounds):
        for size, book in books.items():
            times[size].append(timed(ask(book)) / len(messages))
    ratio = statistics.median(many / few for few, many in zip(times[SIZES[0]], times[SIZES[-1]], strict=True))
    built = timed(lambda: Rules(_rules(SIZES[-1])))
    figures = {f"{size}_rules_ms": round(statistics.median(each) * 1000, 4) for size, each in times.items()}
    return figures | {"most_to_fewest": round(ratio, 2), "compile_most_ms": round(built * 1000, 1)}


def _says(book: Any, facts: Any, day: Any) -> bool:
    """True when the compiled rules say the same as asking each of them."""
    from cases.conditions import is_met
    from routing.verdict import asked

    message = asked("egvp", facts)
    found = [rule for rule in book.rules if all(is_met(condition, message.values) for condition in rule.parsed)]
    best = [rule for rule in found if rule.rank == found[0].rank]
    outcome = book.decide(message, on=day)
    said = [outcome.winner.rule] if outcome.winner else [evaluation.rule for evaluation in outcome.tied]
    return said == best


def _rules(count: int) -> list[Any]:
    """Half ask for equality in one or two fields, a third for words, a fifth for patterns; as people write them."""
    from cases.conditions import Condition
    from routing.models import Rule
    from tests import factories

    service, dice = factories.service(), random.Random(count)
    rules = []
    for number in range(count):
        kind, word = dice.random(), dice.choice(WORDS)
        if kind < 0.5:
            when = [Condition("sender_code", "is", f"D{number:05}"), Condition("document_role", "is", "klage")]
        elif kind < 0.8:
            when = [Condition("subject", "contains", f"{word} {number}"), Condition("channel", "is", "egvp")]
        else:
            when = [Condition("subject", "matches", rf"{word}.* {number}/\d\d")]
        rule = Rule(pk=number + 1, rank=number + 1, name=f"Regel {number}", version=1, service=service)
        rule.conditions = [condition.as_json() for condition in when[: dice.choice([1, 2])]]
        rules.append(rule)
    return rules


def _facts(dice: random.Random) -> Any:
    """A message of a court: half of them fit a rule."""
    from intake.facts import Correspondent, DocumentFacts, Facts

    subject = f"{dice.choice(WORDS)} {dice.randrange(10_000)} wegen {dice.choice(WORDS)} {dice.randrange(10_000)}/26"
    return Facts(
        standard="xjustiz",
        message_type="0005005",
        sender=Correspondent("Verwaltungsgericht", f"D{dice.randrange(12_000):05}"),
        subject=subject,
        foreign_reference=f"{dice.randrange(30)} K {dice.randrange(999)}/26",
        documents=[DocumentFacts("a.pdf", role="klage", title=subject), DocumentFacts("b.pdf", title="Anlage")],
    )


def _trial() -> dict[str, Any]:
    """A draft against stored messages: 1,000 rules before, one changed and one new after."""
    from django.utils import timezone

    from routing import trial
    from routing.engine import Rules
    from routing.models import Rule

    _store(STORED)
    before = _rules(TRIAL_RULES)
    new = Rule(pk=-1, rank=1, name="neu", version=1, service=before[0].service)
    new.conditions, new.from_change = [{"field": "subject", "operator": "contains", "value": "Gewerbe"}], 1
    book, after = Rules(before), Rules([new, *before])
    result = {}
    seconds = timed(lambda: result.update(trial=trial.compare(book, after, on=timezone.localdate(), limit=STORED)))
    found = result["trial"]
    return {
        "messages": found.asked,
        "rules": len(book),
        "differences": len(found.differences),
        "seconds": round(seconds, 2),
        "ms_per_message": round(seconds * 1000 / found.asked, 3),
    }


def _store(count: int) -> None:
    """So many messages for which the rules were asked, as they lie in the database."""
    from django.utils import timezone

    from cases import numbers
    from cases.models import CaseNumber
    from intake.models import Submission
    from routing.models import RoutingDecision

    dice = random.Random(2)
    drawn = {numbers.draw() for _ in range(count)}
    ids = CaseNumber.objects.bulk_create(CaseNumber(public_id=each) for each in drawn)
    stored = Submission.objects.bulk_create(
        Submission(
            channel="egvp",
            external_id=f"bench-{n}",
            received_at=timezone.now(),
            number=number,
            state="exception",
            facts=_facts(dice).as_json(),
        )
        for n, number in enumerate(ids)
    )
    RoutingDecision.objects.bulk_create(RoutingDecision(submission=each, actor="", mode="rule") for each in stored)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=9)
    run(measure, arguments)
