"""Ledgers of what is put right, supervised and decided: their rows, by the day each began."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import openpyxl

from cases.calendar import WorkCalendar
from cases.indicators import Period
from cases.model import EVERYWHERE, Account, Role
from cases.shifts import Line, Section, WatchRules, hand_over, take_over
from cases.supervision import Target, enter, rectify, supervise
from reports.ledger import HEAD_ROW, ledger_of
from reports.matters import MATTERS

NOW = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
LEADER = Account("leader", Role.LEADER, "", "指挥长")
TEAM = Account("team", Role.UNIT, "", "城管中队", unit="U-1")
OFFICER = Account("甲", Role.DUTY, "", "值班员甲")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
WHO = Target("T1", "U-1", "", "城管中队")


class Kept:
    """What the room's meetings and its watch would answer."""

    def __init__(self, *kept: object) -> None:
        self._kept = list(kept)
        self.meetings = self.shifts = self

    def rectifications(self, *_: object) -> list[object]:
        return self._kept

    supervisions = handed = rectifications


def row_of(kind: str, *kept: object) -> dict[str, object]:
    ledger = MATTERS[kind]
    rows = ledger.rows(Kept(*kept), EVERYWHERE, NOVEMBER)  # type: ignore[arg-type]
    content, count = ledger_of(ledger.name, "", rows, ledger.columns(NOW + timedelta(days=1)))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert count == len(rows) == 1
    heads, cells = ([cell.value for cell in sheet[n]] for n in (HEAD_ROW, HEAD_ROW + 1))
    return dict(zip(heads, cells, strict=True))


def test_rectification_says_who_what_by_when_and_how_far() -> None:
    one = enter("R1", WHO, "占道经营反弹", "每日两次巡查", NOW + timedelta(days=9), LEADER, NOW)
    old = enter("R0", WHO, "旧问题", "旧措施", NOW, LEADER, NOW - timedelta(days=40))
    row = row_of("rectification", rectify(one, TEAM, "已清理", NOW + timedelta(hours=3)), old)
    told = (row["编号"], row["责任单位"], row["问题"], row["整改措施"], row["进度"], row["时限灯"])
    assert told == ("R1", "城管中队", "占道经营反弹", "每日两次巡查", "整改", "正常")
    assert row["经过"] == "2026-11-16 立号：占道经营反弹；2026-11-16 整改：已清理"
    assert row["立号时间"] == datetime(2026, 11, 16, 10, 0)  # local


def test_supervision_says_its_reason_and_that_it_is_late() -> None:
    one = supervise("S1", WHO, "not_handled", "三日未办", LEADER, WorkCalendar(), NOW)
    row = row_of("supervision", one)
    assert (row["等级"], row["理由"], row["答复时间"]) == ("催办", "应办理未办理", None)
    assert row["时限灯"] in ("正常", "超时") and row["相关案件"] is None


def test_watch_says_who_had_it_and_who_signed() -> None:
    digest = (Section("open", "在办", (Line("20261115-000001", "楼上噪声"),)),)
    handed = hand_over("W1", OFFICER, NOW - timedelta(hours=8), "留意", digest, NOW, WatchRules())
    row = row_of("watch", take_over(handed, replace(OFFICER, name="乙"), "seat", 2, NOW + timedelta(minutes=5)))
    assert (row["值班（账号）"], row["接班（账号）"], row["交接"], row["移交在办（件）"]) == ("甲", "乙", "已签收", 2)
    assert (row["交班时间"], row["摘要"], row["交班说明"]) == (datetime(2026, 11, 16, 10, 0), "在办 1 条", "留意")
    assert row_of("watch", handed)["交接"] == "待签收"
