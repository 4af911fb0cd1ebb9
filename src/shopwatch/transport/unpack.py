"""Bodies unpacked piece by piece within a limit; without it a small answer could fill the memory."""

from __future__ import annotations

import zlib
from typing import Protocol

_PIECE = 65_536  #: bytes unpacked at once
_GZIP_WINDOW = zlib.MAX_WBITS | 16
_GZIP_MAGIC = b"\x1f"
_MOST_MEMBERS = 1_000  #: of one gzip stream

ACCEPTED = "gzip, deflate"  #: what we tell sites we can unpack


class TooLarge(Exception):
    """The body is over the limit, packed or unpacked."""


class Broken(Exception):
    """The body cannot be unpacked, or ends early."""


class Unpacker(Protocol):
    def feed(self, data: bytes) -> None: ...

    def finish(self) -> bytes:
        """The whole body."""


def unpacker(encoding: str, limit: int) -> Unpacker:
    """What unpacks a body of this ``Content-Encoding``, up to ``limit`` bytes."""
    match encoding.strip().lower():
        case "" | "identity":
            return Plain(limit)
        case "gzip" | "x-gzip":
            return Packed(limit, window=_GZIP_WINDOW)
        case "deflate":
            return Packed(limit, window=zlib.MAX_WBITS)
        case other:
            raise Broken(f"the body is packed as {other[:30]!r}, which we did not ask for")


class Plain:
    """A body that is not packed."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limit:
            raise TooLarge(f"the body is over {self._limit} bytes")
        self._pieces.append(data)

    def finish(self) -> bytes:
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)


class Packed:
    """A gzip or deflate body. Never holds more than the limit and one piece."""

    def __init__(self, limit: int, *, window: int) -> None:
        self._plain = Plain(limit)
        self._limit = limit
        self._window = window
        self._stream = zlib.decompressobj(window)
        self._received = 0
        self._members = 1

    def feed(self, data: bytes) -> None:
        if self._received == 0 and self._window == zlib.MAX_WBITS and not _is_zlib(data):
            self._window = -zlib.MAX_WBITS  # some servers send raw deflate under that name
            self._stream = zlib.decompressobj(self._window)
        self._received += len(data)
        if self._received > self._limit:
            raise TooLarge(f"the packed body is over {self._limit} bytes")
        while data:
            data = self._unpack(data)

    def finish(self) -> bytes:
        if self._received and not self._stream.eof:
            raise Broken("the packed body ends early")
        return self._plain.finish()

    def _unpack(self, data: bytes) -> bytes:
        """Unpack one piece; returns what is left to do."""
        if self._stream.eof:
            if self._window != _GZIP_WINDOW or data[:1] != _GZIP_MAGIC:
                return b""  # padding after the end
            self._next_member()
        try:
            self._plain.feed(self._stream.decompress(data, _PIECE))
        except zlib.error as error:
            raise Broken(f"the body cannot be unpacked ({error})") from error
        except TooLarge:
            raise TooLarge(f"the body unpacks to over {self._limit} bytes") from None
        return self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail

    def _next_member(self) -> None:
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise Broken(f"the body is packed in over {_MOST_MEMBERS} parts")
        self._stream = zlib.decompressobj(self._window)


def _is_zlib(data: bytes) -> bool:
    return len(data) < 2 or (data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0)  # noqa: PLR2004 - RFC 1950
