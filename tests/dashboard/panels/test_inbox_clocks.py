"""What comes up in the inbox by a clock that is not the case's own: a late whistle, a hand-off's legal limit."""

from __future__ import annotations

from datetime import timedelta

from cases.mediation import legal_light
from cases.model import Handoff, Standing, State, Whistle
from dashboard.panels import inbox
from tests.dashboard.panels.build import NOW, case, picture, text

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def whistle(number: int, called: timedelta) -> Whistle:
    at = NOW - called
    return Whistle(case(number).no, 2, "U-1", "duty", at, at + 15 * MINUTE, at + 60 * MINUTE)


def handoff(number: int, out: timedelta) -> Handoff:
    at = NOW - out
    return Handoff(case(number).no, 3, "petition", at, "duty", due_at=at + 60 * DAY)


def test_the_laws_light_turns_by_the_rooms_proportions() -> None:
    days = {10: Standing.ON_TIME, 41: Standing.ON_TIME, 43: Standing.AT_RISK, 61: Standing.OVERDUE}
    assert {day: legal_light(handoff(1, day * DAY), NOW) for day in days} == days
    assert legal_light(Handoff(case().no, 3, "court", NOW, "duty"), NOW) is None


def test_a_late_whistle_and_a_legal_limit_come_up_and_stand_once() -> None:
    out = {"state": State.SUSPENDED, "suspended_at": NOW}
    board = [case(1, standing=Standing.OVERDUE), case(2), case(3, **out), case(4, **out)]
    shown = picture(
        board=board,
        whistles=[whistle(1, 16 * MINUTE), whistle(2, 5 * MINUTE)],
        handoffs=[handoff(3, 50 * DAY), handoff(4, DAY)],
    )
    said = text(inbox.render(shown)["children"])
    assert "吹哨超时1 件" in said and "对接法定期限1 件" in said
    assert "法定剩 10 天" in said
    assert (said.count("案件 1"), said.count("案件 3"), said.count("案件 4")) == (1, 1, 0)
    assert "超时0 件" in said  # the overdue one stands with its whistle, not twice


def test_calm_clocks_leave_the_inbox_as_it_was() -> None:
    assert "吹哨" not in text(inbox.render(picture(board=[case(2)], whistles=[whistle(2, MINUTE)]))["children"])
