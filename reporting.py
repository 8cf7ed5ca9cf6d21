"""`python app.py report|ledger …`: reports and ledgers by hand, or (`report due`) all that the schedule wants now."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from cases.calendar import LOCAL
from cases.documents import NoChineseFont, Report
from cases.errors import CaseError
from cases.model import EVERYWHERE
from cases.report_periods import asked as asked_period
from cases.report_periods import latest
from reports.delivery import NotPosted, Outbox, Post
from reports.ledger import LEDGERS
from reports.making import ReportMaker
from reports.matters import MATTERS
from reports.writer import OfficialPapers
from room import Room, now
from settings import BadSetting, Settings

COMMANDS = ("report", "ledger")
SCHEDULED = ("daily", "weekly", "monthly", "half_year", "annual")
_WIDTH = 28


def add_options(report: argparse.ArgumentParser, ledger: argparse.ArgumentParser) -> None:
    """What may be asked for on the command line."""
    report.add_argument("kind", choices=(*SCHEDULED, "special", "due"))
    report.add_argument("--as", dest="endings", default="docx,pdf", help="docx, pdf or both (docx,pdf)")
    ledger.add_argument("kind", choices=(*LEDGERS, *MATTERS))
    for each in (report, ledger):
        each.add_argument("--grid", default="", help="grid code; empty: the whole room")
        each.add_argument("--out", type=Path, default=None, help="folder; default: DATA_DIR/outbox")
        for name, example in (("month", "2026-10"), ("half", "2026-H1"), ("year", "2026"), ("day", "2026-10-01")):
            each.add_argument(f"--{name}", default="", help=example)
        each.add_argument("--from", dest="from_", default="", help="first day")
        each.add_argument("--to", default="", help="last day")


def maker_of(room: Room) -> ReportMaker:
    """What makes this room's reports."""
    registry = room.registry
    return ReportMaker(registry.figures, room.views, room.directory, room.grids, room.title, registry)


def papers_of(room: Room, *, apart: bool = False) -> OfficialPapers:
    """What writes them down."""
    return OfficialPapers(room.settings.public_address, room.settings.report_fonts, apart)


def outbox_of(settings: Settings) -> Outbox:
    """Where the schedule leaves them."""
    return Outbox(settings.data_dir.resolve() / "outbox")


def run(asked: argparse.Namespace, room: Room) -> int:
    """Do what was asked; refusals are one line of words."""
    try:
        if asked.kind == "due":
            return _make_due(room)
        return _make_ledger(room, asked) if asked.command == "ledger" else _make_report(room, asked)
    except KeyError as problem:
        raise BadSetting(f"没有 {asked.kind} 这种{'台账' if asked.command == 'ledger' else '报告'}") from problem
    except (CaseError, NoChineseFont) as problem:
        raise BadSetting(str(problem)) from problem


def due(settings: Settings, at: datetime) -> list[str]:
    """The kinds whose last period is over and whose report does not lie in the outbox; none before SCHEDULED_HOUR."""
    here = at.astimezone(LOCAL)
    if here.hour < settings.scheduled_hour:
        return []
    box = outbox_of(settings)
    return [kind for kind in _wanted(settings) if not box.holds(_done_mark(kind, at))]


def _wanted(settings: Settings) -> list[str]:
    kinds = settings.scheduled_reports.replace(",", " ").split()
    unknown = [kind for kind in kinds if kind not in SCHEDULED]
    if unknown:
        raise BadSetting(f"SCHEDULED_REPORTS 不认识 {' '.join(unknown)}，可用：{' '.join(SCHEDULED)}")
    return kinds


def _done_mark(kind: str, at: datetime) -> str:
    """The name under which the outbox remembers that a period's report was made, whatever its files are called."""
    period = latest(kind, at.astimezone(LOCAL).date())
    return f".made-{kind}-{period.first}-{period.last}"


def _make_due(room: Room) -> int:
    at, box = now(), outbox_of(room.settings)
    for kind in due(room.settings, at):
        period = latest(kind, at.astimezone(LOCAL).date())
        report = maker_of(room).make(kind, None, period, EVERYWHERE, at, _Bar(kind))
        _write(room, report, box, ("docx", "pdf"))
        box.put(_done_mark(kind, at), b"")
    return _post(room.settings, box)


def _post(settings: Settings, box: Outbox) -> int:
    """Send what lies unsent, where a mail server is set; 1 when it did not go and must be tried again."""
    files = box.unposted()
    if not settings.mail_url or not files:
        return 0
    to = tuple(settings.mail_to.replace(",", " ").split())
    if not to or not settings.mail_from:
        raise BadSetting("MAIL_URL 已设置，还须设置 MAIL_TO 和 MAIL_FROM / both are needed to send mail")
    try:
        Post(settings.mail_url, settings.mail_from, to).send(
            f"报告 {len(files)} 份", "\n".join(file.name for file in files), files
        )
    except NotPosted as problem:
        print(f"邮件未发出，稍后再试 / not sent, tried again later: {problem}", file=sys.stderr)
        return 1
    box.mark_posted(files)
    return 0


def _make_report(room: Room, asked: argparse.Namespace) -> int:
    at = now()
    period = asked_period(asked.kind, _times(asked), at.astimezone(LOCAL).date())
    report = maker_of(room).make(asked.kind, asked.grid or None, period, EVERYWHERE, at, _Bar(asked.kind))
    endings = tuple(asked.endings.replace(",", " ").split())
    if not endings or set(endings) - {"docx", "pdf"}:
        raise BadSetting("--as 须是 docx、pdf 或 docx,pdf")
    _write(room, report, _box(room, asked), endings)
    return 0


def _write(room: Room, report: Report, box: Outbox, endings: tuple[str, ...]) -> None:
    papers = papers_of(room)
    for ending in endings:
        try:
            print(box.put(f"{report.name}.{ending}", getattr(papers, ending)(report.document)))
        except NoChineseFont as problem:
            print(problem, file=sys.stderr)  # the DOCX is made all the same


def _make_ledger(room: Room, asked: argparse.Namespace) -> int:
    at = now()
    period = asked_period("special", _times(asked), at.astimezone(LOCAL).date())
    made = maker_of(room).ledger(asked.kind, asked.grid or None, period, EVERYWHERE, at, _Bar(asked.kind))
    print(f"{_box(room, asked).put(f'{made.name}.xlsx', made.content)}（{made.rows} 行）")
    return 0


def _box(room: Room, asked: argparse.Namespace) -> Outbox:
    return Outbox(asked.out) if asked.out else outbox_of(room.settings)


def _times(asked: argparse.Namespace) -> Mapping[str, str]:
    names = {"month": asked.month, "half": asked.half, "year": asked.year, "day": asked.day}
    return names | {"from": asked.from_, "to": asked.to}


class _Bar:
    """A progress bar on a terminal's standard error; silence elsewhere."""

    def __init__(self, name: str) -> None:
        self._name, self._began = name, time.monotonic()

    def __call__(self, done: int, of_all: int) -> None:
        """Draw so many steps of all."""
        if sys.stderr.isatty():
            full = round(done / max(of_all, 1) * _WIDTH)
            spent = timedelta(seconds=round(time.monotonic() - self._began))
            line = f"\r{self._name} [{'█' * full}{'·' * (_WIDTH - full)}] {done}/{of_all} {spent}"
            sys.stderr.write(line + ("\n" if done >= of_all else ""))
            sys.stderr.flush()
