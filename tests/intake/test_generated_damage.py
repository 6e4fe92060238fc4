"""A thousand damaged messages through receipt and pipeline: none is lost, none double, none is slow or large."""

from __future__ import annotations

import itertools
import random
import resource
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cases.models import Case
from intake import channels
from intake.actions import receive
from intake.envelope import Envelope
from intake.models import Submission
from routing import pipeline
from routing.exceptions import REASONS
from routing.models import ExceptionEntry
from tests import factories as make
from tests import sample_files as sample
from tests.intake.builders import MESSAGE_ID, VERSIONS, container, header, message, write_folder, zip_bytes

COUNT = 1000
SECONDS_EACH = 1.0
MEGABYTES = 200
NASTY = (b"\x00", b"\xff\xfe", b"<!DOCTYPE n>", b"&x;", b"]]>", b"%PDF-", b"PK\x03\x04", b"\xe2\x80\xae", b"<a>" * 300)
PDFS = (sample.PDF, sample.pdf(2), sample.pdf_with_attachment(), sample.EXE, sample.DOCM, b"")


def damage(data: bytes, chance: random.Random) -> bytes:
    """``data`` with one to five places cut, overwritten, doubled or filled with something nasty."""
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(data) + 1)
        length = chance.choice((0, 1, 4, 40, 400))
        new = chance.choice((b"", chance.randbytes(length), chance.choice(NASTY), data[at : at + length] * 2))
        data = data[:at] + new + data[at + length :]
    return data


def files_of(number: int, chance: random.Random) -> dict[str, bytes]:
    """The files of a container that no other number has, some of them damaged, lost or renamed."""
    version = chance.choice(VERSIONS)
    letter = message(version, head=header(version, foreign=f"{number} K 1/26"))
    letter = letter.replace(MESSAGE_ID.encode(), str(uuid.UUID(int=number)).encode())
    files = container(letter, {"Verfuegung.pdf": chance.choice(PDFS) + b"%d" % number}, message_id=f"m{number}")
    del files["oscicontentdata.osci"], files["additionals/visitenkarte.xml"]  # a thousand of them cost time only
    for name in chance.sample(sorted(files), chance.choice((0, 0, 1, 1, 2, 3))):
        what = chance.random()
        if what < 0.7:
            files[name] = damage(files[name], chance)
        elif what < 0.85:
            del files[name]
        else:
            files[name.replace("e", chance.choice("\u202e\x07é "))] = files.pop(name)
    files["additionals/nummer.txt"] = b"%d" % number  # no two are the same
    return files


def build(folder: Path, number: int, chance: random.Random) -> Path:
    """A damaged message: a folder, a ZIP of one, or a ZIP that is damaged itself."""
    files = files_of(number, chance)
    kind = chance.random()
    if kind < 0.5:
        return write_folder(folder / f"{number:04}", files)
    path = folder / f"{number:04}.zip"
    data = zip_bytes(files)
    path.write_bytes(damage(data, chance) if kind > 0.85 else data)
    return path


def envelopes(folder: Path) -> Iterator[Envelope]:
    for envelope in channels.get("egvp").inbox(folder):
        assert isinstance(envelope, Envelope), envelope
        yield envelope


def take(envelope: Envelope) -> tuple[Submission, float]:
    """Receive a message and take it through; returns it with the seconds of CPU: what else runs does not count."""
    started = time.process_time()
    received = receive(envelope, by=make.CHANNEL, defer=False).submission
    assert pipeline.process(received.pk) or received.state != "received"
    return Submission.objects.get(pk=received.pk), time.process_time() - started


def assert_something_became_of(submission: Submission) -> None:
    entries = ExceptionEntry.objects.filter(submission=submission, resolved_at=None).count()
    match submission.state:
        case "filed":
            assert submission.case and entries == 0
        case "exception":
            assert entries == 1
            assert submission.findings or submission.exceptions.get().reason in REASONS
        case "duplicate":
            assert submission.duplicate_of
        case other:
            pytest.fail(f"{submission} is {other}: {submission.attempts} attempts")


@pytest.mark.django_db(transaction=True)  # each message in a transaction of its own, as in the house
def test_a_thousand_damaged_messages(tmp_path: Path) -> None:
    make.rule("Zustellung|Gewerbe")
    chance = random.Random(20261124)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(COUNT):
        build(inbox, number, chance)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    taken = [(envelope.source, *take(envelope)) for envelope in envelopes(inbox)]

    assert len(taken) == COUNT
    assert len({submission.pk for _, submission, _ in taken}) == Submission.objects.count() == COUNT, (
        "none lost, none double"
    )
    for _, submission, _ in taken:
        assert_something_became_of(submission)
    states = Counter(submission.state for _, submission, _ in taken)
    assert states["filed"] > 100 and states["exception"] > 100, states
    assert Case.objects.count() <= states["filed"]
    slowest = max(taken, key=lambda each: each[2])
    assert slowest[2] < SECONDS_EACH, slowest
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEGABYTES * 1024

    again = [receive(each, by=make.CHANNEL, defer=False) for each in itertools.islice(envelopes(inbox), 100)]
    assert all(receipt.already_known for receipt in again) and Submission.objects.count() == COUNT


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],
)
@given(seed=st.integers(0, 2**32))
def test_any_damaged_message(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    folder = tmp_path_factory.mktemp("m")
    path = build(folder, seed, random.Random(seed))
    (envelope,) = envelopes(path.parent)
    submission, seconds = take(envelope)
    assert_something_became_of(submission)
    assert seconds < SECONDS_EACH
