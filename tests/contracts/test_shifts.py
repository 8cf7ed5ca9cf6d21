"""The watch on both engines: what was signed comes back as it was, is never rewritten, and stays in its area."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from cases.alerts import AlertAction
from cases.desk import Desk
from cases.errors import StoreUnavailable
from cases.model import EVERYWHERE, Account, Action, AlertNo, Role, Scope
from cases.shift_desk import ShiftDesk
from storage.engine import Engine
from storage.shifts import SqlShifts, keep_shift
from storage.store import SqlStore
from storage.views import SqlViews
from tests.cases.build import DUTY, MONDAY_9, report
from tests.contracts.build import alert_report, filed

A = Account(DUTY.name, Role.DUTY, "", "甲")
B = Account("值班员乙", Role.DUTY, "", "乙")


@pytest.fixture
def shifts(engine: Engine) -> SqlShifts:
    return SqlShifts(engine)


def test_a_watch_changes_hands_with_its_digest(engine: Engine, desk: Desk, shifts: SqlShifts, views: SqlViews) -> None:
    first, second = filed(desk, report("a"), report("b"))
    desk.act(first, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)
    desk.act(first, Action.DISPATCH, {"unit": "U-urban"}, DUTY, EVERYWHERE, 2, MONDAY_9)
    desk.act(first, Action.WHISTLE, {"units": ["U-justice"], "reason": "联合处置"}, DUTY, EVERYWHERE, 3, MONDAY_9)
    desk.act(second, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)
    made = shifts.handing(EVERYWHERE, MONDAY_9)
    assert {section.key: len(section.lines) for section in made.digest if section.lines} == {
        "whistles": 1,
        "open": 2,
        "received": 2,
    }
    door = ShiftDesk(SqlStore(engine), lambda changes: None)
    shift = door.hand_over(A, made.began_at, "留意", made.digest, MONDAY_9)
    assert shifts.shift(shift.no, "") == shift
    assert shifts.shift(shift.no, "T-N") is None
    assert shifts.seat_now(("",), MONDAY_9).open_shifts == (shift,)
    taken = door.take_over(shift.no, B, "seat", MONDAY_9 + timedelta(minutes=1))
    assert taken.moved == 2
    after = shifts.handing(EVERYWHERE, MONDAY_9 + timedelta(minutes=2))
    assert (after.past, after.open_shifts, after.is_first) == ((taken,), (), False)
    assert after.past[0].digest == made.digest
    case = views.case(first, EVERYWHERE)
    assert case is not None
    assert (case.first_contact, case.version) == (B.name, 5)
    assert views.events(first, EVERYWHERE)[-1].action is Action.HAND_OVER
    assert shifts.handed("", MONDAY_9, MONDAY_9 + timedelta(seconds=1)) == [taken]
    assert shifts.handed("", MONDAY_9 + timedelta(seconds=1), MONDAY_9 + timedelta(days=1)) == []
    assert shifts.handed("T-N", MONDAY_9, MONDAY_9 + timedelta(days=1)) == []
    with pytest.raises((IntegrityError, StoreUnavailable)), engine.write() as connection:
        keep_shift(connection, shift)


def test_alert_steps_are_kept_and_pages_count_them_all(engine: Engine, desk: Desk) -> None:
    count = 60
    desk.file([alert_report(f"al-{n}") for n in range(count)], MONDAY_9)
    views = SqlViews(engine, lambda: MONDAY_9 + timedelta(minutes=2))
    assert desk.turn_alerts(MONDAY_9 + timedelta(minutes=2)) == count
    assert desk.turn_alerts(MONDAY_9 + timedelta(minutes=2)) == 0
    page = views.alert_page(EVERYWHERE, 2, 50)
    assert (page.total, len(page.items), page.items[0].risen) == (count, 10, 1)
    no = page.items[0].no
    later = MONDAY_9 + timedelta(minutes=3)
    desk.act_on_alert(no, "shelve", {"minutes": 5, "reason": "试机"}, DUTY, EVERYWHERE, later)
    found = views.alert(no, EVERYWHERE)
    assert found is not None
    alert, steps = found
    assert [(step.action, step.version) for step in steps] == [(AlertAction.ESCALATE, 2), (AlertAction.SHELVE, 3)]
    assert (alert.why, alert.shelved_until, alert.risen) == ("试机", later + timedelta(minutes=5), 0)
    assert views.alert(AlertNo(no), Scope("T-S")) is None
    assert desk.turn_alerts(later + timedelta(minutes=5)) == count  # it came back, the others rose to the next level


def test_an_empty_seat_is_counted_by_the_day(shifts: SqlShifts) -> None:
    shifts.active("", MONDAY_9)
    for quarter in range(1, 41):  # ten minutes, a turn every quarter of a minute
        shifts.watch_seats(["", "T-N"], MONDAY_9 + timedelta(seconds=15 * quarter))
    now = MONDAY_9 + timedelta(minutes=10)
    seat = shifts.seat_now(("T-N-1", "T-N", ""), now)
    assert seat.unmanned_since == MONDAY_9 + timedelta(seconds=15)  # nobody was ever at the northern seat
    assert shifts.seat_now(("T-S", ""), now).unmanned_since == MONDAY_9
    assert shifts.unmanned("", "2026-11-16", "2026-11-16") == {"2026-11-16": timedelta(minutes=10)}
    shifts.active("", now)
    assert shifts.seat_now(("",), now).unmanned_since is None


def test_a_late_whistle_is_told_once_by_the_clock(desk: Desk, views: SqlViews) -> None:
    (no,) = filed(desk, report("a"))
    desk.act(no, Action.WHISTLE, {"units": ["U-justice"], "reason": "联合处置"}, DUTY, EVERYWHERE, 1, MONDAY_9)
    assert [whistle.unit for whistle in views.waited_for(EVERYWHERE)[0]] == ["U-justice"]
    assert views.waited_for(Scope("T-S"))[0] == []
    for minute in (14, 16, 17, 61, 62):
        desk.turn_clocks(MONDAY_9 + timedelta(minutes=minute))
    told = [event.why for event in views.events(no, EVERYWHERE) if "whistle" in event.about]
    assert told == ["应哨超时", "到场超时"]
