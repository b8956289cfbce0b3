"""Bodies: unpacked a little at a time, so that no bomb goes off."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from worker.errors import FetchFailed

_PIECE = 2**16  # bytes unpacked at once
_PACKED = ("gzip", "x-gzip", "deflate")
_TELLING = 47  # zlib's word for: gzip or zlib, as the head says
_HEADLESS = -15


def unpacked(chunks: Iterable[bytes], encoding: str, most: int) -> bytes:
    """The body out of its chunks as they were sent, at most so many bytes of it. Raises FetchFailed."""
    found = bytearray()
    for piece in _pieces(chunks, encoding.strip().lower()):
        found += piece
        if len(found) > most:
            raise FetchFailed(f"it is larger than {most / 2**20:.0f} MB", "web.megabytes sets how much is taken")
    return bytes(found)


def _pieces(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    if encoding in ("", "identity"):
        yield from chunks
    elif encoding in _PACKED:
        yield from _inflated(chunks)
    else:
        raise FetchFailed(f"it is packed as {encoding[:20]!r}, which was not asked for")


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes that gzip (several members, too) or zlib packed; some servers send deflate without zlib's head."""
    machine = zlib.decompressobj(_TELLING)
    started = False
    for chunk in chunks:
        rest = chunk
        while rest:
            if machine.eof:
                if not rest.startswith(b"\x1f\x8b"):
                    return  # filling behind the end, which gzip's own tool leaves out as well
                machine = zlib.decompressobj(_TELLING)
            try:
                yield machine.decompress(rest, _PIECE)
            except zlib.error:
                if started:
                    raise FetchFailed("its packed body is damaged") from None
                machine = zlib.decompressobj(_HEADLESS)
                started = True
                continue
            started = True
            rest = machine.unused_data if machine.eof else machine.unconsumed_tail
    while tail := machine.decompress(machine.unconsumed_tail, _PIECE):
        yield tail
    if not machine.eof and started:
        raise FetchFailed("its packed body ends too early")
