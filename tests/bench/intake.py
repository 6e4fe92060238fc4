"""What the intake of one message costs: ``uv run python tests/bench/intake.py [--json]``.

Measured against bounds that no product can beat: the same rows written by hand, and parsing without validation. Rounds
alternate, so that a machine that gets slower does so for both; printed are medians. Needs nothing but this checkout: it
starts an embedded PostgreSQL in a directory of its own and leaves nothing behind.
"""

from __future__ import annotations

import argparse
import io
import statistics
import time
from collections.abc import Callable
from typing import Any

from base import ROOT, ms, run, timed

SHARED = ROOT.parent / "shared" / "samples" / "xjustiz" / "xsd"
APPS = ("audit", "cases", "intake", "routing", "returnchannel")
PARSES = 200

Rows = dict[str, list[tuple[str | None, ...]]]  # table → rows, values as text


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All figures; times in milliseconds per message, medians of ``rounds``."""
    from tests import factories

    factories.rule("Gewerbe")
    for _ in range(5):
        factories.processed()  # caches are warm
    return {
        "rounds": options.rounds,
        "messages_per_round": options.messages,
        "intake": _intake(options.rounds, options.messages),
        "batch": _batch(options.rounds, options.messages),
        "xjustiz": _xjustiz(options.rounds),
    }


def _intake(rounds: int, messages: int) -> dict[str, Any]:
    """Receive and process against the same rows by raw psycopg, one transaction per message; and the bytes alone."""
    from tests import factories

    raw = Raw()
    product, rows, files = [], [], []
    for _ in range(rounds):
        envelopes = [factories.envelope(foreign=f"{time.monotonic_ns()} K 1/26") for _ in range(messages)]
        written, seconds = [], 0.0
        for envelope in envelopes:
            before = raw.keys()
            seconds += timed(lambda envelope=envelope: factories.processed(envelope))
            written.append(raw.new_rows(before))
        product.append(seconds / messages)
        rows.append(timed(lambda: [raw.write(each) for each in written]) / messages)  # noqa: B023
        files.append(timed(lambda: [_bytes_of(each) for each in envelopes]) / messages)  # noqa: B023
    count = sum(len(each) for each in written[-1].values())
    found = {"intake_ms": ms(product), "raw_rows_ms": ms(rows), "bytes_ms": ms(files), "rows": count}
    ratio = statistics.median(p / (r + f) for p, r, f in zip(product, rows, files, strict=True))
    return found | {"intake_to_bound": round(ratio, 2)}


def _bytes_of(envelope: Any) -> None:
    """Write the files of a message durably once more, under hashes of their own."""
    from cases import blobs

    for file in envelope.files:
        blobs.write(io.BytesIO(file.read() + b"\n"))


def _batch(rounds: int, messages: int) -> dict[str, Any]:
    """A hundred messages in one transaction against one by one: each a new Vorgang, received before."""
    from routing import pipeline
    from tests import factories

    def received(count: int) -> list[int]:
        return [factories.submission(foreign=f"{time.monotonic_ns()} K 2/26").pk for _ in range(count)]

    single, batch = [], []
    for _ in range(rounds):
        ids = received(messages)
        single.append(timed(lambda: [pipeline.process(each) for each in ids]) / messages)  # noqa: B023
        ids = received(100)
        batch.append(timed(lambda: pipeline.process_batch(ids)) / 100)  # noqa: B023
    gain = statistics.median(one / many for one, many in zip(single, batch, strict=True))
    return {"single_ms": ms(single), "batch_ms": ms(batch), "gain": round(gain, 2)}


def _xjustiz(rounds: int) -> dict[str, Any] | str:
    """Parse and validate against the official schema, against parsing alone."""
    if not SHARED.is_dir():
        return "the official schemas are not beside this checkout"
    from intake import schemas
    from intake.gates.xml import parse
    from tests.intake.builders import document, message

    schemas.install(SHARED / "3.5.1")
    data = message("3.5.1", objects="".join(document("3.5.1", f"{n}.pdf", number=n) for n in range(1, 101)))
    kind = "nachricht.gds.uebermittlungSchriftgutobjekte.0005005"
    assert schemas.validate(parse(data), "xjustiz", "3.5.1", kind) == []  # compiled from here on
    alone, both = [], []
    for _ in range(rounds):
        alone.append(_repeated(lambda: parse(data)))
        both.append(_repeated(lambda: schemas.validate(parse(data), "xjustiz", "3.5.1", kind)))
    ratio = statistics.median(b / a for a, b in zip(alone, both, strict=True))
    return {"bytes": len(data), "parse_ms": ms(alone), "parse_and_xsd_ms": ms(both), "xsd_to_parse": round(ratio, 2)}


def _repeated(work: Callable[[], Any]) -> float:
    """CPU seconds for one of ``PARSES`` times; each result is let go before the next, as one message follows another.

    Trees that are kept lie in fresh memory, and parsing into that costs half: it would be compared with nothing real.
    """
    started = time.process_time()
    for _ in range(PARSES):
        work()
    return (time.process_time() - started) / PARSES


class Raw:
    """The same rows by hand: tables like ours, with all their indexes, without foreign keys and triggers."""

    def __init__(self) -> None:
        import psycopg
        from django.apps import apps
        from django.db import connection

        params = connection.get_connection_params()
        kept = {key: params[key] for key in ("dbname", "user", "host", "port", "password") if params.get(key)}
        self._link = psycopg.connect(**kept)
        models = [model for app in APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)]
        self._tables = {model._meta.db_table: model._meta.pk.column for model in models}
        self._columns = {}
        with self._link.transaction():
            self._link.execute("CREATE SCHEMA bench")
            for table in self._tables:
                self._link.execute(f'CREATE TABLE bench."{table}" (LIKE public."{table}" INCLUDING INDEXES)')
                cursor = self._link.execute(f'SELECT * FROM public."{table}" LIMIT 0')
                self._columns[table] = [column.name for column in cursor.description or ()]

    def keys(self) -> dict[str, set[Any]]:
        """The keys of all rows that are there."""
        with self._link.transaction():
            return {
                table: {row[0] for row in self._link.execute(f'SELECT "{key}" FROM public."{table}"')}
                for table, key in self._tables.items()
            }

    def new_rows(self, before: dict[str, set[Any]]) -> Rows:
        """The rows that have come since ``before``."""
        found: Rows = {}
        with self._link.transaction():
            for table, key in self._tables.items():
                columns = ", ".join(f'"{name}"::text' for name in self._columns[table])
                query = f'SELECT {columns} FROM public."{table}" WHERE NOT "{key}" = ANY(%s)'
                if rows := self._link.execute(query, [list(before[table])]).fetchall():
                    found[table] = rows
        return found

    def write(self, rows: Rows) -> None:
        """Write the rows of one message in one transaction, one statement per table."""
        with self._link.transaction():
            for table, values in rows.items():
                names = ", ".join(f'"{name}"' for name in self._columns[table])
                one = "(" + ", ".join(["%s"] * len(self._columns[table])) + ")"
                flat = [value for row in values for value in row]
                self._link.execute(
                    f'INSERT INTO bench."{table}" ({names}) VALUES {", ".join([one] * len(values))}', flat
                )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--messages", type=int, default=40, help="per round")
    run(measure, arguments)
