"""Minutes and letters say what the rows say: every decision with its case, every month of the evidence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.agenda import Item, Part
from cases.assessment import RULES, Measure, Month, Ruling, proposals, rank
from cases.calendar import WorkCalendar
from cases.decisions import Answerable, Ordered, decide
from cases.documents import Document, Heading, Paragraph, Table
from cases.meetings import Meeting
from cases.minutes import minutes, rectification_letter, reminder, supervision_slip
from cases.model import Account, CaseNo, Role
from cases.supervision import Target, enter, supervise
from tests.cases.build import MONDAY_9
from tests.cases.test_assessment import scores

LEADER = Account("王指挥", Role.LEADER, "", "指挥长")
NAMES = {"G1": "东市社区", "G2": "竹坞村"}


def text(document: Document) -> str:
    said = []
    for block in document.blocks:
        if isinstance(block, Heading | Paragraph):
            said.append(block.text)
        elif isinstance(block, Table):
            said += ["|".join(run.text for run in row) for row in block.rows]
    return "\n".join(said)


def test_minutes_hold_the_roll_the_agenda_and_every_decision() -> None:
    items = (Item("G1", (Part("late", "超时未结", 2, "超时 2 件，最久 5 天", ("c1",)),)), Item("G2", ()))
    ended = MONDAY_9 + timedelta(hours=1)
    held = Meeting(
        "M20261116-01", 5, "three_level", "", "王指挥", MONDAY_9, items, roll=(("G1", "present"),), closed_at=ended
    )
    said = Ordered(Answerable("U-07", "城管中队"), "清理占道", MONDAY_9 + timedelta(days=4))
    one = decide("D20261116-001", held.no, "", "G1", CaseNo("20261116-000001"), said, LEADER, MONDAY_9)
    paper = minutes(held, [one], NAMES, "青芝镇综治中心", ended)
    words = text(paper)
    assert paper.title == "三级调度会纪要"
    assert "2026年11月16日09:00至10:00" in words
    assert "到会1个：东市社区；未点到1个。" in words
    assert "1. 东市社区：超时 2 件，最久 5 天。" in words
    assert "由城管中队办理：清理占道，2026年11月20日09:00前办结（D20261116-001，案件 20261116-000001）。" in words
    links = [run.link for block in paper.blocks if isinstance(block, Paragraph) for run in block.runs if run.link]
    assert links == ["/case/20261116-000001"]


def test_reminder_lists_its_evidence_and_is_made_of_signed_proposals_only() -> None:
    tables = {month: rank(scores("ABCDEFGH"), month, RULES) for month in (Month(2026, 10), Month(2026, 11))}
    listed = next(each for each in proposals(tables, Month(2026, 11), RULES) if each.measure is Measure.LISTED)
    signed = Ruling(listed.key, True, "王指挥", MONDAY_9, "同意")
    words = text(reminder(listed, signed, "东市社区", "青芝镇综治中心"))
    assert "连续 2 个月被通报：2026-10、2026-11" in words
    assert "2026-10|第 6 位，共 8 个|70.0" in words
    with pytest.raises(ValueError, match="not signed"):
        reminder(listed, Ruling(listed.key, False, "王指挥", MONDAY_9, "不同意"), "东市社区", "青芝镇综治中心")


def test_slip_and_letter_name_reason_limit_and_steps() -> None:
    target = Target("", "U-07", "", "城管中队", CaseNo("20261116-000001"))
    slip = supervision_slip(
        supervise("S1", target, "not_handled", "占道未清", LEADER, WorkCalendar(), MONDAY_9), "中心"
    )
    assert slip.title == "催办单"
    assert "应办理未办理：占道未清（案件 20261116-000001）" in text(slip)
    assert "2026年11月17日17:30前书面答复" in text(slip)
    entry = enter("Z1", target, "台账不全", "补齐", MONDAY_9 + timedelta(days=9), LEADER, MONDAY_9)
    assert "整改措施：补齐。请于2026年11月25日前完成整改" in text(rectification_letter(entry, "中心"))
