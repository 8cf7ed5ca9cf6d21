"""One POST to a stranger's address: only where we may go, no redirects, an end to waiting, no answer kept."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

CONNECT_S = 5.0
WHOLE_S = 15.0  # of a try, however slowly its receiver answers
MOST_ANSWER = 64 << 10
MOST_URL = 500

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAllowedThere(Exception):
    """An address that webhooks may not go to, in words."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try went: the receiver's status, 0 without one, and why it failed in words."""

    status: int
    why: str = ""
    retry_after: timedelta | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it (any 2xx); a redirect is not followed and is a failure."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Postman:
    """Posts where it may: public addresses over HTTPS, and the networks that are named (`own`) also over HTTP."""

    own: Sequence[Network] = ()

    def checked(self, url: str) -> str:
        """The address itself. Raises NotAllowedThere for what can never be posted to."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise NotAllowedThere("地址不合法") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or len(url) > MOST_URL:
            raise NotAllowedThere("地址须为 http://… 或 https://…，最多 500 字")
        if parts.username or parts.password or parts.fragment or any(c.isspace() or ord(c) < 33 for c in url):
            raise NotAllowedThere("地址不能带账号、密码、# 或空格；鉴别请用签名")
        return url

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Post once. Blocking, at most WHOLE_S; never raises for what a receiver or the network does."""
        try:
            return self._send(self.checked(url), headers, body)
        except NotAllowedThere as problem:
            return Outcome(0, str(problem))
        except ssl.SSLError:
            return Outcome(0, "TLS 证书或握手失败")
        except TimeoutError:
            return Outcome(0, "超时")
        except (OSError, http.client.HTTPException, UnicodeError) as problem:
            return Outcome(0, f"无法送达（{type(problem).__name__}）")

    def _send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        parts = urlsplit(url)
        host, is_tls = str(parts.hostname), parts.scheme == "https"
        port = parts.port or (443 if is_tls else 80)
        address = self.address(host, port, is_tls=is_tls)
        links = [socket.create_connection((str(address), port), CONNECT_S)]
        end = threading.Timer(WHOLE_S, _cut, (links,))
        end.daemon = True
        end.start()
        try:
            if is_tls:
                links.append(ssl.create_default_context().wrap_socket(links[0], server_hostname=host))
            target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            return _exchange(links[-1], parts.netloc, target, headers, body)
        except (OSError, http.client.HTTPException) as problem:
            if end.finished.is_set():  # we cut it
                raise TimeoutError from problem
            raise
        finally:
            end.cancel()
            for link in links:
                link.close()

    def address(self, host: str, port: int, *, is_tls: bool) -> Address:
        """The address to connect to: resolved once and every answer checked, so that no name leads us elsewhere."""
        found = {
            ipaddress.ip_address(str(each[4][0]).partition("%")[0])
            for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        }
        for each in found:
            if any(_plain(each) in network for network in self.own):
                continue
            if not _plain(each).is_global or _plain(each).is_multicast:
                raise NotAllowedThere("地址在内部网络，未列入 WEBHOOK_NETS")
            if not is_tls:
                raise NotAllowedThere("公网地址只能用 https")
        return min(found, key=lambda each: (each.version, int(each)))


def networks(setting: str) -> tuple[Network, ...]:
    """The networks of a comma-separated setting; ValueError for what is none."""
    return tuple(ipaddress.ip_network(each.strip(), strict=False) for each in setting.split(",") if each.strip())


def _plain(address: Address) -> Address:
    """An IPv4 address that is written as IPv6, or reached through such (NAT64, 6to4), is the IPv4 address."""
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _exchange(link: socket.socket, host: str, target: str, headers: Mapping[str, str], body: bytes) -> Outcome:
    connection = http.client.HTTPConnection(host, timeout=WHOLE_S)
    link.settimeout(WHOLE_S)
    connection.sock = link
    said = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "room-webhooks/1", "Connection": "close"}
    connection.request("POST", target, body, said | dict(headers))
    answer = connection.getresponse()
    with suppress(OSError, http.client.HTTPException):
        answer.read(MOST_ANSWER)
    if 200 <= answer.status < 300:
        return Outcome(answer.status)
    return Outcome(answer.status, f"对方回应 {answer.status}", retry_after(dict(answer.headers), datetime.now(UTC)))


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the receiver asks us to wait: seconds or a date (RFC 9110, 10.2.3); None for nothing or nonsense."""
    said = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if said.isascii() and said.isdigit():
        return timedelta(seconds=min(int(said[:9]), 10**9))
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(timedelta(0), until.replace(tzinfo=until.tzinfo or UTC) - now)


def _cut(links: Sequence[socket.socket]) -> None:
    """End whatever a connection waits for; the newest of them is the one in use."""
    with suppress(OSError):
        links[-1].shutdown(socket.SHUT_RDWR)
