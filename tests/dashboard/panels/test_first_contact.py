"""我首问的: one row a case, counted, read by one press, and never another person's."""

from __future__ import annotations

from cases.model import EVERYWHERE, Account, Action, Actor, Case, CaseNo, Event, Role, Scope
from dashboard.components.case_rows import Names
from dashboard.panels import first_contact
from dashboard.session import Visit
from tests.cases.build import MONDAY_9, case
from tests.dashboard.rig import rigged

NAMES = Names({}, {"U-city": "城管中队"}, {"W-A1": "王建国"})
LI = Visit(Account("li", Role.DUTY, "", "李某"), Scope("", "li", True))
ZHOU = Visit(Account("zhou", Role.DUTY, "", "周某"), Scope("", "zhou", True))


def test_nothing_new_says_so() -> None:
    shown = str(first_contact.content([], NAMES, MONDAY_9))
    assert "没有新动态" in shown
    assert "data-told-read" not in shown


def test_the_tracker_reads_what_others_did_and_then_it_is_read(tmp_path) -> None:
    with rigged(tmp_path) as rig:
        first, second = CaseNo(rig.report("积水")), CaseNo(rig.report("噪声"))
        act = rig.services.desk.act
        for no in (first, second):
            act(no, Action.ACCEPT, {}, LI.actor, EVERYWHERE, 1, rig.now())
        act(first, Action.DISPATCH, {"unit": "U-city"}, ZHOU.actor, EVERYWHERE, 2, rig.now())
        act(second, Action.URGE, {}, ZHOU.actor, EVERYWHERE, 2, rig.now())
        act(first, Action.SIGN, {}, Actor("W-A1", Role.DUTY, "demo"), EVERYWHERE, 3, rig.now())
        rows = first_contact.by_case(rig.services.registry.told.news("li", LI.scope))
        assert [news.case.no for news in rows] == [first, second]
        shown = str(first_contact.content_of(rig.services, LI))
        assert "5 条新动态 · 2 件" in shown
        assert "签收 · 王建国" in shown
        assert "催办 · zhou" in shown
        newest = rows[0].events[-1].seq
        assert "没有新动态" in str(first_contact.content_of(rig.services, LI, newest))
        assert "没有新动态" in str(first_contact.content_of(rig.services, ZHOU))


def test_a_long_absence_is_counted_not_listed() -> None:
    found = [_heard(n) for n in range(1, 10)]
    shown = str(first_contact.content(found, NAMES, MONDAY_9))
    assert "9 条新动态 · 9 件" in shown
    assert "另有 3 件未列出" in shown
    assert "data-told-read='9'" in shown or "'data-told-read': '9'" in shown


def _heard(n: int) -> tuple[Event, Case]:
    one = case(no=f"20261116-{n:06d}")
    return Event(n, one.no, 2, MONDAY_9, "zhou", Role.DUTY, Action.EVALUATE, changes={"score": 4}), one
