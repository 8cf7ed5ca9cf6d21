"""`python app.py alert-rules check|test`: reads a file of alert rules; says what it would have rung for in the past."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from cases.calendar import LOCAL
from cases.model import EVERYWHERE, AlertLevel, Role
from cases.rule_book import Rule, RuleBook
from cases.rule_load import Raised, burden, burden_words
from cases.rule_signals import clock_words, span_words
from cases.rule_turns import rule_words
from cases.rule_watch import Rang
from roles.rule_past import RulePast
from room import Room, now
from settings import BadSetting
from storage.rule_facts import SqlRuleFacts

COMMAND = "alert-rules"
LEVELS: Mapping[AlertLevel, str] = {
    AlertLevel.RED: "红",
    AlertLevel.ORANGE: "橙",
    AlertLevel.YELLOW: "黄",
    AlertLevel.BLUE: "蓝",
}
TEACHES = textwrap.dedent(
    """
    Rules say when the room itself calls the seat. The defaults are cases/alert_rules.toml, which explains every key;
    DATA_DIR/alert_rules.toml (or ALERT_RULES) says what differs. A safe way to a new rule:

      1. write it into a file of its own:        [rules.cluster]
                                                 count = 4
      2. is it understood?                       python app.py alert-rules check --file new.toml
      3. what would it have rung for?            python app.py alert-rules test --file new.toml --from 2026-11-01
      4. a seat can carry one call in ten minutes on average and ten in any ten minutes (EEMUA 191);
         if the load says 过重, raise count, lasting or cooldown, and try again
      5. copy it to DATA_DIR/alert_rules.toml: a running room takes it within ten seconds; were it wrong,
         the log would say so in one line and the rules before would hold on

    Both commands write nothing. Silence is tested by what was filed (beats are not kept), a stay by the kept track.
    """
)


def add_verbs(ask: argparse.ArgumentParser) -> None:
    """What may be asked for on the command line."""
    ask.formatter_class, ask.description = argparse.RawDescriptionHelpFormatter, TEACHES
    verbs = ask.add_subparsers(metavar="VERB", dest="verb", required=True)
    check = verbs.add_parser("check", help="say what the rules are, or in one line what is wrong with the file")
    test = verbs.add_parser("test", help="say what would have rung when, by day and grid, and how heavy that is")
    for each in (check, test):
        each.add_argument("--file", type=Path, default=None, help="file of rules; default: the room's own")
    test.add_argument("--from", dest="from_", default="", help="first day, 2026-11-01; default: seven days back")
    test.add_argument("--to", default="", help="last day, included; default: today")
    test.add_argument("--rule", action="append", default=[], help="only this rule, also one that is off; repeatable")
    test.add_argument("--most", type=int, default=20, help="lines of single alerts a rule (default 20)")


def run(asked: argparse.Namespace, room: Room) -> int:
    """Do what was asked; 1 when the load of what was tested is too heavy for a seat."""
    book = room.read_alert_rules(asked.file)  # BadSetting says what is wrong with it
    if asked.verb == "check":
        return _check(book)
    return _test(asked, room, book)


def _check(book: RuleBook) -> int:
    for rule in book.rules.values():
        says = f"{LEVELS[rule.level]} {rule.words}：{rule_words(rule)}{_times(rule)}"
        print(f"{rule.id:16} {'开' if rule.on else '关'} {says}")
    return 0


def _times(rule: Rule) -> str:
    spans = {
        "须持续": rule.timing.lasting,
        "恢复须持续": rule.timing.clear_after,
        "恢复后静默": rule.timing.cooldown,
        "过期": rule.timing.stale,
    }
    told = [f"{name} {span_words(span)}" for name, span in spans.items() if span]
    return "；" + "，".join([*told, *([f"只在 {rule.area}"] if rule.area else [])])


# the past ---------------------------------------------------------------------------------------------------


def _test(asked: argparse.Namespace, room: Room, book: RuleBook) -> int:
    since, until = _span(asked)
    rules = _asked_rules(asked.rule, book)
    facts = SqlRuleFacts(room.engine)
    past = RulePast(facts, room.grids, {worker.id: worker for worker in room.directory.workers(EVERYWHERE)})
    days = -(-(until - since) // timedelta(days=1))
    print(f"预警规则回测 {_day(since)} 至 {_day(until - timedelta(seconds=1))}（{days} 天），不写任何记录")
    rang: list[tuple[Rule, Rang]] = []
    for rule in rules:
        found = past.rang(rule, since, until, _bar(rule.id))
        rang += [(rule, each) for each in found]
        _tell(rule, found, room, asked.most)
    return _weigh(rang, facts, room, since, until)


def _span(asked: argparse.Namespace) -> tuple[datetime, datetime]:
    """The days that were asked for, both included, never beyond now."""
    at = now()
    today = at.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    last = _parsed("--to", asked.to) if asked.to else today
    first = _parsed("--from", asked.from_) if asked.from_ else last - timedelta(days=6)
    if first > last or first > today:
        raise BadSetting("--from 须不晚于 --to 和今天 / --from must not be after --to or today")
    return first.astimezone(at.tzinfo), min(last.astimezone(at.tzinfo) + timedelta(days=1), at)


def _parsed(name: str, day: str) -> datetime:
    try:
        return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=LOCAL)
    except ValueError:
        raise BadSetting(f"{name} 须写成 2026-11-01 / {name} takes a day such as 2026-11-01") from None


def _asked_rules(names: Sequence[str], book: RuleBook) -> list[Rule]:
    unknown = [name for name in names if name not in book.rules]
    if unknown:
        raise BadSetting(f"没有规则 {'、'.join(unknown)}，有：{'、'.join(book.rules)} / no such rule")
    return [rule for rule in book.rules.values() if (rule.id in names if names else rule.on)]


def _tell(rule: Rule, rang: Sequence[Rang], room: Room, most: int) -> None:
    state = "" if rule.on else "，未启用"
    print(f"\n{rule.id} {rule.words}（{LEVELS[rule.level]}{state}）：{len(rang)} 次{_lasted(rang)}")
    for day, count in sorted(Counter(_day(each.raised_at) for each in rang).items()):
        print(f"  {day}  {count:4}  {'#' * min(count, 60)}")
    places = Counter(each.signal.place.grids[-1] if each.signal.place.grids else "" for each in rang)
    if places:
        named = [f"{_name(room, code)} {count}" for code, count in places.most_common(8)]
        more = f" 等 {len(places)} 个" if len(places) > len(named) else ""
        print(f"  网格：{'，'.join(named)}{more}")
    for each in rang[:most]:
        over = f"{clock_words(each.cleared_at)} 恢复" if each.cleared_at else "未恢复"
        drill = "【演练】" if each.signal.exercise else ""
        print(f"  {clock_words(each.raised_at)} {drill}{each.signal.text} → {over}")
    if len(rang) > most:
        print(f"  其余 {len(rang) - most} 次未列出（--most）")


def _lasted(rang: Iterable[Rang]) -> str:
    spans = [each.cleared_at - each.raised_at for each in rang if each.cleared_at is not None]
    return f"，中位 {median(spans).total_seconds() / 60:.0f} 分钟后恢复" if spans else ""


def _name(room: Room, code: str) -> str:
    return room.grids.grid(code).name if code in room.grids else "待定或无地点"


def _weigh(rang: Sequence[tuple[Rule, Rang]], facts: SqlRuleFacts, room: Room, since: datetime, until: datetime) -> int:
    """The load of each seat: by these rules alone, and together with what came from outside; 1 if that is too much."""
    ours = [_raised(rule, each) for rule, each in rang if not each.signal.exercise]
    theirs = [
        Raised(at, AlertLevel(level), grids, (source, kind, level, grids[-1:]))
        for at, level, grids, source, kind in facts.outside(since, until)
    ]
    print("\n负荷（EEMUA 191、ISA-18.2；演练不计，同一事 10 分钟内只计一次）")
    is_bearable = True
    for area in _seats(room):
        mine = [[each for each in some if not area or area in each.grids] for some in (ours, theirs)]
        alone, together = (burden(some, since, until, room.patience.same) for some in (mine[0], mine[0] + mine[1]))
        print(f"  值班席 {_name(room, area) if area else '全辖区'}")
        print(f"    仅规则：{burden_words(alone)}")
        print(f"    连同外来：{burden_words(together)}")
        is_bearable = is_bearable and alone.is_bearable
    return 0 if is_bearable else 1


def _raised(rule: Rule, each: Rang) -> Raised:
    grids = each.signal.place.grids
    return Raised(each.raised_at, rule.level, grids, (rule.id, rule.level, grids[-1:]))


def _seats(room: Room) -> list[str]:
    """The areas of the duty accounts; the whole room where there is none."""
    accounts = room.directory.accounts()
    return sorted({each.area for each in accounts if each.role is Role.DUTY and not each.disabled}) or [""]


def _day(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d}"


def _bar(what: str) -> Callable[[int, int], None]:
    """A bar that moves on one line of the terminal's error stream; nothing where there is no terminal."""

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            full = 30 * done // max(total, 1)
            end = "\n" if done >= total else ""
            print(f"\r{what} [{'#' * full:<30}] {done}/{total}", end=end, file=sys.stderr, flush=True)

    return show
