"""The fonts of the letters: Fira Sans and, for what it lacks, Noto Sans, both from the wheel of KERN (SIL OFL).

The wheel has them as WOFF2, a PDF needs TrueType: they are converted once and kept below ``DATA_DIR/fonts``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from unicodedata import normalize

import fontTools
from django.conf import settings
from fontTools.ttLib import TTFont, woff2

SOURCES = (
    "fira-sans/FiraSans-Regular.woff2",
    "fira-sans/FiraSans-SemiBold.woff2",
    "noto-sans/NotoSans-Regular.woff2",
    "noto-sans/NotoSans-Bold.woff2",
)
FAMILIES = ("Fira Sans", "Noto Sans")


def directory() -> Path:
    """The folder with the converted fonts, made on the first call.

    Several processes may come at once: each converts into a folder of its own, and the first one's becomes the folder.
    """
    wanted = settings.DATA_DIR / "fonts" / _version(settings.KERN)
    if wanted.is_dir():
        return wanted
    wanted.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{wanted.name}.", dir=wanted.parent))
    try:
        for source in SOURCES:
            _convert(settings.KERN / "fonts" / source, fresh / Path(source).with_suffix(".ttf").name)
        try:
            os.rename(fresh, wanted)
        except OSError:  # another process was first: its folder is there, and is not empty
            if not wanted.is_dir():
                raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return wanted


@cache
def covers(fonts: Path) -> tuple[frozenset[int], ...]:
    """Of each family in order: the characters (code points) that all of its weights in ``fonts`` have."""
    found: list[frozenset[int]] = []
    for family in FAMILIES:
        faces = sorted(fonts.glob(f"{family.replace(' ', '')}-*.ttf"))
        found.append(frozenset.intersection(*(_characters(face) for face in faces)))
    return tuple(found)


@cache
def borrowed(fonts: Path) -> str:
    """Letters that the first family could only put together from parts, but the next has as one glyph.

    They are taken from there: of a letter that is put together, a reader of the PDF may see the parts twice.
    """
    first, *others = covers(fonts)
    further = frozenset().union(*others) - first
    return "".join(char for char in map(chr, sorted(further)) if char.isalpha() and normalize("NFD", char) != char)


@cache
def _version(kern: Path) -> str:
    """A name that changes with the fonts and with what converts them."""
    digest = hashlib.sha256(fontTools.version.encode())
    for source in SOURCES:
        digest.update((kern / "fonts" / source).read_bytes())
    return digest.hexdigest()[:16]


def _convert(source: Path, target: Path) -> None:
    with target.open("wb") as file:
        woff2.decompress(source, file)
        file.flush()
        os.fsync(file.fileno())


def _characters(face: Path) -> frozenset[int]:
    with TTFont(face, lazy=True) as font:
        return frozenset(font.getBestCmap())
