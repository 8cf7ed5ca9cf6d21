"""Real processes: started in order, restarted when they die or fall silent, and none left when the parent is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from supervisor import Role, Supervisor, python

ROOT = Path(__file__).parent.parent
BEATING = "import supervisor,time;b=supervisor.Beat();b.ready()\nwhile True: b.alive(); time.sleep(.2)"
MUTE_AFTER_READY = "import supervisor,time;b=supervisor.Beat();b.ready();time.sleep(600)"
BROKEN = "import sys;print('端口被占用', file=sys.stderr);sys.exit(2)"


def parent(tmp_path: Path, roles: list[tuple[str, str]], silence: float = 5.0) -> subprocess.Popen:
    """A supervisor of toy roles in a process of its own; what it says is one line a message."""
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(f"""
        import sys; sys.path.insert(0, {str(ROOT)!r})
        import supervisor
        supervisor.SILENCE_S = {silence}
        roles = [supervisor.Role(n, supervisor.python("-c", c), {{"PYTHONPATH": {str(ROOT)!r}}}) for n, c in {roles!r}]
        say = lambda line: print(line, flush=True)
        sys.exit(supervisor.Supervisor(roles, say).run(lambda: say("ALL UP")))
        """)
    )
    return subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lines_until(process: subprocess.Popen, word: str) -> list[str]:
    """Everything said up to the line with this word."""
    said = []
    for line in process.stdout:
        said.append(line)
        if word in line:
            return said
    raise AssertionError(f"{word!r} was never said: {said}")


def children_of(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def ended(pid: int, within: float = 5.0) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3]:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def started(tmp_path: Path):
    process = parent(tmp_path, [("one", BEATING), ("two", BEATING)])
    lines_until(process, "ALL UP")
    yield process
    process.kill()
    process.communicate()


@pytest.fixture
def started_mute(tmp_path: Path):
    process = parent(tmp_path, [("mute", MUTE_AFTER_READY)], silence=0.5)
    yield process
    process.kill()
    process.communicate()


def test_roles_come_up_in_order_and_a_terminate_ends_them_all(started: subprocess.Popen) -> None:
    kids = children_of(started.pid)
    started.send_signal(signal.SIGTERM)
    assert started.wait(10) == 0
    assert len(kids) == 2 and all(ended(kid) for kid in kids)


def test_no_child_survives_a_killed_parent(started: subprocess.Popen) -> None:
    kids = children_of(started.pid)
    started.kill()
    assert all(ended(kid) for kid in kids)


def test_a_killed_role_is_started_again(started: subprocess.Popen) -> None:
    os.kill(children_of(started.pid)[0], signal.SIGKILL)
    said = lines_until(started, "就绪")
    assert any("restarting" in line for line in said) or "one" in said[-1]


def test_a_silent_role_is_killed_and_started_again(started_mute: subprocess.Popen) -> None:
    lines_until(started_mute, "ALL UP")
    lines_until(started_mute, "silent")
    assert "mute" in lines_until(started_mute, "就绪")[-1]


def test_a_role_that_hangs_while_it_starts_again_is_ended_long_before_a_first_start_would_be(tmp_path: Path) -> None:
    once = f"import os;again=os.path.exists({str(tmp_path / 'up')!r});open({str(tmp_path / 'up')!r},'a').close();"
    hanging = once + "import supervisor,time\nif again: time.sleep(600)\nsupervisor.Beat().ready();time.sleep(600)"
    process = parent(tmp_path, [("hanging", hanging)], silence=0.5)
    try:
        lines_until(process, "ALL UP")
        lines_until(process, "silent")
        began = time.monotonic()
        lines_until(process, "silent")
        assert time.monotonic() - began < 30
    finally:
        process.kill()
        process.communicate()


def test_a_role_that_failed_for_days_is_still_started_again_within_seconds() -> None:
    mind = Supervisor([role := Role("lost", python("-c", "raise SystemExit(1)"))], say=lambda _: None)
    mind._been_up["lost"], mind._deaths["lost"] = 1.0, 100_000
    mind._look_after(role, 0.0)
    mind._children["lost"].process.wait(10)
    mind._look_after(role, 1.0)
    assert mind._not_before["lost"] == 6.0


def test_a_role_that_cannot_start_ends_the_room_with_a_status(tmp_path: Path) -> None:
    process = parent(tmp_path, [("broken", BROKEN)])
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.count("端口被占用") == 1 and "Traceback" not in errors
