"""Which addresses Laufmappe calls of its own accord: public ones, and networks that the operator names.

Whoever may enter a target could otherwise let the server speak with its own neighbours (server-side request forgery,
CWE-918). What is public is said here as a list, by the registries of special-purpose addresses (RFC 6890, IANA): of
IPv6 only global unicast is, so nothing that carries an IPv4 address in disguise (mapped, NAT64, 6to4, Teredo).
"""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NOT_PUBLIC_4 = [
    ipaddress.IPv4Network(each)
    for each in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # the shared ones of providers (CGNAT)
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and where clouds tell a machine its secrets
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
]
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = [
    ipaddress.IPv6Network(each)
    for each in (
        "2001::/23",  # Teredo, ORCHID and others
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
]
_SAYS_NOTHING = 8  # a shorter prefix than this lets in more than anybody can mean


def networks(text: str) -> list[Network]:
    """The networks that ``text`` names, separated by commas, as in ``10.1.2.0/24, fd00:1::/64``.

    Raises ValueError with a German sentence, for what is no network and for one that lets in nearly everything.
    """
    found: list[Network] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            network = ipaddress.ip_network(part)
        except ValueError as error:
            raise ValueError(f"„{part}“ ist kein Netz; bitte etwa 10.1.2.0/24 oder fd00:1::/64 schreiben.") from error
        if network.prefixlen < _SAYS_NOTHING:
            raise ValueError(f"„{part}“ lässt fast alles zu; bitte das Netz der Empfänger enger angeben.")
        found.append(network)
    return found


def is_listed(address: Address, listed: list[Network]) -> bool:
    """True when the operator has named a network with this very address."""
    return any(address in network for network in listed if network.version == address.version)


def is_public(address: Address) -> bool:
    """True for an address that the whole Internet reaches."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)
