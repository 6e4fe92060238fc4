"""What waits, what failed and what is slow is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audit.registries import health, integrity, metrics
from tests.returnchannel.hooks import later
from tests.returnchannel.sent import Applied, PrintShop, send_all

pytestmark = pytest.mark.django_db


def test_a_letter_is_told_of_from_beginning_to_end(settings: Any, tmp_path: Path) -> None:
    settings.PRINT_FOLDER = tmp_path / "druck"
    shop, applied = PrintShop(settings.PRINT_FOLDER), Applied()
    applied.notice()
    figures = {figure.name: figure.value for figure in dict(metrics)["zustellungen"]()}
    assert (figures["letter_waiting"], figures["letter_refused"], figures["letter_last_success"]) == (1, 0, 0)
    assert dict(health)["zustellungen"]().ok
    with later(minutes=11):
        assert "überfällig" in dict(health)["zustellungen"]().message
        assert [problem.subject for problem in dict(integrity)["zustellungen"]()] == [applied.case.public_id]
    send_all()
    assert list(dict(integrity)["zustellungen"]()) == []
    with later(days=4):
        (problem,) = dict(integrity)["zustellungen"]()
        assert "bei der Druckstraße; bitte dort nachfragen" in problem.message
    shop.answer("fehler", "Papierstau")
    assert "1 Zustellung ist gescheitert" in dict(health)["zustellungen"]().message
