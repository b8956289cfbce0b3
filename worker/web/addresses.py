"""Which addresses may be reached: the public ones, and those that the user allowed by name or network."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence

from worker.errors import Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
#: A host's addresses, as text. Raises OSError.
Resolve = Callable[[str, int], Sequence[str]]

# `is_global` is True for each of these (Python 3.11 to 3.13).
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(block)
    for block in ("192.88.99.0/24", "64:ff9b:1::/48", "fec0::/10", "2001::/23", "::/96", "ff00::/8", "224.0.0.0/3")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def looked_up(host: str, port: int) -> list[str]:
    """All addresses of a host, by the machine's own resolver. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def public(address: str) -> bool:
    """Whether an address is somebody's on the open internet, and not IPv4 in disguise that is not."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inside = _inside(found)
    if inside is not None:
        return public(str(inside))
    if not found.is_global or found.is_multicast or found.is_reserved:
        return False
    return not any(found in block for block in _NOT_PUBLIC)


def _inside(found: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address carries: mapped, 6to4 or NAT64."""
    if isinstance(found, ipaddress.IPv4Address):
        return None
    if found in _NAT64:
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour


class Gate:
    """Opens for public addresses, and for the hosts and networks on the allow-list.

    `allowed` holds networks ("127.0.0.0/8"), addresses and names of hosts. A name is allowed whatever it
    resolves to; a network lets in every name that resolves into it.
    """

    def __init__(self, allowed: Iterable[str] = (), resolve: Resolve = looked_up) -> None:
        self._resolve = resolve
        self._networks: list[Network] = []
        self._names: set[str] = set()
        for entry in allowed:
            try:
                self._networks.append(ipaddress.ip_network(entry, strict=False))
            except ValueError:
                self._names.add(entry.lower().rstrip("."))

    def addresses(self, host: str, port: int) -> list[str]:
        """Where to connect for a host: its addresses, every one of them checked.

        The connection goes to what was checked, so a name that answers differently the next time gains
        nothing. Raises Refused, OSError.
        """
        found = list(self._resolve(host, port))
        if not found:
            raise OSError(f"{host} has no address")
        if host.lower().rstrip(".") not in self._names:
            for address in found:
                self._check(host, address)
        return found

    def _check(self, host: str, address: str) -> None:
        if public(address):
            return
        bare = ipaddress.ip_address(address.partition("%")[0])
        if not any(bare in network for network in self._networks):
            named = host if host == address else f"{host} ({address})"
            raise Refused(f"{named} is not an address on the public internet", "your own: add it to web.allow")
