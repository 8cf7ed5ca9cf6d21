"""A TCP proxy that can fall silent without closing anything: the failure no browser notices by itself."""

from __future__ import annotations

import socket
import threading
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
