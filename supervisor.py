"""Starts the roles as processes, restarts one that dies, kills one that falls silent, leaves none behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

BEAT_FD = "ROOM_BEAT_FD"
SILENCE_S = 5.0
START_S = 60.0  # that a first start may take; a later one five times as long as the slowest before
AGAIN_TIMES = 5
STOP_S = 8.0
REFUSED = 2  # exit status of a role that cannot start and has said why
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies; runs in the child, before it becomes the role."""
    parent = os.getppid()
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent was gone before we asked
        os._exit(1)


@dataclass(frozen=True, slots=True)
class Role:
    """One process of the room. A role that beats says "ready" on its beat pipe, then one byte a second.

    `ready` is asked instead for a role that cannot beat (Redis). The roles after one that is `needed` wait for it.
    """

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    needed: bool = False


class Beat:
    """The role's end of the pipe to its supervisor; silent when there is none."""

    def __init__(self) -> None:
        fd = os.environ.get(BEAT_FD)
        self._fd = int(fd) if fd else None

    def ready(self) -> None:
        """The role serves now."""
        self._write(b"R")

    def alive(self) -> None:
        """Another second of life."""
        self._write(b".")

    def _write(self, byte: bytes) -> None:
        if self._fd is not None:
            try:
                os.write(self._fd, byte)
            except OSError:  # the supervisor is gone; the kernel ends us too
                self._fd = None


class _Child:
    """One run of one role."""

    def __init__(self, role: Role, now: float, may_take: float) -> None:
        self.role, self._may_take = role, may_take
        self.started = self.heard = now
        self.is_ready = False
        self.beats, write_end = os.pipe()
        os.set_blocking(self.beats, False)
        environment = {**os.environ, **role.environment, BEAT_FD: str(write_end)}
        self.process = subprocess.Popen(  # noqa: S603 — the commands are our own
            list(role.command),
            env=environment,
            pass_fds=(write_end,),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 — the supervisor has one thread
        )
        os.close(write_end)

    def listen(self, now: float) -> bool:
        """Take what came through the pipe; whether the role became ready just now."""
        was = self.is_ready
        try:
            heard = os.read(self.beats, 4096)
        except BlockingIOError:
            heard = b""
        if heard:
            self.heard = now
            self.is_ready = self.is_ready or b"R" in heard
        if self.role.ready is not None:
            self.heard = now
            self.is_ready = self.is_ready or self.role.ready()
        return self.is_ready and not was

    @property
    def patience(self) -> float:
        """Seconds without a sign of life after which it is ended; a start may take longer than a breath."""
        return SILENCE_S if self.is_ready else self._may_take

    def kill(self) -> None:
        """End the whole process session at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        """Let the pipe go."""
        os.close(self.beats)


def _doubled(seconds: float, tries: int) -> float:
    """Twice as long with each try after the first; a role may fail for days, a float has an end."""
    return seconds * 2.0 ** min(tries - 1, 30)


class Supervisor:
    """Runs the roles until told to stop: the needed ones first, the others at once."""

    def __init__(self, roles: Sequence[Role], say: Callable[[str], None] = print) -> None:
        self._roles = list(roles)
        self._say = say
        self._children: dict[str, _Child] = {}
        self._not_before: dict[str, float] = {}
        self._deaths: dict[str, int] = {}
        self._been_up: dict[str, float] = {}  # role → seconds of its slowest start
        self._refused = False
        self._stopping = False

    def run(self, when_up: Callable[[], None]) -> int:
        """Start everything, call `when_up` once all are ready, mind them; exit status 0 after a clean stop."""
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._stop)
        try:
            return self._mind(when_up)
        finally:
            self._end_all()

    def _stop(self, signum: int, _: object) -> None:
        if not self._stopping:
            self._say(f"  正在停止 / stopping ({signal.Signals(signum).name})")
        self._stopping = True

    def _mind(self, when_up: Callable[[], None]) -> int:
        announced = False
        while not self._stopping:
            now = time.monotonic()
            if self._look_after_all(now) and not announced:
                announced = True
                when_up()
            if self._refused:
                return 1  # a role that cannot start has said why; going on would only repeat it
            self._wait(0.2)
        return 0

    def _look_after_all(self, now: float) -> bool:
        """One round; whether every role is up or has been."""
        up = True
        for role in self._roles:
            is_up = self._look_after(role, now)
            up = up and is_up
            if role.needed and not is_up:
                return False
        return up

    def _look_after(self, role: Role, now: float) -> bool:
        """Start, hear or restart one role; whether it is ready."""
        child = self._children.get(role.name)
        if child is None:
            if now < self._not_before.get(role.name, 0.0):
                return role.name in self._been_up
            child = self._children[role.name] = _Child(role, now, self._may_take(role.name))
        if child.listen(now):
            self._deaths.pop(role.name, None)
            took = now - child.started
            self._been_up[role.name] = max(took, self._been_up.get(role.name, 0.0))
            self._say(f"  ✓ {role.name:8} 就绪 / up  (pid {child.process.pid}, {took:.1f} s)")
        if child.process.poll() is not None:
            self._bury(child, now, f"退出（状态 {child.process.returncode}）/ ended, restarting")
        elif now - child.heard > child.patience:
            self._bury(child, now, f"{child.patience:.0f} 秒无响应，已终止并重启 / silent, killed, restarting")
        return role.name in self._been_up  # one that was up does not hold back the others while it restarts

    def _may_take(self, name: str) -> float:
        """Seconds that a start of this role may take: each try that fails doubles them, for a machine that got slow."""
        if name not in self._been_up:
            return START_S
        return min(START_S, _doubled(max(SILENCE_S, AGAIN_TIMES * self._been_up[name]), self._deaths.get(name, 1)))

    def _bury(self, child: _Child, now: float, why: str) -> None:
        child.kill()
        child.close()
        name = child.role.name
        del self._children[name]
        count = self._deaths[name] = self._deaths.get(name, 0) + 1
        if name not in self._been_up and (child.process.returncode == REFUSED or count >= 3):
            self._refused = True
        self._not_before[name] = now + min(5.0, _doubled(0.2, count))
        if not self._stopping:
            self._say(f"  ✗ {name:8} {why}")

    def _wait(self, seconds: float) -> None:
        """Sleep, but wake at once for a beat."""
        with selectors.DefaultSelector() as selector:
            for child in self._children.values():
                if not child.is_ready:
                    selector.register(child.beats, selectors.EVENT_READ)
            if selector.get_map():
                selector.select(seconds)
            else:
                time.sleep(seconds)

    def _end_all(self) -> None:
        """Last started, first ended; what does not end in time is killed."""
        for role in reversed(self._roles):
            child = self._children.pop(role.name, None)
            if child is None:
                continue
            child.process.send_signal(signal.SIGTERM)
            try:
                child.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._say(f"  ✗ {role.name:8} 未在 {STOP_S:.0f} 秒内结束，已强制终止 / did not end, killed")
            child.kill()
            child.close()


def python(*arguments: str) -> list[str]:
    """A command line for this same interpreter."""
    return [sys.executable, *arguments]
