"""Laufmappe calls public addresses only, and the very one that was checked."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnchannel import addresses, calling

PRIVATE = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
    "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
]  # fmt: skip
PRIVATE_6 = [
    "::/96", "::ffff:0:0/96", "64:ff9b::/96", "100::/64", "2001::/32", "2001:db8::/32", "2002::/16", "fc00::/7",
    "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip
private = st.one_of(
    *[st.ip_addresses(network=each) for each in PRIVATE], *[st.ip_addresses(network=each) for each in PRIVATE_6]
)
private_4 = st.one_of(*[st.ip_addresses(network=each) for each in PRIVATE])


class Net:
    """A net without wires: names resolve to what a test says, and each attempt to connect is kept."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.called: list[tuple] = []
        self._real = socket.getaddrinfo

    def look_up(self, host: str, port: int, **more: Any) -> list[tuple]:
        self.asked.append(host)
        if host not in self.names:
            return self._real(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        infos = (self._real(each, port, type=socket.SOCK_STREAM) for each in self.names[host])
        return [info for found in infos for info in found]


@pytest.fixture(scope="module")
def net() -> Iterator[Net]:
    """No name is looked up and nobody called outside of this test."""
    made = Net()

    class Link:
        """A socket without a wire."""

        def __init__(self, *kind: int) -> None:
            self.close = self.settimeout = lambda *args: None

        def connect(self, address: tuple) -> None:
            made.called.append(address)
            raise ConnectionRefusedError

    with pytest.MonkeyPatch.context() as patch:
        fake = {**vars(socket), "getaddrinfo": made.look_up, "socket": Link}
        patch.setattr(calling, "socket", SimpleNamespace(**fake))
        yield made


def refused(url: str) -> str:
    """The code by which a target is refused, when it is to be called."""
    with pytest.raises(calling.NotAllowed) as refusal:
        calling.post(calling.parse(url), b"{}", {})
    assert str(refusal.value).endswith((".", ")"))
    return refusal.value.code


@given(address=private)
def test_no_private_address_is_called(net: Net, address: Any) -> None:
    host = f"[{address}]" if address.version == 6 else str(address)
    assert refused(f"https://{host}/") == "target_not_public"
    assert net.called == []


@given(address=private)
def test_no_name_of_a_private_address_is_called_even_beside_a_public_one(net: Net, address: Any) -> None:
    net.names["portal.example"] = ["93.184.216.34", str(address)]
    assert refused("https://portal.example/") == "target_not_public"
    assert net.called == []


@given(
    address=private_4, form=st.sampled_from(["decimal", "hex", "octal", "hexes", "octals", "short", "mapped", "nat64"])
)
def test_no_other_way_of_writing_one_is_called(net: Net, address: ipaddress.IPv4Address, form: str) -> None:
    number, parts = int(address), address.packed
    host = {
        "decimal": str(number),
        "hex": hex(number),
        "octal": f"0{number:o}",
        "hexes": ".".join(hex(part) for part in parts),
        "octals": ".".join(f"0{part:03o}" for part in parts),
        "short": f"{parts[0]}.{int.from_bytes(parts[1:])}",
        "mapped": f"[::ffff:{address}]",
        "nat64": f"[64:ff9b::{address}]",
    }[form]
    assert refused(f"https://{host}/") in ("url_invalid", "target_not_public")
    assert net.called == []


@given(address=st.ip_addresses())
def test_what_is_not_global_for_python_is_not_public_for_us(address: Any) -> None:
    if addresses.is_public(address):
        assert address.is_global and not address.is_multicast and not address.is_private


def test_public_addresses_are_public() -> None:
    for each in (
        "8.8.8.8",
        "93.184.216.34",
        "1.1.1.1",
        "2606:2800:220:1:248:1893:25c8:1946",
        "2a00:1450:4001:82b::200e",
    ):
        assert addresses.is_public(ipaddress.ip_address(each)), each


def test_the_address_that_was_checked_is_called_and_the_name_is_not_looked_up_again(net: Net) -> None:
    net.names["portal.example"] = ["93.184.216.34"]
    net.asked.clear()
    net.called.clear()
    with pytest.raises(calling.Unreachable):
        calling.post(calling.parse("https://portal.example:8443/x"), b"{}", {})
    assert (net.asked, net.called) == (["portal.example"], [("93.184.216.34", 8443)])
    net.called.clear()
    net.names["portal.example"] = ["10.0.0.1"]  # the name was made to point elsewhere since
    assert refused("https://portal.example:8443/x") == "target_not_public"
    assert net.called == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "url_invalid"),
        ("portal.example", "url_invalid"),
        ("ftp://portal.example/", "url_invalid"),
        ("file:///etc/passwd", "url_invalid"),
        ("gopher://portal.example/", "url_invalid"),
        ("https://", "url_invalid"),
        ("https:///pfad", "url_invalid"),
        ("https://portal.example:0/", "url_invalid"),
        ("https://portal.example:99999/", "url_invalid"),
        ("https://portal.example:abc/", "url_invalid"),
        ("https://portal.example\\@10.0.0.1/", "url_invalid"),
        ("https://portal .example/", "url_invalid"),
        ("https://portal.example/\r\nX: y", "url_invalid"),
        ("https://pörtal.example/", "url_invalid"),
        ("https://portal_.example/", "url_invalid"),
        ("https://[fe80::1%25eth0]/", "url_invalid"),
        ("https://[::1/", "url_invalid"),
        ("https://127.1/", "url_invalid"),
        ("https://portal.example.1/", "url_invalid"),
        ("https://localhost./", "url_invalid"),
        ("https://nutzer:geheim@portal.example/", "url_with_login"),
        ("https://portal.example/#hier", "url_with_fragment"),
        ("https://portal.example/" + "x" * 500, "url_too_long"),
        ("http://portal.example/", "https_required"),
        ("https://portal.example:25/", "port_not_allowed"),
        ("https://portal.example:80/", "port_not_allowed"),
    ],
)
def test_what_is_no_target_says_why(net: Net, url: str, code: str) -> None:
    net.names["portal.example"] = ["93.184.216.34"]
    net.called.clear()
    assert refused(url) == code
    assert net.called == []


def test_a_name_that_does_not_resolve_is_unreachable_however_long_it_takes(
    net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(calling.Unreachable, match="nicht auflösbar"):
        calling.find(calling.parse("https://gibt-es-nicht.example/"))

    forever = threading.Event()
    monkeypatch.setattr(calling, "LOOK_UP_SECONDS", 0.05)
    monkeypatch.setattr(calling.socket, "getaddrinfo", lambda *args, **more: forever.wait(5) and [])
    with pytest.raises(calling.Unreachable, match="nicht auflösbar"):
        calling.find(calling.parse("https://portal.example/"))
    forever.set()


def test_what_the_operator_lists_may_be_called_and_nothing_beside_it(net: Net, settings: Any) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = addresses.networks("10.1.2.0/24, fd00:1::/64")
    assert calling.find(calling.parse("http://10.1.2.3:81/"))
    assert calling.find(calling.parse("https://[fd00:1::5]/"))
    assert refused("http://10.1.3.3/") == "target_not_public"
    assert refused("https://[::ffff:10.1.2.3]/") == "target_not_public"


@pytest.mark.parametrize("text", ["10.0.0.1/24", "unfug", "0.0.0.0/0", "::/0", "10.0.0.0/8,,x", "10.0.0.0/33"])
def test_networks_that_are_none_or_let_in_everything_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="bitte"):
        addresses.networks(text)


def test_networks_are_read_as_written() -> None:
    assert addresses.networks("") == []
    assert addresses.networks(" 10.0.0.0/8 , ::1/128,192.168.1.7") == [
        ipaddress.ip_network(each) for each in ("10.0.0.0/8", "::1/128", "192.168.1.7/32")
    ]
