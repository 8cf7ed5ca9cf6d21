"""A TCP proxy that can fall silent without closing anything: the failure no browser notices by itself."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class BlackHole:
    """Carries bytes both ways until `swallow`; then everything sent vanishes, and new links hang, until `heal`."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (str(parts.hostname), int(parts.port or 80))
        self._open = threading.Event()
        self._open.set()
        self._near: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        self._open.set()
        self._listener.close()

    def swallow(self) -> None:
        """From now on nothing arrives anywhere."""
        self._open.clear()

    def finish(self) -> None:
        """End every link in order (FIN), and let no new one through: a server that goes."""
        self._cut(reset=False)

    def reset(self) -> None:
        """Tear every link (RST), and let no new one through: a firewall that forgets."""
        self._cut(reset=True)

    def _cut(self, *, reset: bool) -> None:
        self._open.clear()
        for near in self._near:
            with suppress(OSError):
                if reset:
                    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                near.shutdown(socket.SHUT_RD if reset else socket.SHUT_RDWR)
                near.close()
        self._near.clear()

    def heal(self) -> None:
        """Links made from now on work; the swallowed ones stay dead, as after a change of route."""
        self._open.set()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._link, args=(near,), daemon=True).start()

    def _link(self, near: socket.socket) -> None:
        self._open.wait()
        self._near.append(near)
        far = socket.create_connection(self._target)
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        dead = False
        try:
            while chunk := source.recv(1 << 16):
                dead = dead or not self._open.is_set()
                if not dead:
                    sink.sendall(chunk)
        except OSError:
            pass
        finally:
            sink.close()
