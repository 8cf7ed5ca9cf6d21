"""Times, spans and places as people of the room say them; the screen's zone is Asia/Shanghai."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cases.calendar import LOCAL
from cases.model import Alert, Case, Standing


def span_words(span: timedelta) -> str:
    """A length of time by its largest unit, rounded down: 40 秒, 4 分, 2 小时, 3 天."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((86400, "天"), (3600, "小时"), (60, "分")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} 秒"


def clock_words(at: datetime) -> str:
    """14:32:06, local time."""
    return at.astimezone(LOCAL).strftime("%H:%M:%S")


def moment_words(at: datetime, now: datetime) -> str:
    """14:32 today, 11-20 14:32 on another day of this year, else with the year; local time."""
    local, today = at.astimezone(LOCAL), now.astimezone(LOCAL)
    if local.date() == today.date():
        return local.strftime("%H:%M")
    return local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")


def due_words(case: Case, now: datetime) -> str:
    """How the case's clock looks: 超时 1 天, 剩 2 小时, or why it does not run."""
    if case.due_at is None:
        return "无时限"
    if case.suspended_at is not None:
        return "已挂起"
    if now >= case.due_at:
        return f"超时 {span_words(now - case.due_at)}"
    return f"剩 {span_words(case.due_at - now)}"


def place_words(grids: Sequence[str], names: Mapping[str, str], depth: int = 2) -> str:
    """The names of the innermost `depth` grids, outermost first; 待定 for a place in no grid."""
    known = [names.get(code, code) for code in grids]
    return " · ".join(known[-depth:]) if known else "待定（未落入网格）"


def where_words(alert: Alert, names: Mapping[str, str], depth: int = 2) -> str:
    """Where an alert is; a warning over several grids is where its issuer says, and only what nobody placed is 待定."""
    if not alert.place.grids and alert.origin == "cap" and alert.place.address:
        return alert.place.address
    return place_words(alert.place.grids, names, depth)


STANDING_NAMES: Mapping[Standing, str] = {
    Standing.OVERDUE: "超时",
    Standing.AT_RISK: "将超时",
    Standing.ON_TIME: "时限内",
}

SEVERITY_NAMES: Mapping[int, str] = {1: "特急", 2: "紧急", 3: "一般", 4: "轻微"}
