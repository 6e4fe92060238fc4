"""Calling an address that somebody else has entered: checked, to the very address that was checked, and in time.

By the standard library (``http.client``), because that is what lets one connection be opened by hand: to a checked IP
address, with the certificate checked for the name. It follows no redirect and knows no proxy.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings

from returnchannel.addresses import is_listed, is_public

LONGEST_URL = 500  # characters
LOOK_UP_SECONDS, CONNECT_SECONDS, TOTAL_SECONDS = 5, 5, 15
MOST_READ = 4096  # bytes of an answer: nobody looks at them
MOST_ADDRESSES = 3  # of a name that are tried
PORTS = {"https": 443, "http": 80}
LOWEST_PORT = 1024  # below it, only the usual ones: there other services listen
_VISIBLE = re.compile(r"[!-~]+")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class NotAllowed(Exception):
    """A target that is not called; ``code`` is stable, the message a German sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Unreachable(Exception):
    """No answer came; the message is a German sentence."""


@dataclass(frozen=True)
class Target:
    """An address as entered: ``scheme`` http or https, ``host`` a name or IP address, ``path`` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """What the header ``Host`` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True)
class Place:
    """Where a target is, after its name was looked up: an address that may be called."""

    family: int
    socket_address: tuple


def parse(url: str) -> Target:
    """What ``url`` says. Raises NotAllowed when it is no address that could be called."""
    if len(url) > LONGEST_URL:
        raise NotAllowed("url_too_long", f"Die Adresse hat mehr als {LONGEST_URL} Zeichen.")
    try:
        parts = urlsplit(url) if _VISIBLE.fullmatch(url) and "\\" not in url else None
        host, port = (parts.hostname or "", parts.port) if parts else ("", None)
    except ValueError:
        parts, host, port = None, "", None
    if parts is None or parts.scheme not in PORTS or not _is_host(host) or port == 0:
        raise NotAllowed("url_invalid", "Das ist keine Adresse wie „https://portal.example/laufmappe“.")
    if "@" in parts.netloc:
        raise NotAllowed("url_with_login", "Die Adresse darf keine Zugangsdaten enthalten; die Signatur weist uns aus.")
    if "#" in url:
        raise NotAllowed("url_with_fragment", "Die Adresse darf kein „#“ enthalten.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or PORTS[parts.scheme], path)


def find(target: Target) -> list[Place]:
    """Where the target is now; only places that may be called. Raises NotAllowed or Unreachable.

    One single address of a name that may not be called forbids them all: which one is taken would be chance.
    """
    found = _look_up(target)
    addresses = [ipaddress.ip_address(place.socket_address[0].partition("%")[0]) for place in found]
    strangers = [address for address in addresses if not is_listed(address, settings.WEBHOOK_ALLOWED_NETWORKS)]
    if not all(is_public(address) for address in strangers):
        raise NotAllowed(
            "target_not_public",
            "Die Adresse liegt nicht im öffentlichen Netz. Bitte eine öffentliche Adresse angeben, oder den Betrieb "
            "bitten, das Netz in WEBHOOK_ALLOWED_NETWORKS aufzunehmen.",
        )
    if strangers and target.scheme != "https":
        raise NotAllowed("https_required", "Die Adresse muss mit „https://“ beginnen.")
    if strangers and target.port not in (PORTS["https"], *range(LOWEST_PORT, 1 << 16)):
        raise NotAllowed("port_not_allowed", f"Erlaubt sind Port 443 und Ports ab {LOWEST_PORT}.")
    return found[:MOST_ADDRESSES]


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    """Send ``body`` to the target and return the HTTP status of the answer. Raises NotAllowed or Unreachable.

    After ``LOOK_UP_SECONDS`` for the name at most ``TOTAL_SECONDS`` pass, however slowly the other side speaks.
    """
    places = find(target)
    until = time.monotonic() + TOTAL_SECONDS
    link = _connect(places, until)
    expired = threading.Event()
    try:
        with _cut_off(link, until, expired):
            return _exchange(target, link, body, headers)
    except ssl.SSLCertVerificationError as error:
        raise Unreachable("Das Zertifikat des Empfängers gilt nicht für ihn; bitte dort prüfen lassen.") from error
    except ssl.SSLError as error:
        raise Unreachable("Mit dem Empfänger kam keine verschlüsselte Verbindung zustande.") from error
    except (OSError, http.client.HTTPException) as error:
        if expired.is_set() or isinstance(error, TimeoutError):
            raise Unreachable(f"Der Empfänger hat nicht innerhalb von {TOTAL_SECONDS} Sekunden geantwortet.") from error
        raise Unreachable("Der Empfänger hat die Verbindung ohne lesbare Antwort beendet.") from error
    finally:
        link.close()


@cache
def tls() -> ssl.SSLContext:
    """How certificates are checked: by the machine's authorities (``SSL_CERT_FILE`` names others)."""
    return ssl.create_default_context()


def _is_host(host: str) -> bool:
    """True for a name or a plain IP address; false for the many other ways of writing one (decimal, octal, short)."""
    if ":" in host:
        try:
            return bool(ipaddress.IPv6Address(host)) and "%" not in host
        except ValueError:
            return False
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        try:
            return bool(ipaddress.IPv4Address(host))
        except ValueError:
            return False
    return _NAME.fullmatch(host) is not None


def _look_up(target: Target) -> list[Place]:
    """The addresses of the name. The system's look-up knows no time limit: it is left behind when it takes too long."""
    found: list[tuple] = []
    errors: list[Exception] = []

    def ask() -> None:
        try:
            found.extend(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            errors.append(error)

    asking = threading.Thread(target=ask, name="look-up", daemon=True)
    asking.start()
    asking.join(LOOK_UP_SECONDS)
    if asking.is_alive() or errors or not found:
        raise Unreachable("Der Name in der Adresse ist nicht auflösbar; bitte Schreibweise und DNS prüfen.")
    return list(dict.fromkeys(Place(family, address) for family, _, _, _, address in found))


def _connect(places: list[Place], until: float) -> socket.socket:
    for place in places:
        link = socket.socket(place.family, socket.SOCK_STREAM)
        link.settimeout(max(0.1, min(CONNECT_SECONDS, until - time.monotonic())))
        try:
            link.connect(place.socket_address)
        except OSError:
            link.close()
            continue
        return link
    raise Unreachable("Die Verbindung zum Empfänger kam nicht zustande.")


def _exchange(target: Target, link: socket.socket, body: bytes, headers: Mapping[str, str]) -> int:
    link.settimeout(TOTAL_SECONDS)
    call = http.client.HTTPConnection(target.host, target.port)
    call.sock = tls().wrap_socket(link, server_hostname=target.host) if target.scheme == "https" else link
    try:
        call.request("POST", target.path, body, {"Host": target.host_header, "Connection": "close", **headers})
        answer = call.getresponse()
        with suppress(OSError, http.client.HTTPException):  # all was said with the status; read so that it may end well
            answer.read(MOST_READ)
        answer.close()
        return answer.status
    finally:
        call.close()


@contextmanager
def _cut_off(link: socket.socket, until: float, expired: threading.Event) -> Iterator[None]:
    """End the connection at ``until``, whatever is going on in it: timeouts of a socket begin anew with each byte."""
    twin = link.dup()  # the same connection, whatever becomes of ``link`` under TLS

    def end() -> None:
        expired.set()
        with suppress(OSError):  # it has ended by itself
            twin.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, until - time.monotonic()), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        twin.close()
