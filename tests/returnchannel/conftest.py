"""A receiver of webhooks on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from tests.returnchannel.receiver import Receiver, receiving


@pytest.fixture
def own_network(settings: Any) -> None:
    """The receivers of these tests are on this machine, which is allowed here."""
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.1/32")]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that is well."""
    with receiving() as running:
        yield running
