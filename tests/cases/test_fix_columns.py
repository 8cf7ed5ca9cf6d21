"""Fixes in columns say what the fixes said."""

from array import array
from datetime import UTC, datetime, timedelta

import pytest

from cases.fix_columns import FixColumns
from cases.model import Fix, WorkerId, WorkerStatus

AT = datetime(2026, 11, 21, 8, 0, 0, 123457, tzinfo=UTC)
FIXES = [
    Fix(WorkerId("W-1"), AT, 120.05, 30.05, 8.0, WorkerStatus.EN_ROUTE),
    Fix(WorkerId("W-2"), AT + timedelta(microseconds=1), 120.1, 30.1, None, WorkerStatus.OFF_DUTY, True),
]


def test_columns_read_as_the_fixes_they_were_made_of():
    assert list(FixColumns.of(FIXES)) == FIXES
    assert FixColumns.of(FIXES)[-1:] == FIXES[-1:]


def test_columns_of_columns_are_the_same():
    columns = FixColumns.of(FIXES)
    assert FixColumns.of(columns) is columns


def test_no_fixes_are_none():
    assert not FixColumns.of([])


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="one length"):
        FixColumns(["W-1"], array("d"), array("d"), array("d"), array("f"), b"", b"")


def test_a_status_that_is_none_is_refused():
    one = array("d", [1.0])
    with pytest.raises(ValueError, match="status"):
        FixColumns(["W-1"], one, one, one, array("f", [1.0]), b"\x09", b"\x00")
