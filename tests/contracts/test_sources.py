"""What a source sent and what of it is over, alike on both engines."""

from __future__ import annotations

from dataclasses import replace

from cases.desk import Desk
from cases.feed_ports import SentBy, over_for_source
from cases.model import EVERYWHERE, Action
from storage.engine import Engine
from storage.sources import SqlSources
from storage.views import SqlViews
from tests.cases.build import DUTY, MONDAY_9, report


def test_what_is_over_for_its_source_is_chosen_as_it_is_told(engine: Engine, desk: Desk) -> None:
    desk.file([report("open"), report("void"), report("elsewhere")], MONDAY_9)
    cases = SqlViews(engine, lambda: MONDAY_9).board(EVERYWHERE)
    desk.act(cases[0].no, Action.VOID, {"reason": "重复登记"}, DUTY, EVERYWHERE, cases[0].version, MONDAY_9)
    mine, book = SentBy(cases[0].source), SqlSources(engine)
    everything = book.cases(mine)
    for ended, count in ((True, 1), (False, 2)):
        told = [case for case in everything if over_for_source(case) is ended]
        assert book.cases(replace(mine, ended=ended)) == told
        assert len(told) == count
