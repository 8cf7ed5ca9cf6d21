"""Every case of RFC 6455 that the gateway is tried with: bytes in, what is heard; grouped as Autobahn's 1 to 7 are."""

from __future__ import annotations

from itertools import pairwise

from feeds.frames import FRAME_BYTES
from tests.feeds.raw_socket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Heard, close, frame, request

Row = tuple[str, bytes, list[Heard]]

BEAT = b'{"type":"beat"}'
CHINESE = '{"type":"beat","说":"楼上噪声"}'.encode()
FULL = BEAT.ljust(FRAME_BYTES)


def text(payload: bytes, **more: object) -> bytes:
    return frame(TEXT, payload, **more)  # type: ignore[arg-type]


def pieces(payload: bytes, *cuts: int) -> bytes:
    """A text message in fragments, cut before these places."""
    edges = [0, *cuts, len(payload)]
    parts = [payload[start:end] for start, end in pairwise(edges)]
    return b"".join(
        frame(CONTINUATION if number else TEXT, part, fin=number == len(parts) - 1) for number, part in enumerate(parts)
    )


BROKEN_UTF8 = {
    "FF": b"\xff",
    "FE": b"\xfe",
    "continuation alone": b"\x80",
    "start alone": b"\xc3",
    "three bytes cut": b"\xe4\xbd",
    "four bytes cut": b"\xf0\x9f\x92",
    "overlong 2": b"\xc0\x80",
    "overlong 3": b"\xe0\x80\x80",
    "overlong 4": b"\xf0\x80\x80\x80",
    "surrogate": b"\xed\xa0\x80",
    "beyond Unicode": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "GBK": "网格".encode("gbk"),
}

LENGTHS: list[Row] = [
    ("1.1.1 empty text", text(b""), ["BAD_JSON"]),
    *((f"1.1 text of {n}", text(BEAT.ljust(n)), ["beat"]) for n in (125, 126, 127, 128, 65_535, FRAME_BYTES)),
    ("1.1.9 one byte over the limit", text(BEAT.ljust(FRAME_BYTES + 1)), [1009]),
    *((f"1.2 binary of {n}", frame(BINARY, b"\0" * n), ["UNSUPPORTED_BINARY"]) for n in (0, 125, 126, 65_535)),
    ("1.2.8 binary over the limit", frame(BINARY, b"\0" * 70_000), [1009]),
    ("1.3.1 16-bit length that 7 bits could say", text(BEAT, width=2), ["beat"]),
    ("1.3.2 64-bit length that 7 bits could say", text(BEAT, width=8), ["beat"]),
    ("1.3.3 64-bit length that 16 bits could say", text(BEAT.ljust(300), width=8), ["beat"]),
    ("1.3.4 64-bit length of zero", text(b"", width=8), ["BAD_JSON"]),
    ("1.3.5 2^62 declared", text(b"", declared=1 << 62, width=8), [1009]),
    ("1.3.6 the most significant bit set", text(b"", declared=1 << 63, width=8), [1009]),
    ("1.3.7 limit + 1 declared, nothing sent", text(b"", declared=FRAME_BYTES + 1, width=8), [1009]),
    ("1.3.8 2^32 declared on a ping", frame(PING, b"", declared=1 << 32, width=8), [1009]),
]

MASKS: list[Row] = [
    ("5.3.1 text without a mask", text(BEAT, mask=None), [1002]),
    ("5.3.2 ping without a mask", frame(PING, b"x", mask=None), [1002]),
    ("5.3.3 close without a mask", frame(CLOSE, b"\x03\xe8", mask=None), [1002]),
    ("5.3.4 empty text without a mask", text(b"", mask=None), [1002]),
    ("5.3.5 a mask of zeros", text(BEAT, mask=b"\0\0\0\0"), ["beat"]),
    ("5.3.6 a mask of ones", text(BEAT, mask=b"\xff\xff\xff\xff"), ["beat"]),
]

PINGS: list[Row] = [
    ("2.1 empty", frame(PING), [b""]),
    ("2.2 words", frame(PING, b"Hello"), [b"Hello"]),
    ("2.3 bytes that are no text", frame(PING, b"\0\xff\xfe\xfd"), [b"\0\xff\xfe\xfd"]),
    ("2.4 125 bytes", frame(PING, b"p" * 125), [b"p" * 125]),
    ("2.5 126 bytes", frame(PING, b"p" * 126), [1002]),
    ("2.6 short, said in 16 bits", frame(PING, b"p", width=2), [b"p"]),
    ("2.7 a pong nobody asked for", frame(PONG), []),
    ("2.8 a pong with words", frame(PONG, b"unasked"), []),
    ("2.9 a pong, then a ping", frame(PONG, b"unasked") + frame(PING, b"p"), [b"p"]),
    ("2.10 ten at once", b"".join(frame(PING, b"%d" % n) for n in range(10)), [b"%d" % n for n in range(10)]),
    ("2.11 a pong of 126 bytes", frame(PONG, b"p" * 126), [1002]),
    ("2.12 between two messages", text(BEAT) + frame(PING, b"p") + text(BEAT), [b"p", "beat", "beat"]),
]

KINDS = (TEXT, BINARY, PING, PONG, CLOSE)
RESERVED: list[Row] = [
    *((f"3.1 RSV {bits} on a text", text(BEAT, reserved=bits), [1002]) for bits in range(1, 8)),
    *((f"3.2 RSV 4 on opcode {kind}", frame(kind, reserved=4), [1002]) for kind in KINDS),
    ("3.3 RSV 1 on a continuation", text(BEAT[:3], fin=False) + frame(0, BEAT[3:], reserved=1), [1002]),
    *((f"4.1 opcode {code}", frame(code), [1002]) for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)),
    *((f"4.2 opcode {code} with words", frame(code, BEAT), [1002]) for code in (3, 15)),
]

FRAGMENTS: list[Row] = [
    ("5.1 a ping in two", frame(PING, b"p", fin=False) + frame(CONTINUATION, b"q"), [1002]),
    ("5.2 a pong in two", frame(PONG, b"p", fin=False) + frame(CONTINUATION, b"q"), [1002]),
    ("5.3 a text in two", pieces(BEAT, 7), ["beat"]),
    ("5.4 a text in every byte", pieces(BEAT, *range(1, len(BEAT))), ["beat"]),
    ("5.5 an empty beginning", pieces(BEAT, 0), ["beat"]),
    ("5.6 an empty end", pieces(BEAT, len(BEAT)), ["beat"]),
    ("5.7 nothing but empty fragments", pieces(b"", 0, 0), ["BAD_JSON"]),
    ("5.8 a ping within", text(BEAT[:5], fin=False) + frame(PING, b"p") + frame(0, BEAT[5:]), [b"p", "beat"]),
    (
        "5.9 three pings within",
        text(BEAT[:5], fin=False) + b"".join(frame(PING, n) for n in (b"1", b"2", b"3")) + frame(0, BEAT[5:]),
        [b"1", b"2", b"3", "beat"],
    ),
    ("5.10 a pong within", text(BEAT[:5], fin=False) + frame(PONG, b"p") + frame(0, BEAT[5:]), ["beat"]),
    ("5.11 a continuation of nothing", frame(CONTINUATION, BEAT), [1002]),
    ("5.12 a beginning of nothing", frame(CONTINUATION, BEAT, fin=False), [1002]),
    ("5.14 a new text within", text(BEAT[:5], fin=False) + text(BEAT), [1002]),
    ("5.15 a new binary within", text(BEAT[:5], fin=False) + frame(BINARY, b""), [1002]),
    ("5.16 two beginnings", text(BEAT[:5], fin=False) * 2, [1002]),
    ("5.17 a binary in two", frame(BINARY, b"a", fin=False) + frame(0, b"b"), ["UNSUPPORTED_BINARY"]),
    ("5.18 whole and in parts in turn", (text(BEAT) + pieces(BEAT, 7)) * 3, ["beat"] * 6),
    ("5.19 the limit in four", pieces(FULL, 100, 40_000, 65_000), ["beat"]),
    ("5.20 over the limit in two", pieces(FULL + b" ", 40_000), [1009]),
    ("5.21 over the limit in many", pieces(FULL + b" ", *range(1000, 60_000, 1000)), [1009]),
    ("5.22 a close within", text(BEAT[:5], fin=False) + close(1000), [1002]),
    ("5.23 a close in two", frame(CLOSE, b"\x03", fin=False) + frame(0, b"\xe8"), [1002]),
]

UTF8: list[Row] = [
    ("6.1 Chinese", text(CHINESE), ["UNKNOWN_FIELD"]),
    *((f"6.2 Chinese cut at {cut}", pieces(CHINESE, cut), ["UNKNOWN_FIELD"]) for cut in range(17, 24)),
    ("6.3 the last character of Unicode", text(b'{"type":"beat"}'[:-1] + b',"\xf4\x8f\xbf\xbf":1}'), ["UNKNOWN_FIELD"]),
    *((f"6.4 {name}", text(broken), [1007]) for name, broken in BROKEN_UTF8.items()),
    *((f"6.5 {name} behind good words", text(BEAT + broken), [1007]) for name, broken in BROKEN_UTF8.items()),
    *((f"6.6 {name} in a fragment", pieces(BEAT + broken + BEAT, 7), [1007]) for name, broken in BROKEN_UTF8.items()),
    ("6.7 broken words, cut in their middle", pieces(b"\xed\xa0\x80", 1, 2), [1007]),
]

TOLD = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999)
NEVER_TOLD = (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535)
CLOSES: list[Row] = [
    ("7.1.1 without a code", close(None), [1005]),
    ("7.1.2 a text behind it", close(1000) + text(BEAT), [1000]),
    ("7.1.3 a ping behind it", close(1000) + frame(PING, b"p"), [1000]),
    ("7.1.4 twice", close(1000) * 2, [1000]),
    ("7.3.1 one byte", frame(CLOSE, b"\x03"), [1002]),
    ("7.3.2 the longest reason", close(1000, b"r" * 123), [1000]),
    ("7.3.3 a longer one", close(1000, b"r" * 124), [1002]),
    ("7.3.4 a reason in Chinese", close(1000, "再见".encode()), [1000]),
    ("7.5.1 a reason that is no UTF-8", close(1000, b"\xff"), [1007]),
    ("7.5.2 a reason cut in a character", close(1000, "再".encode()[:2]), [1007]),
    *((f"7.7 code {code}", close(code), [code]) for code in TOLD),
    *((f"7.9 code {code}", close(code), [1002]) for code in NEVER_TOLD),
]

# A message and, once it is answered, what ends the link. In one packet with it, its answer would meet a closing socket.
AFTERWARDS: list[tuple[str, bytes, int]] = [
    ("without a mask", text(BEAT, mask=None), 1002),
    ("RSV 2", text(BEAT, reserved=2), 1002),
    ("opcode 11", frame(11), 1002),
    ("a continuation", frame(CONTINUATION, BEAT), 1002),
    ("broken words", text(b"\xff"), 1007),
    ("too long", text(b"x" * 70_000), 1009),
    ("an end", close(1000), 1000),
]

ROWS = LENGTHS + MASKS + PINGS + RESERVED + FRAGMENTS + UTF8 + CLOSES

# 0: hung up on without a word, as whoever does not speak HTTP/1.1 is.
HANDSHAKES: list[tuple[str, bytes, int]] = [
    ("good", request(), 101),
    ("names and values in other letters", request(Upgrade="WebSocket", Connection="keep-alive, UPGRADE"), 101),
    ("a protocol we do not have", request(Sec_WebSocket_Protocol="chat"), 101),
    ("compression is not agreed to", request(Sec_WebSocket_Extensions="permessage-deflate"), 101),
    ("POST", request("POST /v1/feed HTTP/1.1"), 405),
    ("PUT", request("PUT /v1/feed HTTP/1.1"), 405),
    ("HTTP/1.0", request("GET /v1/feed HTTP/1.0"), 505),
    ("HTTP/2.0", request("GET /v1/feed HTTP/2.0"), 0),
    ("no Upgrade", request(without="Upgrade"), 426),
    ("another Upgrade", request(Upgrade="h2c"), 426),
    ("no Connection", request(without="Connection"), 426),
    ("Connection without upgrade", request(Connection="keep-alive"), 426),
    ("no key", request(without="Sec-WebSocket-Key"), 400),
    ("a key of 15 bytes", request(Sec_WebSocket_Key="MDEyMzQ1Njc4OWFiY2Rl"), 400),
    ("a key that is no base64", request(Sec_WebSocket_Key="?" * 24), 400),
    ("two keys", request("GET /v1/feed HTTP/1.1", "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg=="), 400),
    ("no version", request(without="Sec-WebSocket-Version"), 400),
    ("version 8", request(Sec_WebSocket_Version="8"), 400),
    ("version 13 twice", request("GET /v1/feed HTTP/1.1", "Sec-WebSocket-Version: 13"), 400),
    ("another address", request("GET /v1/other HTTP/1.1"), 404),
    ("a key in the address", request("GET /v1/feed?key=secret HTTP/1.1"), 401),
    ("an address of 9,000 characters", request(f"GET /{'a' * 9_000} HTTP/1.1"), 414),
    ("200 headers", request("GET /v1/feed HTTP/1.1", *(f"X-{n}: y" for n in range(200))), 431),
    ("a header of 9,000 characters", request(X_Long="a" * 9_000), 431),
    ("a body", request("GET /v1/feed HTTP/1.1", "Content-Length: 5") + b"hello", 0),
    ("a body in chunks", request("GET /v1/feed HTTP/1.1", "Transfer-Encoding: chunked"), 0),
    ("a header without a name", request("GET /v1/feed HTTP/1.1", ": x"), 0),
    ("no words at all", b"\r\n\r\n", 0),
    ("no HTTP", b"SSH-2.0-OpenSSH_9.2\r\n", 0),
    ("TLS", bytes.fromhex("160301020001000001fc0303") + b"\0" * 64 + b"\r\n", 0),
]
