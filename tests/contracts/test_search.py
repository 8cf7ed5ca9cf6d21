"""The search of cases on both engines: what the rule says (cases.finding), no more, no less, and only in the scope."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.finding import mentions, told
from cases.model import EVERYWHERE, Case, CaseNo, Place, Reporter, Scope, Stage
from cases.ports import CaseFilter
from storage import search, search_tail
from storage.engine import Engine
from storage.search_tail import TailKeeper
from storage.store import SqlStore
from storage.views import SqlViews
from tests.cases.build import MONDAY_9, case
from tests.contracts.build import NORTH, SOUTH

_numbers = count(1)

TEXTS = [
    ("电梯困人", "三单元电梯停在 5 楼，有人被困", "文三路１２号", NORTH),
    ("楼上噪声", "楼上噪声扰民，夜里更响；电话13800001234", "文三路 12 号", NORTH),
    ("噪声", "楼上，噪声", "", SOUTH),
    ("WiFi 坏了", "wifi、ＷＩＦＩ 与 Wi-Fi", "A座1203室", SOUTH),
    ("𠮷野家门口占道", "“引号” it's 100% * OR (NEAR) 哈哈哈哈哈", "", ()),
]
WORDS = [
    *(
        "噪声",
        "楼上噪声",
        "楼上 噪声",
        "电梯 噪声",
        "困人 电梯",
        "人电",
        "声",
        "𠮷野",
        "𠮷",
        "哈哈哈",
        "文三路",
        "不存在",
    ),
    *("5", "12号", "wifi", "ＷＩＦＩ", "fi", "1203", "A座", "100%", "引号", "it's", "3", "1380", "13800001234"),
    *("000003", "20261116-000002", "20261116", "0000002"),
    *("OR", "NEAR", "*", '"', "'", ")(", "-", "&", ":*", "\\", "<->"),
]


def kept(engine: Engine, *more: Case) -> list[Case]:
    made = [case(title=title, text=text, place=Place(1.0, 2.0, grids, address=at)) for title, text, at, grids in TEXTS]
    made = [replace(each, no=CaseNo(f"20261116-{n:06d}")) for n, each in enumerate([*made, *more], 1)]
    with SqlStore(engine).transaction() as tx:
        tx.add_cases(made)
    return made


def found(views: SqlViews, words: str, scope: Scope = EVERYWHERE, **more: object) -> list[str]:
    """What is found now, as soon as some of it is indexed, and when all of it is: the same."""
    asked = CaseFilter(text=words, **more)  # type: ignore[arg-type]
    said = []
    for index_more in (lambda: True, TailKeeper(views.engine).step, lambda: TailKeeper(views.engine).follow(9.0)):
        index_more()
        page = views.cases(scope, asked)
        assert page.total == len(page.items)
        said.append([each.no for each in page.items])
    assert said[0] == said[1] == said[2]
    assert waiting(views.engine) == 0
    return said[0]


def waiting(engine: Engine) -> int:
    """How many cases are not indexed yet."""
    with engine.read() as connection:
        return connection.execute(sa.text("SELECT count(*) FROM search_tail")).scalar_one()


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few cases a step, so that one step leaves some of them waiting."""
    monkeypatch.setattr(search_tail, "A_STEP", 2)


def by_rule(cases: list[Case], words: str) -> list[str]:
    return [c.no for c in cases[::-1] if mentions(words, c.no, c.title, c.text, c.place.address)]


def test_the_index_finds_what_the_rule_finds(engine: Engine, views: SqlViews) -> None:
    cases = kept(engine)
    assert {words: found(views, words) for words in WORDS} == {words: by_rule(cases, words) for words in WORDS}
    assert found(views, "楼上噪声") == [cases[1].no]  # "楼上，噪声" is two runs
    assert found(views, "13800001234") == []


LETTERS = st.text(st.sampled_from("楼上噪声人a1 ，"), max_size=12)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(LETTERS, LETTERS), min_size=1, max_size=6), words=st.lists(LETTERS, max_size=6))
def test_whatever_is_written_the_index_keeps_the_rule(
    engine: Engine, views: SqlViews, texts: list[tuple[str, str]], words: list[str]
) -> None:
    with engine.write() as connection:
        for table in ("cases", search.NAME, "search_tail"):
            connection.execute(sa.text(f"DELETE FROM {table}"))
    cases = [case(no=CaseNo(f"20261116-{next(_numbers):06d}"), title=a, text=b) for a, b in texts]
    with SqlStore(engine).transaction() as tx:
        tx.add_cases(cases)
    for each in [*words, *(text[1:4] for pair in texts for text in pair)]:
        assert found(views, each) == by_rule(cases, each), each


@pytest.mark.parametrize("more", [{}, {"open_only": True}, {"since": MONDAY_9}, {"stage": Stage.REPORTED}])
def test_a_search_stays_in_its_area(engine: Engine, views: SqlViews, more: dict[str, object]) -> None:
    mine = case(title="噪声", place=Place(address="某处"), source="account:甲")
    lift, loud, quiet, _, _, own = (c.no for c in kept(engine, mine))
    assert found(views, "噪声", **more) == [own, quiet, loud]
    assert found(views, "噪声", Scope("T-N"), **more) == [loud]
    assert found(views, "噪声", Scope("T-N", account="甲"), **more) == [own, loud]
    assert found(views, "噪声", Scope("T-N", account="乙"), **more) == [loud]
    assert found(views, "噪声", EVERYWHERE, grid="T-S", **more) == [quiet]
    assert found(views, "电梯", Scope("T-N"), **more) == [lift]
    assert found(views, "电梯", Scope("T-S"), **more) == []


def test_open_cases_alone_and_pages(engine: Engine, views: SqlViews) -> None:
    kept(engine, *[case(title="井盖", stage=Stage.CLOSED if n % 2 else Stage.REPORTED) for n in range(6)])
    assert len(found(views, "井盖")) == 6
    assert found(views, "井盖", open_only=True) == ["20261116-000010", "20261116-000008", "20261116-000006"]
    pages = [views.cases(EVERYWHERE, CaseFilter(text="井盖"), page, 4) for page in (1, 2, 3)]
    assert [(len(page.items), page.total) for page in pages] == [(4, 6), (2, 6), (0, 6)]


def test_who_reported_is_never_found(engine: Engine, views: SqlViews) -> None:
    kept(engine, case(reporter=Reporter("欧阳锋", "13900001111"), text="他说电话是 139-0000-1111，座机 0571 8800 1122"))
    for words in ("欧阳锋", "欧阳", "13900001111", "1390000", "139-0000-1111", "8800", "88001122", "0571"):
        assert found(views, words) == [], words


def test_words_that_change_are_found_anew_and_no_more_as_they_were(engine: Engine, views: SqlViews) -> None:
    first, *_ = kept(engine)
    with SqlStore(engine).transaction() as tx:
        before = tx.case(first.no, EVERYWHERE)
        assert before is not None
        tx.save_case(replace(before, version=2, title="电梯故障", place=replace(before.place, address="教工路 7 号")))
    assert (found(views, "故障"), found(views, "教工路"), found(views, "停在")) == ([first.no],) * 3
    assert first.no not in found(views, "文三路")


def test_what_is_undone_is_not_found(engine: Engine, views: SqlViews) -> None:
    def break_off() -> None:
        with SqlStore(engine).transaction() as tx:
            tx.add_cases([case(title="电梯困人")])
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert found(views, "电梯") == []


def test_an_index_made_anew_finds_the_same(engine: Engine, views: SqlViews) -> None:
    kept(engine)
    before = {words: found(views, words) for words in WORDS}
    with engine.write() as connection:
        connection.execute(sa.text(f"DROP TABLE {search.NAME}"))
        search.make(connection)
        search.rebuild(connection)
    assert {words: found(views, words) for words in WORDS} == before


def test_a_step_that_breaks_off_moves_no_case(engine: Engine, views: SqlViews, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = kept(engine)
    insert = search.insert

    def break_off(connection: sa.Connection, rows: list[tuple[int, list[str]]]) -> None:
        insert(connection, rows)
        raise KeyError

    with monkeypatch.context() as broken:
        broken.setattr(search, "insert", break_off)
        with pytest.raises(KeyError):
            TailKeeper(engine).step()
    assert waiting(engine) == len(cases)
    assert found(views, "噪声") == by_rule(cases, "噪声")


def test_words_that_change_while_they_are_indexed_are_indexed_as_they_became(
    engine: Engine, views: SqlViews, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = kept(engine)
    tokens = search.tokens

    def overtaken(number: str, *texts: str) -> list[str]:
        if number == first.no and texts[0] == first.title:
            with SqlStore(engine).transaction() as tx:
                before = tx.case(first.no, EVERYWHERE)
                assert before is not None
                tx.save_case(replace(before, version=2, title="电梯故障"))
        return tokens(number, *texts)

    monkeypatch.setattr(search, "tokens", overtaken)
    TailKeeper(engine).follow(9.0)
    assert (found(views, "故障"), found(views, "电梯困人")) == ([first.no], [])


def test_two_who_index_at_once_index_each_case_once(engine: Engine, views: SqlViews) -> None:
    cases = kept(engine, *[case(title="井盖") for _ in range(20)])
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: TailKeeper(engine).follow(9.0), range(2)))
    assert found(views, "井盖") == [each.no for each in cases[:4:-1]]


def test_nobody_indexing_does_not_let_the_tail_grow(
    engine: Engine, views: SqlViews, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_tail, "TAIL_MOST", 8)
    for day in range(16, 20):
        made = [replace(case(title="井盖"), no=CaseNo(f"202611{day}-{n:06d}")) for n in range(1, 5)]
        with SqlStore(engine).transaction() as tx:
            tx.add_cases(made)
        assert waiting(engine) <= 8
    assert len(found(views, "井盖")) == 16


def test_words_of_a_waiting_case_are_read_once_and_anew_when_they_change(
    engine: Engine, views: SqlViews, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def noting(*texts: str) -> str:
        read.append(texts[0])
        return told(*texts)

    monkeypatch.setattr(search_tail, "told", noting)

    def late(words: str) -> list[str]:
        return [each.no for each in views.cases(EVERYWHERE, CaseFilter(text=words)).items]

    made = kept(engine, case(title="井盖丢失"))
    assert late("井盖丢失") == late("盖丢") == [made[-1].no]
    assert len(read) == len(made)
    with SqlStore(engine).transaction() as tx:
        before = tx.case(made[-1].no, EVERYWHERE)
        assert before is not None
        tx.save_case(replace(before, version=2, title="电梯故障"))
    assert (late("井盖丢失"), late("电梯故障")) == ([], [made[-1].no])
    assert read[len(made) :] == ["电梯故障"]


def test_a_waiting_id_without_a_case_finds_nothing_and_stops_no_search(engine: Engine, views: SqlViews) -> None:
    [*_, manhole] = kept(engine, case(title="井盖丢失"))
    with engine.write() as connection:
        connection.execute(sa.text("INSERT INTO search_tail (case_id, version) VALUES (7, 1)"))
    for _ in range(2):
        assert [each.no for each in views.cases(EVERYWHERE, CaseFilter(text="井盖丢失")).items] == [manhole.no]
