"""How Chinese lines break, and where issuer and date stand."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.documents import Document, Run, chinese_number
from reports.layout import NOT_FIRST, NOT_LAST, lines, signature


def wide(each, _run):
    return 1.0 if ord(each) > 0x2000 else 0.5


def broken(text, width, indent=0.0):
    return ["".join(piece.text for piece in line) for line in lines((Run(text),), width, wide, indent)]


def test_the_first_line_is_shorter_by_its_indent():
    assert broken("综治中心综治中心", 4, indent=2) == ["综治", "中心综治", "中心"]


def test_a_closing_mark_never_begins_a_line_nor_an_opening_one_ends_it():
    assert broken("综治中心。综治", 4) == ["综治中", "心。综治"]
    assert broken("综治中（心）", 4) == ["综治中", "（心）"]


def test_a_number_is_not_torn():
    assert broken("化解率为98.4%，", 5) == ["化解率为", "98.4%，"]


def test_an_address_longer_than_a_line_is_cut():
    assert broken("a" * 25, 5) == ["a" * 10, "a" * 10, "a" * 5]


@given(st.text("综治，。（）《》12.%ab", max_size=80), st.integers(4, 28))
def test_no_letter_is_lost_and_no_line_is_too_long(text, width):
    found = broken(text, width)
    assert "".join(found) == text
    assert all(sum(wide(each, None) for each in line) <= width for line in found)


@given(st.text("综治，。（12", max_size=80), st.integers(6, 28))
def test_marks_stay_where_they_belong_unless_a_line_is_all_marks(text, width):
    for first, second in zip(found := broken(text, width), found[1:], strict=False):
        bound = second[0] in NOT_FIRST or first[-1] in NOT_LAST
        assert not bound or sum(wide(each, None) for each in first + second) > width


@pytest.mark.parametrize(("issuer", "free"), [("某某区综治中心", (3.75, 4.0)), ("中心", (6.25, 4.0))])
def test_the_issuer_stands_over_the_middle_of_the_date(issuer, free):
    document = Document("", (), issuer, date(2026, 11, 1))
    assert tuple(each for _, each in signature(document)) == free


def test_a_long_issuer_moves_the_date_in():
    (_, issuer), (_, dated) = signature(Document("", (), "某" * 20, date(2026, 11, 1)))
    assert issuer == 0.0 and dated > 4


def test_headings_count_in_chinese():
    assert [chinese_number(n) for n in (1, 10, 11, 20, 23)] == ["一", "十", "十一", "二十", "二十三"]
    with pytest.raises(ValueError, match="100"):
        chinese_number(100)
