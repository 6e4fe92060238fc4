"""What the tests of this room share."""

from __future__ import annotations

import pytest

from tests.pages import Desk


@pytest.fixture
def desk() -> Desk:
    """Somebody at work on an application."""
    return Desk()
