"""What is read within one moment agrees, whatever is written meanwhile."""

from __future__ import annotations

import threading

import pytest

from cases.desk import Desk
from cases.errors import StoreUnavailable
from cases.model import EVERYWHERE
from storage.views import SqlViews
from tests.cases.build import report
from tests.contracts.build import filed


def test_a_moment_does_not_see_what_is_filed_meanwhile(desk: Desk, views: SqlViews) -> None:
    with views.moment(), views.moment():
        assert views.board(EVERYWHERE) == []
        [no] = filed(desk, report("meanwhile"))
        assert views.board(EVERYWHERE) == [] and views.case(no, EVERYWHERE) is None
    assert [case.no for case in views.board(EVERYWHERE)] == [no]


def test_a_moment_is_that_of_its_own_thread(desk: Desk, views: SqlViews) -> None:
    seen: list[int] = []
    with views.moment():
        assert views.board(EVERYWHERE) == []
        filed(desk, report("meanwhile"))
        other = threading.Thread(target=lambda: seen.append(len(views.board(EVERYWHERE))))
        other.start()
        other.join()
    assert seen == [1]


def test_a_moment_that_failed_leaves_nothing_held(desk: Desk, views: SqlViews) -> None:
    def fail() -> None:
        with views.moment():
            assert views.board(EVERYWHERE) == []
            raise StoreUnavailable("the link broke")

    with pytest.raises(StoreUnavailable):
        fail()
    [no] = filed(desk, report("afterwards"))
    assert views.case(no, EVERYWHERE) is not None
