"""The house stands: relations go down only, only actions write, nothing reaches outside."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

ROOT = Path(__file__).parents[1]
TOWER = ["audit", "cases", "intake", "routing", "returnchannel"]
ALLOWED = {"manage.py", "pyproject.toml", "README.md", "config", *TOWER, "templates", "static", "tests"}
WRITES = re.compile(
    r"(?<!digest)(?<!\bfont)\.(save|delete|update|bulk_create|bulk_update|create|get_or_create|update_or_create)\("
    r"|(?<![\w.])(insert|rewrite)\("
)
# Where writing is the task; audit/versions.py and audit/ledger.py are called by actions only
WRITERS = re.compile(r"/(actions|migrations)[./]|audit/(versions|ledger)\.py")


def test_relations_go_down() -> None:
    """import-linter does not see foreign keys that are named by strings."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in TOWER:
            continue
        for field in model._meta.get_fields():
            if field.concrete and field.is_relation and field.related_model:
                to = field.related_model._meta.app_label
                if to in TOWER:
                    assert TOWER.index(to) <= TOWER.index(model._meta.app_label), f"{model.__name__}.{field.name}"


def test_imports_go_down() -> None:
    done = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_only_actions_write() -> None:
    found = []
    for app in TOWER:
        for path in (ROOT / app).rglob("*.py"):
            if WRITERS.search(str(path.relative_to(ROOT))):
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if WRITES.search(line):
                    found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert found == [], "\n".join(found)


def test_the_top_level_is_what_it_is() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    top = {line.split("/")[0] for line in listed.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= ALLOWED


def test_every_app_has_a_readme() -> None:
    for app in TOWER:
        assert len((ROOT / app / "README.md").read_text().splitlines()) >= 8, app


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_test_reaches_outside() -> None:
    with pytest.raises(Exception, match=r"192\.0\.2\.1"), socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))
