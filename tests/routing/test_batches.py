"""Many messages in one transaction: the same comes of it as one by one, only faster."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from audit.ledger import Ledger
from audit.models import PersonDataVersion
from audit.registries import integrity
from cases.models import ApplicationData, Case, CaseNumber, Document, DocumentFile, ForeignReference, OrgUnit, Party
from intake import actions as intake
from intake.models import ApiClient, Submission
from intake.selectors import bytes_of
from routing import duplicates, pipeline, portal, recognition, relations, tasks
from routing.models import ExceptionEntry, RoutingDecision
from tests import factories as make

pytestmark = pytest.mark.django_db
State = Submission.State
TRACKED = (Case, Document, DocumentFile, ForeignReference, Party, ApplicationData, Submission, ExceptionEntry)


@dataclass(frozen=True)
class Letter:
    """One message: what it is to the one ``before`` places earlier, and which of three people it is about."""

    kind: str
    before: int = 1
    person: int = 0


KINDS = (
    "new", "new", "new", "new", "answer", "names_id", "names_file_reference", "repeats", "repeats_id", "newer_version",
    "nothing_fits", "broken", "incomplete", "applies", "applies_and_names_id", "in_the_text",
)  # fmt: skip
letters = st.builds(Letter, st.sampled_from(KINDS), st.integers(1, 4), st.integers(0, 2))


class Post:
    """Brings the same letters each time they are asked for."""

    def __init__(self, client: ApiClient, known: Case) -> None:
        self.client, self.known = client, known
        self.ids: list[int] = []
        self._said: list[dict[str, Any]] = []

    def receive(self, letters: Sequence[Letter]) -> list[int]:
        """Receive them all; the ids in the order of their arrival."""
        for number, letter in enumerate(letters):
            envelope = make.envelope(self._files(number, letter), **self._carrier(number, letter))
            client = self.client if letter.kind.startswith("applies") else None
            receipt = intake.receive(envelope, by=make.CHANNEL, defer=False, client=client)
            self.ids.append(receipt.submission.pk)
        return self.ids

    def _carrier(self, number: int, letter: Letter) -> dict[str, str]:
        channel = {"applies": "portal", "applies_and_names_id": "portal", "in_the_text": "eml"}.get(letter.kind, "egvp")
        return {"channel": channel, "external_id": f"m{number}"}

    def _files(self, number: int, letter: Letter) -> dict[str, bytes]:
        before = number - letter.before
        other = self._said[before] if before >= 0 else None
        said = {
            "foreign": f"{number} K {number}/26",
            "message_id": f"{number:08d}-1111-4000-8000-000000000000",
            "subject": "Klage wegen Gewerbe",
            "pdf": make.PDF + str(number).encode(),
            "document": f"{number:08d}-0000-4000-8000-000000000001",
        }
        match letter.kind:
            case "answer" if other:
                said["foreign"] = other["foreign"]
            case "names_id" if other:
                said["subject"] = f"Gewerbe, zu {self._number(before)}"
            case "names_file_reference":
                said["own"] = self.known.file_reference
            case "repeats" if other:
                said = dict(other)
            case "repeats_id" if other:
                said["message_id"] = other["message_id"]
            case "newer_version" if other:
                said |= {"foreign": other["foreign"], "document": other["document"]}
            case "nothing_fits":
                said["subject"] = "Grundsteuer"
        self._said.append(said)
        return self._written(number, letter, before, said)

    def _written(self, number: int, letter: Letter, before: int, said: dict[str, Any]) -> dict[str, bytes]:
        if letter.kind.startswith("applies"):
            body = make.example("wohngeld")
            body["data"]["applicant"]["last_name"] = f"Muster-{letter.person}"
            body["data"]["applicant"]["birth_date"] = f"198{letter.person}-02-17"
            body["data"]["remark"] = self._number(before) if letter.kind == "applies_and_names_id" else f"Nr. {number}"
            return {"submission.json": json.dumps(body).encode()}
        if letter.kind == "in_the_text":
            text = f"Gewerbe: zum Zeichen {said['foreign']} und {self.known.file_reference}"
            return {"attachments/brief.txt": f"{text} {number}".encode()}
        said = dict(said)
        pdf, document = said.pop("pdf"), said.pop("document")
        files = ("Klage.pdf", "Anlage.pdf") if letter.kind == "incomplete" else ("Klage.pdf",)
        xml = re.sub(
            rb"<tns:id>[^<]*</tns:id>", b"<tns:id>%s</tns:id>" % document.encode(), make.xjustiz(files=files, **said)
        )
        xml = b"<kaputt" if letter.kind == "broken" else xml
        return {"attachments/xjustiz_nachricht.xml": xml, "attachments/Klage.pdf": pdf}

    def _number(self, before: int) -> str:
        """The Vorgangs-ID that the sender of an earlier message was told at once."""
        if before < 0:
            return self.known.public_id
        return Submission.objects.select_related("number").get(pk=self.ids[before]).number.public_id


@dataclass
class Outcome:
    """All that has come of the letters, without what differs from run to run (keys, Vorgangs-IDs, times)."""

    matters: dict[str, Any]
    history: Counter
    versions: Counter
    file_references: int


def outcome(post: Post) -> Outcome:
    """Read everything from the database."""
    rows = Submission.objects.select_related("number", "case", "duplicate_of").in_bulk(post.ids)
    names = {post.known.public_id: "known", post.known.file_reference: "reference-known"}
    place = {pk: index for index, pk in enumerate(post.ids)}
    for pk in post.ids:
        names[rows[pk].number.public_id] = f"letter-{place[pk]}"
    for case in Case.objects.all():
        names[case.file_reference] = f"reference-{names[case.public_id]}"
    replace = re.compile("|".join(re.escape(name) for name in names))

    def plain(value: Any) -> str:
        return replace.sub(lambda found: names[found[0]], json.dumps(value, default=str, sort_keys=True))

    matters = {f"letter-{place[pk]}": _of_submission(rows[pk], place, plain) for pk in post.ids}
    matters |= {plain(case.public_id): _of_case(case, plain) for case in Case.objects.all()}
    matters["ids"] = sorted((plain(n.public_id), plain(n.case and n.case.public_id)) for n in CaseNumber.objects.all())
    fields = ("history_type", "history_user_id", "history_action", "history_reason", "history_source")
    history = Counter(
        (model.__name__, *map(plain, row)) for model in TRACKED for row in model.history.values_list(*fields)
    )
    versions = PersonDataVersion.objects.values_list("model", "actor", "history_action", "fields", "values")
    references = Case.objects.exclude(file_reference=None).values("file_reference").distinct().count()
    return Outcome(matters, history, Counter(tuple(map(plain, row)) for row in versions), references)


def _of_submission(row: Submission, place: dict[int, int], plain: Callable[[Any], str]) -> list[Any]:
    decisions = row.decisions.values_list(
        "mode", "actor", "rule_name", "rule_version", "explanation", "case__public_id"
    )
    entries = row.exceptions.values_list("reason", "subject", "details", "unit__slug", "resolution")
    stored = row.files.values_list("name", "document__number", "document__case__public_id")
    return [
        row.state,
        plain(row.case and row.case.public_id),
        place.get(row.duplicate_of_id),
        row.message_id,
        bool(row.content_key),
        row.is_side_channel,
        row.attempts,
        *(plain(each) for each in (row.findings, row.facts, list(decisions), list(entries), list(stored))),
    ]


def _of_case(case: Case, plain: Callable[[Any], str]) -> list[Any]:
    documents = case.documents.order_by("number").values_list("number", "role", "title", "source_id", "received_at")
    files = DocumentFile.objects.filter(document__case=case).order_by("document__number", "version", "file_name")
    parties = case.parties.values_list("role", "kind", "first_name", "last_name", "birth_date", "city")
    shown = [case.subject, case.status, case.received_at, case.unit.slug, case.version, case.service_version.number]
    return [
        plain(shown),
        plain(list(documents)),
        plain(list(files.values_list("document__number", "version", "file_name", "original_name", "blob_id", "part"))),
        plain(sorted(case.foreign_references.values_list("reference", "key", "holder"))),
        plain(sorted(parties, key=str)),
        plain(list(ApplicationData.objects.filter(case=case).values_list("data", flat=True))),
    ]


@pytest.fixture
def post() -> Iterator[Callable[[], Post]]:
    """A house with rules, a Vorgang that exists, and a portal."""
    make.team("poststelle", is_clearing=True)
    make.rule("Gewerbe", unit=make.team("ordnungsamt"))
    make.service("wohngeld")
    client, _ = make.portal()
    known = make.case()
    for unit in OrgUnit.objects.all():
        make.lead(unit)
    return lambda: Post(client, known)


@pytest.fixture
def nothing_is_overlooked(monkeypatch) -> None:
    """Whenever a message is taken to be related to nobody, look again by all that the pipeline has for it."""
    seen, names, related = {}, relations.names, relations.related

    def remember(submission, facts):
        seen[submission.pk] = (submission, facts)
        return names(submission, facts)

    def look_again(mine, known):
        if not (found := related(mine, known)):
            submission, facts = seen[mine.submission_id]
            assert duplicates.earlier(submission, facts) is None
            is_portal = facts.standard == recognition.PORTAL
            assert (portal.named_cases(facts) if is_portal else recognition.recognise(facts)) == []
            for case in Case.objects.all():
                assert portal.open_cases_of_applicant(facts, case.service) == []
        return found

    monkeypatch.setattr(relations, "names", remember)
    monkeypatch.setattr(relations, "related", look_again)


def after(post: Callable[[], Post], letters: Sequence[Letter], take: Callable[[list[int]], Any]) -> Outcome:
    """What has come of ``letters`` when ``take`` took them through; undone afterwards."""
    with transaction.atomic():
        mine = post()
        take(mine.receive(letters))
        found = outcome(mine)
        assert [problem for _, check in integrity for problem in check()] == []
        transaction.set_rollback(True)
    return found


def one_by_one(ids: list[int]) -> None:
    """As the pipeline takes one message after the other."""
    for each in ids:
        assert pipeline.process(each)


def split(ids: list[int], sizes: Sequence[int]) -> list[list[int]]:
    """The ids in pieces of these sizes, and the rest."""
    pieces, ids = [], list(ids)
    for size in sizes:
        pieces, ids = [*pieces, ids[:size]], ids[size:]
    return [*pieces, ids]


MIXED = [Letter(kind) for kind in KINDS]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(MIXED, [])
@example([Letter("new"), *MIXED[::-1]], [3, 7])
@given(st.lists(letters, min_size=2, max_size=12), st.lists(st.integers(1, 6), max_size=4))
def test_the_same_comes_of_it_as_one_by_one(post, nothing_is_overlooked, letters, sizes) -> None:
    alone = after(post, letters, one_by_one)
    batches = after(post, letters, lambda ids: [pipeline.process_batch(piece) for piece in split(ids, sizes)])
    for name, found in batches.matters.items():
        assert found == alone.matters[name], name
    assert batches == alone


def test_a_hundred_new_ones_take_few_statements_and_their_turn(post) -> None:
    ids = post().receive([Letter("new")] * 100)
    with CaptureQueriesContext(connection) as captured:
        assert pipeline.process_batch(ids) == 100
    assert len(captured) <= 45
    year = timezone.localdate().year
    opened = Case.objects.filter(submissions__in=ids).order_by("submissions__id")
    given = [f"30.4-{year}-{number:06d}" for number in range(2, 102)]
    assert list(opened.values_list("file_reference", flat=True)) == given, "in the order of arrival"
    assert pipeline.process_batch(ids) == 0, "and only once"


def test_what_names_an_aktenzeichen_of_its_own_batch_is_placed_as_one_by_one(post, caplog) -> None:
    """The second becomes a Vorgang of the number that the third names."""

    def receive() -> list[int]:
        named = f"30.4-{timezone.localdate().year}-000003"
        own = ("", "", named)
        return [make.submission(foreign=f"{n} K 1/26", own=each).pk for n, each in enumerate(own)]

    for take in (one_by_one, pipeline.process_batch):
        with transaction.atomic():
            ids = receive()
            take(ids)
            assert Submission.objects.get(pk=ids[2]).case_id == Submission.objects.get(pk=ids[1]).case_id
            transaction.set_rollback(True)
    assert "a batch of 3 goes one by one: Unforeseen" in caplog.text


@pytest.mark.parametrize("broken", ["routing.pipeline.open_and_file", "audit.ledger.Ledger.write"])
def test_when_the_batch_fails_nothing_of_it_is_written_and_all_go_one_by_one(post, monkeypatch, broken) -> None:
    ids = post().receive([Letter("new"), Letter("broken"), Letter("new")])
    calls, write, place = [], Ledger.write, pipeline.open_and_file

    def fail_first(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 1:
            raise ZeroDivisionError
        return (place if broken.endswith("open_and_file") else write)(*args)

    monkeypatch.setattr(broken, fail_first)
    assert pipeline.process_batch(ids) == 3
    states = [Submission.objects.get(pk=each).state for each in ids]
    assert states == [State.FILED, State.EXCEPTION, State.FILED]
    assert set(Submission.objects.filter(pk__in=ids).values_list("attempts", flat=True)) == {1}
    assert RoutingDecision.objects.count() == 2
    assert ExceptionEntry.objects.count() == 1


def test_one_that_fails_does_not_hold_up_the_others(post, monkeypatch) -> None:
    ids = post().receive([Letter("new")] * 3)
    understand = pipeline.understand

    def stumble(submission, files):
        if submission.pk == ids[1]:
            raise ZeroDivisionError
        return understand(submission, files)

    monkeypatch.setattr(pipeline, "understand", stumble)
    pipeline.process_batch(ids)
    waiting = Submission.objects.get(state=State.RECEIVED)
    assert (waiting.pk, waiting.attempts) == (ids[1], 1)
    assert waiting.next_attempt_at > timezone.now()


def test_who_has_been_tried_before_goes_alone(post, monkeypatch) -> None:
    """Whoever kills its worker is found out: it drags nobody along a second time."""
    ids = post().receive([Letter("new")] * 3)
    Submission.objects.filter(pk=ids[0]).update(attempts=1)
    together, place = [], pipeline._place_together
    monkeypatch.setattr(pipeline, "_place_together", lambda ids: together.extend(ids) or place(ids))
    assert pipeline.process_batch(ids) == 3
    assert together == ids[1:]
    assert Submission.objects.filter(state=State.FILED).count() == 3


def test_what_somebody_else_has_claimed_is_left_to_them(post) -> None:
    ids = post().receive([Letter("new")] * 2)
    assert intake.claim(ids[0]) == 1
    assert pipeline.process_batch(ids) == 1
    assert Submission.objects.get(pk=ids[0]).state == State.RECEIVED
    assert pipeline.process_batch(ids, heed_lease=False) == 1, "an importer takes up what a killed one left behind"
    assert Submission.objects.get(pk=ids[0]).state == State.FILED


def test_a_worker_takes_what_waits_together_but_not_more_than_it_can_read_in_time(post, monkeypatch) -> None:
    batches, take = [], pipeline.process_batch
    monkeypatch.setattr(pipeline, "process_batch", lambda ids: batches.append(len(ids)) or take(ids))
    post().receive([Letter("new")] * 4)
    size = sum(bytes_of(list(pipeline.due().values_list("pk", flat=True)[:2])).values())
    monkeypatch.setattr(tasks, "BATCH_BYTES", size)
    assert [tasks.process_due() for _ in range(3)] == [2, 2, 0]
    assert batches == [2, 2]
    monkeypatch.setattr(tasks, "BATCH_BYTES", 1)
    mine = [make.submission(foreign=f"{number} K 9/26").pk for number in range(2)]
    assert tasks.process_due() == 2
    assert batches == [2, 2], "what is too large goes alone"
    assert Submission.objects.filter(pk__in=mine, state=State.FILED).count() == 2
