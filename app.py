"""The front door: `python app.py` starts the room; `python app.py ROLE` starts one role of it.

Roles: gateway (devices), intake (commits, clocks), web (pages, REST, live), replay (the demo feed).
Settings come from the environment; `python app.py settings` lists them with their defaults.
"""

from __future__ import annotations

import argparse
import contextlib
import getpass
import json
import logging
import re
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

import settings as room_settings
from settings import BadSetting

REFUSED = 2  # as the supervisor understands it: cannot start, has said why
_REF = re.compile(r"\bR-[2-9A-HJ-NP-Z]{4}\b")
ROLES = ("gateway", "intake", "web", "replay")


def main(argv: list[str]) -> int:
    """Parse, run, and turn what cannot work into one line of words."""
    asked = _parser().parse_args(argv)
    try:
        if asked.command == "settings":
            print(room_settings.describe())
            return 0
        return _run(asked)
    except BadSetting as problem:
        print(f"无法启动 / cannot start: {problem}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return 130


def _run(asked: argparse.Namespace) -> int:
    import bootstrap  # noqa: PLC0415 — heavy; --help and settings need none of it

    settings = room_settings.read()
    _log_to(settings.data_dir / "log", asked.command, as_json=settings.log_json)
    if asked.command is None:
        return bootstrap.start_room(settings)
    if asked.command in ROLES:
        return bootstrap.start_role(asked.command, settings)
    if asked.verb in ("add", "password") and asked.command == "account":
        asked.password = _password()
    return bootstrap.administer(asked, settings)


class JsonLines(logging.Formatter):
    """One JSON object a line; `ref` is the reference that a refusal's reader may read out to us."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        """The record; a traceback goes into `trace`."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        msg = record.getMessage()
        said = {"at": at, "level": record.levelname, "role": self._role, "logger": record.name, "msg": msg}
        if ref := _REF.search(msg):
            said["ref"] = ref[0]
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


def _log_to(folder: Path, role: str | None, *, as_json: bool = False) -> None:
    """Warnings to the terminal; a role's whole story to its own file, 10 MB and two older ones kept."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    handlers[0].setLevel(logging.WARNING)
    if role in ROLES:
        with contextlib.suppress(OSError):  # an unwritable folder is refused in words a moment later
            folder.mkdir(parents=True, exist_ok=True)
            story = RotatingFileHandler(folder / f"{role}.log", maxBytes=10 << 20, backupCount=2, encoding="utf-8")
            if as_json:
                story.setFormatter(JsonLines(str(role)))
            handlers.append(story)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", handlers=handlers)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _parser() -> argparse.ArgumentParser:
    ask = argparse.ArgumentParser(prog="app.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ask.set_defaults(verb=None)  # not every command has verbs
    commands = ask.add_subparsers(metavar="COMMAND", dest="command")
    for role in ROLES:
        commands.add_parser(role, help=f"start only the {role} role")
    commands.add_parser("settings", help="list every setting")
    _add_account_verbs(commands.add_parser("account", help="who may sign in: add, list, password, revoke"))
    _add_kiosk_verbs(commands.add_parser("kiosk", help="screens that nobody signs in at: add, list, revoke"))
    _add_device_verbs(commands.add_parser("device", help="keys of intake links: add, rotate, bind, list, revoke"))
    register = commands.add_parser("register", help="registers of 人地物事组织: import, list")
    if len(sys.argv) > 1 and sys.argv[1] == "register":
        import register_import  # noqa: PLC0415 — heavy; nobody else needs it

        register_import.add_verbs(register)
    report = commands.add_parser("report", help="make a report (DOCX, PDF): daily … annual, special; due: the schedule")
    ledger = commands.add_parser("ledger", help="make a ledger (XLSX)")
    if len(sys.argv) > 1 and sys.argv[1] in ("report", "ledger"):
        import reporting  # noqa: PLC0415 — heavy; nobody else needs it

        reporting.add_options(report, ledger)
    orders = commands.add_parser("import-orders", help="work orders of 12345 by file (CSV, XLSX): preview, or file")
    if len(sys.argv) > 1 and sys.argv[1] == "import-orders":
        import order_import  # noqa: PLC0415 — heavy; nobody else needs it

        order_import.add_options(orders)
    rules = commands.add_parser("alert-rules", help="what the room itself calls the seat for: check, test on the past")
    if len(sys.argv) > 1 and sys.argv[1] == "alert-rules":
        import rule_trial  # noqa: PLC0415 — heavy; nobody else needs it

        rule_trial.add_verbs(rules)
    _add_dead_verbs(commands.add_parser("dead", help="reports that could not be filed in five tries: list, replay"))
    _add_webhook_verbs(commands.add_parser("webhook", help="other systems that are told what happens: add, list, …"))
    _add_recount(commands.add_parser("recount", help="count all figures again and say what differs"))
    return ask


def _add_dead_verbs(ask: argparse.ArgumentParser) -> None:
    verbs = ask.add_subparsers(metavar="VERB", dest="verb", required=True)
    verbs.add_parser("list", help="each with its device and id, never its content")
    verbs.add_parser("replay", help="file them again; what is committed leaves the list")


def _add_account_verbs(ask: argparse.ArgumentParser) -> None:
    verbs = ask.add_subparsers(metavar="VERB", dest="verb", required=True)
    add = verbs.add_parser("add", help="a new account; the password is asked for, or read from standard input")
    add.add_argument("name")
    add.add_argument("--role", required=True, choices=("duty", "leader", "analyst", "admin", "unit", "verifier"))
    add.add_argument("--area", default="", help="grid code; empty: everywhere")
    add.add_argument("--display", default="", help="name shown on the screens")
    add.add_argument("--unit", default=None, help="handling unit's id, for the role unit")
    verbs.add_parser("list", help="every account")
    verbs.add_parser("password", help="set a new password; ends the account's sessions").add_argument("name")
    verbs.add_parser("revoke", help="disable an account; ends its sessions").add_argument("name")


def _add_kiosk_verbs(ask: argparse.ArgumentParser) -> None:
    verbs = ask.add_subparsers(metavar="VERB", dest="verb", required=True)
    add = verbs.add_parser("add", help="a one-use link, printed once, good for 24 hours")
    add.add_argument("name", nargs="?", default="大屏")
    add.add_argument("--area", default="", help="grid code; empty: everywhere")
    add.add_argument("--visitor", action="store_true", help="hide names and the words of cases")
    verbs.add_parser("list", help="every screen")
    verbs.add_parser("revoke", help="end a screen; it goes dark within 5 s").add_argument("name")


def _add_device_verbs(ask: argparse.ArgumentParser) -> None:
    verbs = ask.add_subparsers(metavar="VERB", dest="verb", required=True)
    add = verbs.add_parser("add", help="a new key, printed once; kept only as a hash")
    add.add_argument("name")
    add.add_argument("--source", default="grid_worker", help="channel it speaks for")
    add.add_argument("--worker", default="*", help="the worker it is bound to; * for a source that speaks for many")
    add.add_argument("--area", default="", help="grid code: reports from outside it are refused; empty: everywhere")
    verbs.add_parser("rotate", help="a new key, printed once; the old one ends within 5 s").add_argument("name")
    bind = verbs.add_parser("bind", help="another worker, area or source; the key stays")
    bind.add_argument("name")
    for what in ("worker", "area", "source"):
        bind.add_argument(f"--{what}", default=None)
    verbs.add_parser("list", help="every device")
    verbs.add_parser("revoke", help="disable a device; the gateway notices within 5 s").add_argument("name")


def _add_webhook_verbs(ask: argparse.ArgumentParser) -> None:
    verbs = ask.add_subparsers(metavar="VERB", dest="verb", required=True)
    add = verbs.add_parser("add", help="a new one; its secret is printed once")
    add.add_argument("name")
    add.add_argument("url")
    add.add_argument("--events", default="case.*,alert.*", help="kinds, comma separated: case.close, alert.*")
    add.add_argument("--area", default="", help="grid code; empty: everywhere")
    verbs.add_parser("list", help="every one: how it does, what waits, dead letters")
    for verb, says in (
        ("pause", "tell nothing for now; it is told later"),
        ("resume", "go on where it was"),
        ("remove", "forget it, its cursor and its dead letters"),
        ("test", "post a signed notice of nothing now"),
    ):
        verbs.add_parser(verb, help=says).add_argument("name")
    rotate = verbs.add_parser("rotate", help="a new secret, printed once; the old one signs as well for a while")
    rotate.add_argument("name")
    rotate.add_argument("--hours", type=float, default=24, help="how long both sign")
    replay = verbs.add_parser("replay", help="dead letters again; with --since everything since then")
    replay.add_argument("name")
    replay.add_argument("--since", type=datetime.fromisoformat, default=None, help="2026-11-21T08:00:00+08:00")


def _add_recount(ask: argparse.ArgumentParser) -> None:
    says = "build the kept figures anew instead of comparing them"
    ask.add_argument("--rebuild", dest="verb", action="store_const", const="rebuild", default="check", help=says)


def _password() -> str:
    """Asked for at a terminal, twice; else the first line of standard input. Never an argument (it would be seen)."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("密码 / password: ")
    if first != getpass.getpass("再输一次 / again: "):
        raise BadSetting("两次输入不一致 / the two do not match")
    return first


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
