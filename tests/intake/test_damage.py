"""Whatever is broken about a message: it is read without an exception, and it stays storable as JSON."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake import channels
from intake.envelope import Envelope
from intake.facts import Facts
from intake.translate import translate
from tests.intake.builders import VERSIONS, container, message, write_folder, zip_bytes

RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
damages = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=40)), min_size=1, max_size=6
)  # where (as a part of the length), how many bytes go, what comes instead


@pytest.fixture(autouse=True)
def _empty_store(settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path


def damaged(data: bytes, damage: list[tuple[float, int, bytes]]) -> bytes:
    for where, gone, new in damage:
        at = int(where * len(data))
        data = data[:at] + new + data[at + gone :]
    return data


def take_in(path: Path) -> None:
    """Read everything at ``path`` as the pipeline does, down to the stored form."""
    for envelope in channels.get("egvp").envelopes(path):
        assert isinstance(envelope, Envelope) and envelope.external_id.isprintable()
        for file in envelope.files:
            assert len(file.read()) == file.size
            file.name.encode()
        translation = translate(envelope.files, envelope_findings=envelope.findings)
        stored = json.dumps(translation.facts.as_json()).encode()
        assert b"\\u0000" not in stored
        assert Facts.from_json(json.loads(stored)) == translation.facts
        for finding in translation.findings:
            json.dumps(finding.as_json(), ensure_ascii=False).encode()


@RELAXED
@given(damage=damages, version=st.sampled_from(VERSIONS))
def test_damaged_xml(damage: list[tuple[float, int, bytes]], version: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nachricht.xml"
        path.write_bytes(damaged(message(version), damage))
        take_in(path)


@RELAXED
@given(damage=damages)
def test_damaged_zip(damage: list[tuple[float, int, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "post.zip"
        path.write_bytes(damaged(zip_bytes(container(message())), damage))
        take_in(path)


@RELAXED
@given(
    damage=damages,
    name=st.sampled_from(sorted(container(message()))),
    lost=st.sampled_from(sorted(container(message()))),
)
def test_damaged_container(damage: list[tuple[float, int, bytes]], name: str, lost: str) -> None:
    files = container(message())
    files[name] = damaged(files[name], damage)
    if lost != name:
        del files[lost]
    with tempfile.TemporaryDirectory() as folder:
        take_in(write_folder(Path(folder) / "m", files))


@RELAXED
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), min_size=4, max_size=4))
def test_any_text_anywhere(texts: list[str]) -> None:
    own, foreign, name, version = (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace('"', "&quot;")
        .replace("\ufffe", "")
        .replace("\uffff", "")
        for text in texts
    )
    data = message("3.5.1").decode()
    data = data.replace("32.1-2026-000123", own).replace("12 K 345/26", foreign)
    data = data.replace("Verfuegung.pdf", name).replace("3.5.1", version)
    with tempfile.TemporaryDirectory() as folder:
        take_in(write_folder(Path(folder) / "m", container(data.encode())))
