"""The schema store: official XSDs and code lists that an operator installs, below ``DATA_DIR/schemas``.

XJustiz and xdomea change every year and their schemas may only be passed on unchanged, so the product ships none: it
takes the ZIP of the XRepository (or an unpacked folder) as it is. Layout::

    schemas/<standard>/<version>/*.xsd           e.g. xjustiz/3.6.2/
    schemas/codelists/<name>_<version>.json      e.g. gds.gerichte_3.7.json

Validation never touches the network: a schema location that is not a file of the same version is looked up by its
file name in that version, or not found.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from lxml import etree

from intake import schema_errors
from intake.findings import Finding, Severity
from intake.schema_sources import Group, SourceFile, collect, group
from intake.standards.values import text

XJUSTIZ, XDOMEA = "xjustiz", "xdomea"
MAX_FINDINGS = 10
"""How many violations of a schema are spelled out; the first ones tell the most."""

UNRECOGNISED = "Standard oder Version nicht erkannt"
"""The ``problem`` of a schema set that the store has no use for."""

_CODELISTS = "codelists"
_SAFE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
_lock = threading.RLock()
_schemas: dict[tuple[str, int, str], etree.XMLSchema | None] = {}
_elements: dict[tuple[str, int], dict[str, str]] = {}
_codelists: dict[tuple[str, int], dict[str, str]] = {}


@dataclass(frozen=True)
class Installed:
    """A schema set or code list: ``kind`` is ``schema`` or ``codelist``, ``name`` the standard's or list's.

    ``files`` counts its files; ``problem`` says in German why it was *not* installed, or is "".
    """

    kind: str
    name: str
    version: str
    files: int = 0
    problem: str = ""

    @property
    def ok(self) -> bool:
        """True when it is in the store."""
        return not self.problem


def install(source: Path) -> list[Installed]:
    """Take over every schema set and code list in ``source``, a ZIP or a folder of any nesting (ZIPs inside too).

    Each set is checked first (it must compile) and then put in place by one rename, so that a running process sees
    the old or the new one, never half of one; what is there already is replaced. Sets of unknown standard or version,
    and such as do not compile, come back with a ``problem``. Raises FileNotFoundError when ``source`` does not exist
    and ValueError when it is neither a ZIP nor a folder.
    """
    files = list(collect(source))
    groups = group(files)
    results = [_install_schemas(each) for each in groups]
    results += [result for file in files if (result := _install_codelist(file))]
    return results or [Installed("schema", str(source.name), "", problem="enthält weder Schemata noch Codelisten")]


def listing() -> list[Installed]:
    """Everything in the store, sorted by kind, name and version."""
    root = _root()
    found = []
    for folder in sorted(root.glob("*/*/")) if root.is_dir() else []:
        if folder.parent.name != _CODELISTS and not _is_temporary(folder.parent.name + folder.name):
            found.append(Installed("schema", folder.parent.name, folder.name, len(list(folder.glob("*.xsd")))))
    for path in _codelist_files():
        name, _, version = path.stem.rpartition("_")
        found.append(Installed("codelist", name, version, 1))
    return sorted(found, key=lambda each: (each.kind != "schema", each.name, version_key(each.version)))


def validate(root: etree._Element, standard: str, version: str, message_root: str) -> list[Finding] | None:
    """Check ``root`` against the official schema; None when no fitting one is installed.

    ``message_root`` is the local name of the message's root element: the schema that declares it is used. The exact
    ``version`` is taken, else the newest of the same minor version (with the hint ``schema_other_version``; that the
    version attribute differs is then no violation). Violations are blocking findings ``schema_invalid`` with line and
    path, at most ``MAX_FINDINGS``.
    """
    chosen = _choose(standard, version)
    if not chosen:
        return None
    with _lock:  # an XMLSchema object keeps its errors to itself: one thread at a time
        schema = _schema(_root() / standard / chosen, message_root)
        if schema is None:
            return None
        return _run(schema, root, exact=chosen == version) + _other_version(version, chosen)


def codelist(name: str) -> dict[str, str]:
    """Code → designation of the newest installed version of the code list ``name`` (``gds.gerichte``); {} if none."""
    candidates = [path for path in _codelist_files() if path.stem.rpartition("_")[0] == name.lower()]
    if not candidates:
        return {}
    newest = max(candidates, key=lambda path: version_key(path.stem.rpartition("_")[2]))
    key = (str(newest), newest.stat().st_mtime_ns)
    with _lock:
        if key not in _codelists:
            _codelists[key] = _entries(json.loads(newest.read_bytes()))
        return _codelists[key]


def version_key(version: str) -> tuple[int, ...]:
    """``version`` as numbers, for sorting: 3.10 after 3.9."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _root() -> Path:
    return Path(settings.DATA_DIR) / "schemas"


# --- schemas -------------------------------------------------------------------------------------------------------


def _install_schemas(found: Group) -> Installed:
    if not found.standard:
        return Installed("schema", found.label, "", len(found.files), UNRECOGNISED)
    target = _root() / found.standard / found.version
    with _staging() as staging:
        staged = Path(staging) / found.version
        staged.mkdir()
        for file in found.files:
            (staged / file.basename).write_bytes(file.data)
        if problem := _compile_all(staged):
            return Installed("schema", found.standard, found.version, len(found.files), problem)
        _put_in_place(staged, target)
    return Installed("schema", found.standard, found.version, len(found.files))


def _compile_all(folder: Path) -> str:
    """Why the schemas in ``folder`` are unusable: the first error of any that declares messages, or ""."""
    for entry in sorted(set(_declared(folder).values())):
        try:
            _compile(folder / entry)
        except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
            return f"{entry} lässt sich nicht übersetzen: {text(str(error))[:300]}"
    return ""


def _compile(path: Path) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    parser.resolvers.add(_LocalOnly(path.parent))
    return etree.XMLSchema(etree.parse(str(path), parser))


class _LocalOnly(etree.Resolver):
    """Resolves every schema location to the file of that name in the set's own folder, and refuses everything else."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def resolve(self, system_url: str | None, public_id: str | None, context: Any) -> Any:
        name = re.split(r"[/\\]", system_url or "")[-1]
        local = self._folder / name
        if name and local.is_file():
            return self.resolve_filename(str(local), context)
        return self.resolve_empty(context)


def _declared(folder: Path) -> dict[str, str]:
    """Global element name → the file of ``folder`` that declares it."""
    stamp = (str(folder), folder.stat().st_mtime_ns)
    if stamp not in _elements:
        names: dict[str, str] = {}
        for path in sorted(folder.glob("*.xsd")):
            root = etree.parse(str(path), etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False))
            for element in root.getroot().iterfind("{http://www.w3.org/2001/XMLSchema}element"):
                names.setdefault(element.get("name", ""), path.name)
        _elements[stamp] = names
    return _elements[stamp]


def _schema(folder: Path, message_root: str) -> etree.XMLSchema | None:
    """The compiled schema for ``message_root``, built once per process and installed state; None if not declared."""
    entry = _declared(folder).get(message_root)
    if entry is None:
        return None
    key = (str(folder), folder.stat().st_mtime_ns, entry)
    if key not in _schemas:
        _schemas[key] = _compile(folder / entry)
    return _schemas[key]


def _choose(standard: str, version: str) -> str:
    """The installed version to check ``version`` against: the same, else the newest of its minor version, else ""."""
    folder = _root() / standard
    numbers = version_key(version)
    if not (_SAFE.match(standard) and _SAFE.match(version or "-") and len(numbers) >= 2 and folder.is_dir()):
        return ""
    installed = [path.name for path in folder.iterdir() if path.is_dir()]
    if version in installed:
        return version
    return max((each for each in installed if version_key(each)[:2] == numbers[:2]), key=version_key, default="")


def _run(schema: etree.XMLSchema, root: etree._Element, *, exact: bool) -> list[Finding]:
    try:
        if schema.validate(root):
            return []
    except etree.XMLSchemaValidateError as error:  # libxml2 gives up on the document
        return [_violation(str(error), "/*", None)]
    errors = [each for each in schema.error_log if exact or "xjustizVersion" not in each.message]
    return [_violation(each.message, each.path or "", each.line or None) for each in errors[:MAX_FINDINGS]]


def _violation(message: str, path: str, line: int | None) -> Finding:
    value, expected = schema_errors.explain(message)
    where = f" (Zeile {line})" if line else ""
    return Finding(
        code="schema_invalid",
        message=f"Die Nachricht entspricht nicht dem amtlichen Schema{where}. Bitte die erkannten Angaben prüfen und "
        "von Hand zuordnen oder eine berichtigte Nachricht anfordern.",
        path=path,
        value=value,
        line=line,
        expected=expected,
    )


def _other_version(version: str, chosen: str) -> list[Finding]:
    if version == chosen:
        return []
    return [
        Finding(
            code="schema_other_version",
            message=f"Das Schema {version} ist nicht installiert; geprüft wurde gegen {chosen}. Die IT kann das "
            "passende mit „manage.py standards install“ einspielen.",
            severity=Severity.HINT,
            value=version,
        )
    ]


# --- code lists ----------------------------------------------------------------------------------------------------


def _install_codelist(file: SourceFile) -> Installed | None:
    """Install ``file`` when it is a code list as the XRepository exports it (JSON); other JSON is none of ours."""
    if not file.name.lower().endswith(".json"):
        return None
    try:
        data = json.loads(file.data)
    except ValueError as error:
        return Installed("codelist", file.name, "", 1, f"kein gültiges JSON: {error}")
    if not isinstance(data, dict) or not {"metadaten", "spalten", "daten"} <= data.keys():
        return None
    name, version, problem = _identify(data)
    if problem:
        return Installed("codelist", file.name, version, 1, problem)
    with _staging() as staging:
        staged = Path(staging) / "list.json"
        staged.write_bytes(file.data)
        _put_in_place(staged, _root() / _CODELISTS / f"{name}_{version}.json")
    return Installed("codelist", name, version, 1)


def _identify(data: dict[str, Any]) -> tuple[str, str, str]:
    """Name, version and, where it cannot be used, the problem of a code list."""
    meta = data["metadaten"] if isinstance(data["metadaten"], dict) else {}
    name, version = str(meta.get("nameTechnisch", "")).lower(), str(meta.get("version", ""))
    if not (_SAFE.match(name) and _SAFE.match(version)):
        return name, version, "Name oder Version fehlt"
    try:
        _entries(data)
    except (KeyError, IndexError, TypeError, AttributeError, StopIteration) as error:
        return name, version, f"unerwarteter Aufbau ({type(error).__name__})"
    return name, version, ""


def _entries(data: dict[str, Any]) -> dict[str, str]:
    columns = data["spalten"]
    code = next(i for i, column in enumerate(columns) if column.get("codeSpalte"))
    names = [i for i, column in enumerate(columns) if column.get("spaltennameTechnisch") == "wert"]
    label = names[0] if names else next(i for i, column in enumerate(columns) if not column.get("codeSpalte"))
    return {row[code]: row[label] or "" for row in data["daten"]}


def _codelist_files() -> Iterable[Path]:
    folder = _root() / _CODELISTS
    return sorted(folder.glob("*_*.json")) if folder.is_dir() else []


# --- placing -------------------------------------------------------------------------------------------------------


def _staging() -> tempfile.TemporaryDirectory[str]:
    """A temporary folder on the store's own file system, so that a rename out of it is atomic."""
    _root().mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix=".staging-", dir=_root())


def _is_temporary(name: str) -> bool:
    return name.startswith(".")


def _put_in_place(staged: Path, target: Path) -> None:
    """Rename ``staged`` to ``target``; a folder that is there already is moved aside first and then removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        aside = staged.parent / "replaced"
        os.replace(target, aside)
        os.replace(staged, target)
        shutil.rmtree(aside)
    else:
        os.replace(staged, target)
