"""The gate for JSON and base64: what is let through is what was written, and nothing is expensive."""

from __future__ import annotations

import base64
import hashlib
import json
import mmap
import time
from tempfile import TemporaryFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.gates import Refused, base64text, mapped, strict_json
from intake.gates.strict_json import LongText

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)


def code(raw: bytes) -> str:
    with pytest.raises(Refused) as error:
        strict_json.read(raw)
    return error.value.finding.code


@given(value=VALUES, ascii_only=st.booleans())
def test_what_json_may_say_is_read_as_it_was_written(value, ascii_only: bool) -> None:
    assert strict_json.read(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(raw=st.binary(max_size=60) | st.text('{}[]":,\\u01en ', max_size=40).map(str.encode))
def test_other_bytes_are_refused_or_read_as_json_reads_them(raw: bytes) -> None:
    try:
        value = strict_json.read(raw)
    except Refused:
        return
    assert value == json.loads(raw.decode().removeprefix("\ufeff"))


def test_long_texts_stay_where_they_are_or_are_read_as_text() -> None:
    long = 'äöü"\\/' * 30_000
    raw = json.dumps({"a": [long, "kurz"], "b": long}, ensure_ascii=False).encode()
    assert strict_json.read(raw) == {"a": [long, "kurz"], "b": long}
    kept = strict_json.read(raw, keep_long=lambda pointer: pointer == "/a/0")
    place = kept["a"][0]
    assert isinstance(place, LongText)
    assert json.loads(b'"' + raw[place.start : place.end] + b'"') == long
    assert kept["b"] == long


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"a": "' + b"x" * 70_000 + b'\x01"}', "json_invalid"),
        (b'{"a": "' + b"x" * 70_000 + b'\\q"}', "json_invalid"),
        (b'{"a": "' + b"x" * 70_000 + b'\xff"}', "json_not_utf8"),
        (b'{"a": "' + b"x" * 70_000 + b'\\u0000"}', "text_invalid"),
        (b'{"' + b"x" * 70_000 + b'": 1}', "json_invalid"),
        (b"{" + b'"a": {' * 60 + b"}" * 61, "json_too_deep"),
        (b"[" + b"1," * (11 * 1024 * 1024) + b"1]", "json_too_large"),
        (b'{"a": "%b", "b": "%b"}' % (b"x" * 11_000_000, b"y" * 11_000_000), "json_too_large"),
    ],
)
def test_long_and_deep_things_are_looked_at_too(raw: bytes, expected: str) -> None:
    assert code(raw) == expected


@pytest.mark.parametrize("raw", [b'{"a": "' + b'\\"' * 5_000_000, b'"' + b"\\" * 5_000_001, b'["' + b"a" * 9_000_000])
def test_a_text_without_an_end_is_not_searched_again_and_again(raw: bytes) -> None:
    began = time.monotonic()
    assert code(raw) == "json_invalid"
    assert time.monotonic() - began < 5


@given(content=st.binary(max_size=300), width=st.sampled_from([0, 4, 5, 76]), chunk=st.sampled_from([4, 5, 7, 64]))
def test_base64_is_decoded_in_pieces_of_any_size(content: bytes, width: int, chunk: int) -> None:
    letters = base64.b64encode(content).decode()
    lines = letters if not width else "\\r\\n".join(letters[i : i + width] for i in range(0, len(letters), width))
    text = lines.replace("/", "\\/").replace("+", "\\u002b").replace("=", "\\u003D").encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base64text, "CHUNK", chunk)
        assert b"".join(base64text.decoded(text)) == content


@given(text=st.text('QUJD+/=\\u02bn "-_', max_size=12))
def test_what_is_no_base64_is_told(text: str) -> None:
    try:
        found = b"".join(base64text.decoded(text.encode()))
    except base64text.NotBase64:
        return
    plain = "".join(json.loads(f'"{text}"', strict=False).split())
    assert base64.b64encode(found).decode() == plain or base64.b64decode(plain) == found


@given(st.lists(st.text(alphabet='ab"\\\n\u00e4\U0001f600', max_size=40), max_size=5), st.integers(1, 9))
def test_strings_are_the_same_whatever_is_looked_at_in_one_go(texts: list[str], window: int) -> None:
    raw = json.dumps(texts).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mapped, "WINDOW", max(window, 2))
        assert strict_json.read(raw) == texts
        for cut in range(1, len(raw)):
            with pytest.raises(Refused):
                strict_json.read(raw[:cut])


@given(st.binary(max_size=60), st.binary(min_size=1, max_size=3), st.integers(0, 60), st.integers(1, 9))
def test_bytes_are_found_in_a_mapped_file_as_in_memory(data: bytes, wanted: bytes, start: int, window: int) -> None:
    with TemporaryFile() as file, pytest.MonkeyPatch.context() as patch:
        file.write(data + b".")
        file.flush()
        patch.setattr(mapped, "WINDOW", window)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as found:
            assert mapped.find(found, wanted, start) == (data + b".").find(wanted, start)
            assert mapped.sha256(found, start, 5) == hashlib.sha256((data + b".")[start : start + 5]).hexdigest()
