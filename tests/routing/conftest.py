"""What the tests of rules share."""

from __future__ import annotations

import pytest

from tests.routing.office import Office


@pytest.fixture
def office() -> Office:
    """Teams with their leads, the Fachadministration, and one rule."""
    return Office()
