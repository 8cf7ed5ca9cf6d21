"""Registers: what a file's columns mean, and what a row is refused for, in words."""

from __future__ import annotations

import pytest

from cases.registers import REGISTERS, Reading, Record, Refusal, division_notes, meanings, missing, understood

PLACE, PERSON, DIVISION = (REGISTERS[code] for code in ("place", "person", "division"))


@pytest.mark.parametrize("kind", REGISTERS.values(), ids=lambda kind: kind.code)
def test_one_meaning_is_one_field(kind: object) -> None:
    names = [each.name for each in kind.fields]  # type: ignore[attr-defined]
    assert len(set(names)) == len(names)


def test_there_is_no_field_for_an_identity_number() -> None:
    assert "身份证号" not in meanings(PERSON, ["编号", "姓名", "身份证号"]).values()


def test_titles_are_understood_and_missing_ones_named() -> None:
    mapping = meanings(PERSON, ["编号", "手机"])
    assert mapping == {"key": "编号", "phone": "手机"}
    assert missing(PERSON, mapping, ["编号", "手机"]) == ["“姓名”没有对应的列"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"id": "", "name": "甲"}, "缺少编号"),
        ({"id": "3.30106E+17"}, "编号“3.30106E+17”被表格软件改写，请把这一列设为文本后重新导出"),
        ({"id": "1", "lon": "120"}, "经度和纬度只有一个"),
        ({"id": "1", "lon": "东", "lat": "30"}, "经度“东”不是数字"),
        ({"id": "1", "lon": "nan", "lat": "30"}, "经度“nan”不是数字"),
        ({"id": "1", "lon": "200", "lat": "30"}, "经纬度超出范围"),
        ({"id": "1", "name": "x" * 501}, "名称超过 500 字"),
        ({"id": "1", "name": "a\x00b"}, "名称含有不可见字符"),
    ],
)
def test_bad_row_is_refused_in_words(row: dict[str, str], why: str) -> None:
    assert read(PLACE, [row]) == [Refusal(2, why)]


@pytest.mark.parametrize(
    ("code", "parent", "why"),
    [
        ("110101", "1101", None),
        ("11010", "", "区划代码“11010”不是 2、4、6、9 或 12 位数字"),
        ("1101010010A1", "", "区划代码“1101010010A1”不是 2、4、6、9 或 12 位数字"),
        ("110101001001", "110102001", "区划代码 110101001001 不以上级代码 110102001 开头"),
        ("110101001000", "", "区划代码 110101001000 的村级三位是 000，那是它的上级"),
    ],
)
def test_division_code_is_checked(code: str, parent: str, why: str | None) -> None:
    found = read(DIVISION, [{"code": code, "name": "某地", "parent": parent}])[0]
    assert (found.why if isinstance(found, Refusal) else None) == why


def test_code_of_one_range_with_a_name_of_another_is_noted() -> None:
    notes = division_notes([Record("110101001201", {"name": "某居委会"})])
    assert notes == ["1 个代码在村委会段（200–399）而名称不是村委会，如 110101001201 某居委会"]


def test_second_row_of_a_number_is_refused_naming_the_first() -> None:
    assert read(PLACE, [{"id": "7"}, {"id": "7"}])[1] == Refusal(3, "编号 7 与第 2 行重复")


@pytest.mark.parametrize(
    ("good", "bad", "in_part", "is_wrong"),
    [(3, 0, False, False), (3, 1, False, True), (3, 1, True, False), (1, 3, True, True), (0, 0, True, True)],
)
def test_wrong_file_changes_nothing(good: int, bad: int, in_part: bool, is_wrong: bool) -> None:
    records = [Record(str(number), {}) for number in range(good)]
    reading = Reading(PLACE, records, [Refusal(2, "坏")] * bad)
    assert (reading.why_wrong(in_part=in_part) is not None) is is_wrong


def read(kind: object, rows: list[dict[str, str]]) -> list[Record | Refusal]:
    titles = list(dict.fromkeys(title for row in rows for title in row))
    return list(understood(kind, meanings(kind, titles), rows))  # type: ignore[arg-type]
