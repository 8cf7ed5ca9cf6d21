"""Warnings that replace each other and what other systems are told, alike on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cases.desk import Desk
from cases.model import (
    EVERYWHERE,
    AlertLevel,
    AlertNo,
    AlertState,
    Bulletin,
    BulletinKind,
    Place,
    Scope,
)
from cases.webhooks import Unsent
from storage.engine import Engine
from storage.views import SqlViews
from storage.webhooks import SqlWebhooks
from tests.cases.build import DUTY, MONDAY_9, report

FIRST = Bulletin(
    "cap:met.example",
    "W-1",
    "f1",
    BulletinKind.ALERT,
    "met-1",
    MONDAY_9,
    MONDAY_9,
    AlertLevel.YELLOW,
    "暴雨",
    place=Place(120.05, 30.05, ("A",), accuracy_m=900.0),
    reach=frozenset({"A", "A1"}),
    expires_at=MONDAY_9 + timedelta(hours=6),
)
SECOND = replace(
    FIRST,
    id="W-2",
    fingerprint="f2",
    kind=BulletinKind.UPDATE,
    level=AlertLevel.BLUE,
    earlier=(("cap:met.example", "W-1"),),
)


def filed(desk: Desk, bulletin: Bulletin) -> AlertNo:
    answer = desk.file([bulletin], MONDAY_9)[0]
    assert answer.receipt is not None, answer
    return AlertNo(answer.receipt.number)


def test_an_answered_warning_hands_its_answer_on(engine: Engine, desk: Desk) -> None:
    views = SqlViews(engine, lambda: MONDAY_9)
    first = filed(desk, FIRST)
    desk.act_on_alert(first, "acknowledge", {}, DUTY, EVERYWHERE, MONDAY_9)
    second = filed(desk, SECOND)
    found = {each.no: each for each in views.alerts(Scope("A1"))}
    assert {no: each.state for no, each in found.items()} == {
        first: AlertState.WITHDRAWN,
        second: AlertState.ACKNOWLEDGED,
    }
    assert (found[second].by, found[second].replaces) == (DUTY.name, (first,))
    assert views.alert_reach([first, second], Scope("A1")) == {no: frozenset({"A", "A1"}) for no in (first, second)}
    assert views.alert_reach([first], Scope("B")) == {}


def test_an_unanswered_warning_ends_with_its_time(engine: Engine, desk: Desk) -> None:
    first = filed(desk, FIRST)
    assert desk.turn_alerts(MONDAY_9 + timedelta(hours=6)) == 1
    found = SqlViews(engine, lambda: MONDAY_9).alert(first, EVERYWHERE)
    assert found is not None
    assert (found[0].state, [step.action for step in found[1]]) == (AlertState.WITHDRAWN, ["expire"])


def test_what_happened_is_told_by_a_cursor_in_its_order(engine: Engine, desk: Desk) -> None:
    book = SqlWebhooks(engine, "https://room.example")
    desk.file([report("before")], MONDAY_9)
    assert book.add("city", "https://city.example", ("case.*", "alert.*"), "A1", "salt", MONDAY_9)
    assert not book.add("city", "https://other.example", ("*",), "", "salt", MONDAY_9)
    filed(desk, FIRST)
    desk.file([report("after")], MONDAY_9 + timedelta(seconds=5))
    [city] = book.all()
    waiting = book.waiting(city)
    assert [(each.stream, each.notice.kind if each.notice else "") for each in waiting] == [
        ("alert", "alert.new"),
        ("case", ""),
    ]
    assert [state.behind for state in book.states()] == [2]
    after = replace(city, case_seq=waiting[1].seq, alert_seq=waiting[0].seq, delivered=1, last_at=MONDAY_9)
    assert book.keep(after)
    assert book.waiting(book.all()[0]) == []
    assert book.pause("city", paused=True)
    assert not book.keep(after)  # a person was there meanwhile
    assert book.rewind("city", MONDAY_9)
    assert len(book.waiting(book.all()[0])) == 3


def test_a_subscription_far_behind_in_cases_and_alerts_is_told_all_in_order(engine: Engine, desk: Desk) -> None:
    book = SqlWebhooks(engine, "https://room.example")
    assert book.add("city", "https://city.example", ("*",), "", "salt", MONDAY_9)
    for n in range(7):
        at = MONDAY_9 + timedelta(seconds=n)
        desk.file([report(f"r{n}")], at)
        desk.file([replace(FIRST, id=f"W-{n}", fingerprint=f"f{n}")], at)
    told, heard = book.all()[0], list[tuple[str, int]]()
    while some := book.waiting(told, most=3):
        heard += [(each.stream, each.seq) for each in some]
        last = {each.stream: each.seq for each in some}
        told = replace(told, case_seq=last.get("case", told.case_seq), alert_seq=last.get("alert", told.alert_seq))
    everything = [(each.stream, each.seq) for each in book.waiting(book.all()[0], most=1000)]
    assert heard == everything
    assert len(everything) >= 14


def test_what_could_not_be_told_is_kept_and_tried_again(engine: Engine, desk: Desk) -> None:
    book = SqlWebhooks(engine)
    book.add("city", "https://city.example", ("alert.*",), "", "salt", MONDAY_9)
    filed(desk, FIRST)
    [city] = book.all()
    [passed] = book.waiting(city)
    book.bury("city", Unsent("alert", passed.seq, 12, "超时", MONDAY_9))
    assert [letter.why for letter in book.dead("city")] == ["超时"]
    assert book.again(city) == []
    assert book.replay("city") == 1
    [notice] = book.again(city)
    assert notice == passed.notice
    book.unbury("city", notice)
    assert book.dead("city") == []
    assert book.remove("city")
