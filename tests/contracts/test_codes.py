"""一案一码: every case has a secret of its own, and nothing but the secret opens it; looks are kept apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from cases.desk import Desk
from cases.model import EVERYWHERE, Action, CaseNo, Place, Scope
from storage.codes import LENGTH, SqlCodes, new_token
from storage.disclosures import SqlDisclosures
from storage.engine import Engine
from storage.tables import codes
from tests.cases.build import DUTY, MONDAY_9, report
from tests.contracts.build import NORTH, SOUTH, filed


def test_every_case_has_a_secret_that_finds_it(engine: Engine, desk: Desk) -> None:
    numbers = filed(desk, *(report(str(n), place=Place(grids=NORTH)) for n in range(30)))
    secrets = SqlCodes(engine)
    tokens = [secrets.token(no, EVERYWHERE) or "" for no in numbers]
    assert len(set(tokens)) == 30
    assert {len(token) for token in tokens} == {LENGTH}
    assert [case.no if (case := secrets.case(token)) else None for token in tokens] == numbers


def test_the_parts_of_a_split_have_secrets_of_their_own(engine: Engine, desk: Desk) -> None:
    [no] = filed(desk, report("a"))
    desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)
    units = {"units": ["U-urban", "U-justice"], "lead": "U-urban"}
    desk.act(no, Action.SPLIT, units, DUTY, EVERYWHERE, 2, MONDAY_9)
    secrets = SqlCodes(engine)
    part = CaseNo(f"{no[:9]}{int(no[9:]) + 1:06d}")
    assert secrets.token(part, EVERYWHERE) not in (None, secrets.token(no, EVERYWHERE))


def test_outside_the_area_there_is_no_secret_to_read(engine: Engine, desk: Desk) -> None:
    north, south = filed(desk, report("n", place=Place(grids=NORTH)), report("s", place=Place(grids=SOUTH)))
    secrets = SqlCodes(engine)
    assert secrets.token(north, Scope("T-N"))
    assert secrets.token(south, Scope("T-N")) is None
    assert secrets.token(CaseNo("20200101-000001"), EVERYWHERE) is None


@pytest.mark.parametrize("wrong", ["", "x", "a" * LENGTH, "A" * 5000, "%' OR 1=1 --", "钥" * LENGTH, "\0" * LENGTH])
def test_a_wrong_secret_opens_nothing_however_it_is_wrong(engine: Engine, desk: Desk, wrong: str) -> None:
    filed(desk, report("a"))
    assert SqlCodes(engine).case(wrong) is None


def test_secrets_of_one_moment_share_only_their_beginning() -> None:
    some = {new_token(MONDAY_9) for _ in range(1000)}
    assert len({token[:8] for token in some}) == 1
    assert len({token[8:] for token in some}) == 1000


def test_later_secrets_sort_behind_so_that_a_flood_writes_the_end_of_the_index() -> None:
    some = [new_token(MONDAY_9 + timedelta(milliseconds=2 * n)) for n in range(1000)]
    assert some == sorted(some)


def test_a_secret_of_an_earlier_release_still_opens_its_case(engine: Engine, desk: Desk) -> None:
    [no] = filed(desk, report("a"))
    printed = "a2" * 16
    with engine.write() as connection:
        connection.execute(sa.update(codes).values(token=printed))
    case = SqlCodes(engine).case(printed)
    assert case is not None
    assert case.no == no


def test_a_look_is_kept_and_the_case_does_not_move(engine: Engine, desk: Desk) -> None:
    [no] = filed(desk, report("a"))
    kept = SqlDisclosures(engine)
    kept.record("duty", "reveal", no, MONDAY_9)
    kept.record("leader", "print", no, MONDAY_9 + timedelta(minutes=1))
    kept.record("leader", "print", "other", MONDAY_9)
    assert [(who, what) for _, who, what in kept.of(no)] == [("duty", "reveal"), ("leader", "print")]
    assert desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9).version == 2
