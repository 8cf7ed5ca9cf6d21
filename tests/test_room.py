"""What a room's own tables change, and how a table that cannot be used is refused at the start."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cases.model import Difficulty
from room import Room, make_data_dir
from settings import BadSetting, Settings
from storage.engine import open_engine

LIMITS = "yellow_at = 0.5\n[[total]]\namount = 3\nunit = 'days'\n"
HANDOFFS = '[[kind]]\ncode = "court"\nname = "诉调对接"\nparty = "人民法院"\nsource = "本院文件"\n'


@pytest.fixture
def room(tmp_path: Path) -> Callable[..., Room]:
    def opened(**settings: object) -> Room:
        return Room(Settings(data_dir=tmp_path, **settings), open_engine(f"sqlite:///{tmp_path}/room.sqlite"))  # type: ignore[arg-type]

    return opened


def test_the_rooms_own_tables_reach_its_desk(room: Callable[..., Room], tmp_path: Path) -> None:
    for name, text in (("limits", LIMITS), ("loops", "people = 5"), ("handoffs", HANDOFFS)):
        (tmp_path / f"{name}.toml").write_text(text + "settle = { amount = 20, unit = 'days' }" * (name == "handoffs"))
    desk = room(scheme="five").desk()
    assert (desk.limits.yellow_at, desk.limits.total("other", Difficulty.HARD).amount) == (0.5, 3)
    assert (desk.loops.people, desk.loops.overdue, desk.scheme) == (5, False, "five")
    assert desk.handoffs["court"].settle and desk.handoffs["court"].settle.amount == 20


@pytest.mark.parametrize("name", ["limits", "loops", "handoffs", "calendar"])
def test_a_table_that_cannot_be_used_stops_the_start_and_names_itself(
    room: Callable[..., Room], tmp_path: Path, name: str
) -> None:
    (tmp_path / f"{name}.toml").write_text("nonsense = 3")
    with pytest.raises(BadSetting, match=rf"{name}\.toml"):
        room().desk()


def test_a_scheme_that_there_is_not_is_refused_with_those_there_are(room: Callable[..., Room]) -> None:
    with pytest.raises(BadSetting, match="five、seven、six"):
        room(scheme="nine").desk()


def test_roles_that_open_the_data_folder_at_once_do_not_take_each_other_for_a_fault(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as roles:
        for answer in [roles.submit(make_data_dir, Settings(data_dir=tmp_path)) for _ in range(400)]:
            answer.result()
    assert list(tmp_path.iterdir()) == []
