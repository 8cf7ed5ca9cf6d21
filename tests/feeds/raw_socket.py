"""A device's end of the link without a WebSocket library: any bytes go out, and frames come in one by one."""

from __future__ import annotations

import base64
import json
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Self

from tests.feeds.town import KEYS

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MASK = b"\x1f\x2e\x3d\x4c"
REQUEST_KEY = base64.b64encode(b"the RFC's sample").decode()
HEADERS = {
    "Host": "room.example",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": REQUEST_KEY,
    "Sec-WebSocket-Version": "13",
}

Heard = int | str | bytes
"""A close code (1005: none was given), the code or type of a text frame, or a pong's payload."""


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    reserved: int = 0,
    mask: bytes | None = MASK,
    width: int = 0,
    declared: int | None = None,
) -> bytes:
    """One frame. `mask` None: not masked. `width` 2 or 8: that length field, needed or not. `declared`: a length that
    need not be the payload's. `reserved`: RSV1–3 as a number of three bits.
    """
    length = len(payload) if declared is None else declared
    width = width or (0 if length < 126 else 2 if length < 1 << 16 else 8)
    masked = 0 if mask is None else 0x80
    head = bytes([fin << 7 | reserved << 4 | opcode, masked | {0: length, 2: 126, 8: 127}[width]])
    extended = {0: b"", 2: struct.pack("!H", length & 0xFFFF), 8: struct.pack("!Q", length)}[width]
    return head + extended + (payload if mask is None else mask + masked_with(mask, payload))


def masked_with(mask: bytes, payload: bytes) -> bytes:
    """The payload as it stands on the wire."""
    return bytes(byte ^ key for byte, key in zip(payload, cycle(mask), strict=False))


def close(code: int | None, reason: bytes = b"") -> bytes:
    """A close frame; None: without a code."""
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason)


def request(line: str = "GET /v1/feed HTTP/1.1", *more: str, without: str = "", **instead: str) -> bytes:
    """An opening handshake; `instead` replaces headers by name (dashes as underscores), `more` are further lines."""
    changed = HEADERS | {name.replace("_", "-"): value for name, value in instead.items()}
    lines = [line, *(f"{name}: {value}" for name, value in changed.items() if name != without), *more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def hello(device: str = "src-1", key: str | None = None) -> bytes:
    """The frame that signs a device in."""
    said = {"type": "hello", "device": device, "key": KEYS[device] if key is None else key}
    return frame(TEXT, json.dumps(said).encode())


@dataclass
class RawSocket:
    """A TCP connection to the gateway."""

    port: int
    device: str = "src-1"
    closed: bool = False  # we or they have sent a close frame
    _socket: socket.socket = field(init=False)

    def __enter__(self) -> Self:
        self._socket = socket.create_connection(("127.0.0.1", self.port), 20)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._socket.makefile("rb")
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._socket.close()

    def send(self, sent: bytes) -> None:
        """Send; a peer that has hung up meanwhile is seen by the next `hear`."""
        with suppress(ConnectionError):
            self._socket.sendall(sent)

    def send_by_byte(self, sent: bytes) -> None:
        """Send in pieces of one byte."""
        for each in sent:
            self.send(bytes([each]))

    def vanish(self) -> None:
        """Reset the connection."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def status(self) -> int:
        """The status of an HTTP answer; its head is read away. 0 when the peer just hung up."""
        line = self._line()
        assert not line or line.startswith(b"HTTP/1.1 "), line
        while line and self._line().strip():
            pass
        return int(line.split(b" ", 2)[1]) if line else 0

    def _line(self) -> bytes:
        try:
            return self._stream.readline(65_536)
        except ConnectionError:
            return b""

    def sign_in(self) -> None:
        """Shake hands, say hello, be welcomed."""
        self.send(request() + hello(self.device))
        assert self.status() == 101
        assert self.hear() == "welcome"

    def hear(self) -> Heard | None:
        """What the gateway says next; None once it has closed the TCP connection."""
        head = self._read(2)
        if not head:
            return None
        opcode, length = head[0] & 0x0F, head[1]
        assert head[0] & 0xF0 == 0x80, "the gateway sends whole frames without reserved bits"
        assert length < 0x80, "a server never masks (5.1)"
        if length >= 126:
            length = int.from_bytes(self._read(2 if length == 126 else 8), "big")
        return self._meaning(opcode, self._read(length))

    def _meaning(self, opcode: int, payload: bytes) -> Heard:
        if opcode == CLOSE:
            self._answer_close(payload)
            return int.from_bytes(payload[:2], "big") if payload else 1005
        if opcode == PONG:
            return payload
        assert opcode == TEXT, opcode
        said: dict[str, Any] = json.loads(payload)
        return str(said.get("code") or said["type"])

    def _answer_close(self, payload: bytes) -> None:
        payload[2:].decode()  # the reason is UTF-8 (5.5.1)
        if not self.closed:
            self.closed = True
            self.send(frame(CLOSE, payload[:2]))

    def _read(self, count: int) -> bytes:
        try:
            return self._stream.read(count) or b""
        except ConnectionError:
            return b""
