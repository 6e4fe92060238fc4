"""Channels back: the ways on which the citizen or their portal is told, each an adapter in a module of its own.

An adapter registers itself under its slug with ``@register``; ``get`` finds it. The contract is
``returnchannel.channels.base.Channel``; every module of this package is loaded at the first look-up, so that a new
adapter touches one new file and nothing else.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any, TypeVar

from audit.acting import Actor, Source
from returnchannel.channels.base import Channel, Outcome, Result

__all__ = ["Channel", "Outcome", "Result", "actor", "get", "register", "slugs"]

C = TypeVar("C", bound=type[Channel])
_registry: dict[str, type[Channel]] = {}


def register(channel: C) -> C:
    """Class decorator: make ``channel`` known under its ``slug``. Raises ValueError when the slug is taken."""
    if channel.slug in _registry:
        known = _registry[channel.slug]
        raise ValueError(f"channel slug {channel.slug!r} is taken by {known.__module__}.{known.__qualname__}")
    _registry[channel.slug] = channel
    return channel


def get(slug: str) -> Channel[Any]:
    """A new adapter for the channel ``slug``. Raises KeyError when there is none."""
    _load()
    if slug not in _registry:
        raise KeyError(f"no channel {slug!r}; known are {', '.join(slugs())}")
    return _registry[slug]()


def actor(slug: str) -> Actor:
    """The channel as an actor, under its German label: what an answer brings about is its doing."""
    return Actor(Source.CHANNEL, get(slug).label)


def slugs() -> list[str]:
    """The slugs of all known channels, sorted."""
    _load()
    return sorted(_registry)


def _load() -> None:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
