"""What a meeting decides (domain.md M16): one line — who, what, by when — becomes a task with a clock.

`青芝城管中队 办 清理农贸市场占道 周五前`. The words are split by rules; what cannot be read is refused, never guessed.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from cases.calendar import DAY, LOCAL, WorkCalendar
from cases.errors import BadAction, IllegalAction, NotAllowed
from cases.model import Account, CaseNo, Role, Standing

MOST_TEXT = 200
LEAST_NAME = 2
LONGEST = timedelta(days=366)
WARN_SHARE = 4  # the light turns yellow when a quarter of the span is left


@dataclass(frozen=True, slots=True)
class Answerable:
    """Who may be told to do something: a handling unit, or a grid whose centre answers for it; `id` is its code."""

    id: str
    name: str
    is_grid: bool = False


@dataclass(frozen=True, slots=True)
class Ordered:
    """A line as it was read."""

    who: Answerable
    text: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision and what became of it. `unit` or `who_grid` answers for it; `grid` and `case` are what it is about.

    `sent_back` counts how often it was said to be done and was not.
    """

    no: str
    version: int
    meeting: str
    area: str
    grid: str
    case: CaseNo | None
    unit: str | None
    who_grid: str
    who: str
    text: str
    by: str
    made_at: datetime
    warn_at: datetime
    due_at: datetime
    done_at: datetime | None = None
    done_by: str | None = None
    result: str = ""
    verified_at: datetime | None = None
    verified_by: str | None = None
    sent_back: int = 0

    @property
    def is_open(self) -> bool:
        """Nobody has said that it is done."""
        return self.done_at is None

    def standing(self, now: datetime) -> Standing:
        """How its clock looks; it stops when it is said to be done, and runs on when that was not so."""
        at = self.done_at or now
        if at > self.due_at:
            return Standing.OVERDUE
        return Standing.AT_RISK if self.done_at is None and at >= self.warn_at else Standing.ON_TIME

    @property
    def state_words(self) -> str:
        """未办结, 已办待核实, 已核实."""
        if self.verified_at is not None:
            return "已核实"
        return "已办待核实" if self.done_at is not None else "未办结"


# its life ---------------------------------------------------------------------------------------------------


def decide(
    no: str, meeting: str, area: str, grid: str, case: CaseNo | None, said: Ordered, by: Account, now: datetime
) -> Decision:
    """The decision of a read line. Raises NotAllowed."""
    refuse_who_cannot_chair(by)
    warn_at = said.due_at - (said.due_at - now) / WARN_SHARE
    unit, who_grid = (None, said.who.id) if said.who.is_grid else (said.who.id, "")
    about = (grid, case, unit, who_grid, said.who.name, said.text)
    return Decision(no, 1, meeting, area, *about, by.name, now, warn_at, said.due_at)


def finish(decision: Decision, account: Account, result: str, now: datetime) -> Decision:
    """Who answers for it says that it is done, and how. Raises NotAllowed, IllegalAction, BadAction."""
    if not answers_for(decision, account):
        raise NotAllowed(f"这项任务由{decision.who}办理")
    if decision.done_at is not None:
        raise IllegalAction("这项任务已报办结", "action")
    if not result.strip():
        raise BadAction("请写一句办理结果", "result")
    return _moved(decision, done_at=now, done_by=account.name, result=result.strip()[:MOST_TEXT])


def verify(decision: Decision, account: Account, now: datetime) -> Decision:
    """Another person than who did it found it done. Raises NotAllowed, IllegalAction."""
    _may_judge(decision, account)
    return _moved(decision, verified_at=now, verified_by=account.name)


def send_back(decision: Decision, account: Account, now: datetime) -> Decision:
    """It was not done after all: it is open again, under its old limit. Raises NotAllowed, IllegalAction."""
    _may_judge(decision, account)
    return _moved(decision, done_at=None, done_by=None, result="", sent_back=decision.sent_back + 1)


def answers_for(decision: Decision, account: Account) -> bool:
    """Whether an account is of those that answer for a decision: the unit, or the duty seat of the grid."""
    if decision.unit is not None:
        return account.role is Role.UNIT and account.unit == decision.unit
    return account.role in (Role.DUTY, Role.LEADER) and account.area == decision.who_grid


def refuse_who_cannot_chair(account: Account) -> None:
    """Only a leader, or the duty officer who keeps the meeting's record for him. Raises NotAllowed."""
    if account.role not in (Role.LEADER, Role.DUTY) or account.disabled:
        raise NotAllowed("只有指挥长或值班员可以主持和记录会议")


def _may_judge(decision: Decision, account: Account) -> None:
    if account.role not in (Role.LEADER, Role.DUTY, Role.VERIFIER):
        raise NotAllowed("您的岗位不能核实会议任务")
    if account.name == decision.done_by:
        raise NotAllowed("办理人不能核实自己的任务")
    if decision.done_at is None or decision.verified_at is not None:
        raise IllegalAction("只有已报办结、未核实的任务可以核实", "action")


def _moved(decision: Decision, **changes: object) -> Decision:
    return replace(decision, version=decision.version + 1, **changes)  # type: ignore[arg-type]


# its line ---------------------------------------------------------------------------------------------------


def read_line(line: str, known: Sequence[Answerable], calendar: WorkCalendar, now: datetime) -> Ordered:
    """A line of the meeting as who, what and by when. BadAction says which of the three cannot be read, and how to."""
    words = " ".join(line.split())
    named, sign, rest = words.partition("办 " if "办 " in words else "办")
    if not sign or not rest.strip():
        raise BadAction("请写成：谁 办 什么 何时，例如 城管中队 办 清理占道 周五前", "line")
    who = find_who(named.strip(), known)
    text, due_at = _split_when(rest.strip(), calendar, now)
    if not text:
        raise BadAction("没有写办什么", "line")
    if len(text) > MOST_TEXT:
        raise BadAction(f"办什么最长 {MOST_TEXT} 字", "line")
    if not now < due_at <= now + LONGEST:
        raise BadAction("时限须在今后一年之内", "line")
    return Ordered(who, text, due_at)


def find_who(named: str, known: Sequence[Answerable]) -> Answerable:
    """The one whose name it is, or the only one whose name holds these letters in this order. Raises BadAction."""
    exact = [each for each in known if named in (each.name, each.id)]
    if exact:
        return exact[0]
    fits = [each for each in known if named in each.name] if len(named) >= LEAST_NAME else []
    fits = fits or ([each for each in known if _holds(each.name, named)] if len(named) >= LEAST_NAME else [])
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise BadAction(f"“{named}”可能是{'、'.join(each.name for each in fits[:4])}，请写清楚", "line")
    raise BadAction(f"没有叫“{named}”的单位或网格", "line")


def _holds(name: str, letters: str) -> bool:
    left = iter(name)
    return all(letter in left for letter in letters)


Reads = Callable[[re.Match[str], date, WorkCalendar, datetime], datetime]

_DAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_NUMBERS = {word: number for number, word in enumerate("零一二三四五六七八九十")} | {"两": 2, "半": 0}


def _number(said: str) -> int:
    """1–99 in digits or Chinese numerals."""
    if said.isdigit():
        return int(said)
    tens, sign, ones = said.rpartition("十")
    return (_NUMBERS.get(tens, 1) if sign else 0) * 10 + (_NUMBERS[ones] if ones else 0)


def _weekday(match: re.Match[str], today: date, calendar: WorkCalendar, now: datetime) -> datetime:
    """周五: the next one whose work has not ended yet; 本周 and 下周 are weeks that begin on Monday."""
    which, day = match["which"] or "", _DAYS[match["day"]]
    monday = today - today.weekday() * DAY
    if which.startswith("下"):
        return calendar.close_of(monday + (7 + day) * DAY)
    at = calendar.close_of(monday + day * DAY)
    return at if which.startswith("本") or at > now else at + 7 * DAY


def _date(match: re.Match[str], today: date, calendar: WorkCalendar, now: datetime) -> datetime:
    month = int(match["month"]) if match["month"] else today.month
    day = int(match["day"])
    try:
        found = date(today.year, month, day)
        if found < today:
            found = date(today.year + 1, month, day) if match["month"] else _month_on(today, day)
    except ValueError:
        raise BadAction(f"没有 {match.group(0).strip()} 这一天", "line") from None
    return calendar.close_of(found)


def _in_weeks(weeks: int, today: date, calendar: WorkCalendar) -> datetime:
    return calendar.close_of(today + 7 * weeks * DAY)


def _month_on(today: date, day: int) -> date:
    months = today.year * 12 + today.month
    return date(months // 12, months % 12 + 1, day)


_N = r"(?P<n>\d{1,3}|[一二两三四五六七八九十]{1,3})"
WHEN: Sequence[tuple[str, Reads]] = (
    (rf"{_N} ?个?小时内?", lambda m, today, calendar, now: now + timedelta(hours=_number(m["n"]))),
    (rf"{_N} ?个?工作日内?", lambda m, today, calendar, now: calendar.add_working_days(now, _number(m["n"]))),
    (rf"{_N} ?[日天]之?内", lambda m, today, calendar, now: calendar.close_of(today + _number(m["n"]) * DAY)),
    (rf"{_N} ?个?(?:周|星期)之?内", lambda m, today, calendar, now: _in_weeks(_number(m["n"]), today, calendar)),
    (r"(?:今天|今日|当天|当日)", lambda m, today, calendar, now: _today(today, calendar, now)),
    (r"明[天日]", lambda m, today, calendar, now: calendar.close_of(today + DAY)),
    (r"后[天日]", lambda m, today, calendar, now: calendar.close_of(today + 2 * DAY)),
    (r"(?P<which>本|这|下)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])", _weekday),
    (r"本周内?", lambda m, today, calendar, now: calendar.close_of(today + (6 - today.weekday()) * DAY)),
    (r"(?:本月|月)(?:底|末|内)", lambda m, today, calendar, now: calendar.close_of(_end_of(today))),
    (r"(?:(?P<month>\d{1,2}) ?月)?(?P<day>\d{1,2}) ?[日号]", _date),
)  # fmt: skip
"""How a limit is said at the end of a line, the first row that fits; 前 and 前办结 may follow."""

_AFTER = r"(?:之?前)?(?:办结|完成|办好|报结果|回复)?[。.]?$"
_WHEN = tuple((re.compile(rf"(?:[ ,，于在限]|^|(?<=\S)){words}{_AFTER}"), reads) for words, reads in WHEN)


def _today(today: date, calendar: WorkCalendar, now: datetime) -> datetime:
    """The end of today's work; in the evening the end of the day."""
    close = calendar.close_of(today)
    return close if close > now else datetime(today.year, today.month, today.day, 23, 59, tzinfo=LOCAL)


def _end_of(today: date) -> date:
    return today.replace(day=monthrange(today.year, today.month)[1])


def _split_when(rest: str, calendar: WorkCalendar, now: datetime) -> tuple[str, datetime]:
    today = now.astimezone(LOCAL).date()
    for pattern, reads in _WHEN:
        match = pattern.search(rest)
        if match:
            return rest[: match.start()].strip(" ,，、。"), reads(match, today, calendar, now)
    raise BadAction("没有写何时办结，例如 周五前、3日内、3个工作日内、11月30日前", "line")


# next time --------------------------------------------------------------------------------------------------


def looked_back(decisions: Sequence[Decision], now: datetime) -> Mapping[str, Sequence[Decision]]:
    """What was decided before, as the next meeting begins with it: kept late, still open, to be verified, kept."""
    groups: dict[str, list[Decision]] = {"超时未办": [], "办理中": [], "已办待核实": [], "已核实": []}
    for each in sorted(decisions, key=lambda one: (one.due_at, one.no)):
        if each.is_open:
            groups["超时未办" if each.standing(now) is Standing.OVERDUE else "办理中"].append(each)
        else:
            groups[each.state_words].append(each)
    return groups
