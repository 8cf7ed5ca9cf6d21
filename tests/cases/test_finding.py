"""What words find: parts of runs in any order, whatever the width, case and punctuation; never a telephone."""

from __future__ import annotations

import pytest

from cases.finding import mentions, number_end, runs, wanted

NUMBER = "20261116-000123"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("楼上噪声，夜里！", ["楼上噪声", "夜里"]),
        ("ＷｉＦｉ 坏了 A座１２０３室", ["wifi", "坏了", "a座1203室"]),
        ("请打13800001234联系", ["请打", "联系"]),
        ("138-0000-1234、138 0000 1234", []),
        ("33010619900101123X", ["x"]),
        ("欠薪 123456 元", ["欠薪", "123456", "元"]),
        ("🚨…", []),
    ],
)
def test_a_text_is_runs_without_long_numbers(text: str, said: list[str]) -> None:
    assert runs(text) == said


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("噪声", True),
        ("声", True),
        ("楼上噪声", True),
        ("夜里 噪声", True),  # in any order
        ("噪声夜里", False),  # not across the comma
        ("噪音", False),
        ("12 号", True),
        ("0123", True),
        ("000123", True),
        (NUMBER, True),
        ("0012", False),  # a number is named by its end
        ("13800001234", False),
        ("16000123", True),  # long, but the end of the number
        ("0000123", False),
        ("噪声 13800001234", False),
        ("%", False),
        ("", False),
    ],
)
def test_words_find_a_case(words: str, found: bool) -> None:
    assert mentions(words, NUMBER, "噪声扰民", "楼上噪声，夜里更响，电话 13800001234", "文三路１２号") is found


def test_words_that_are_a_number_and_words_that_are_not() -> None:
    assert [number_end(words) for words in ("0123", "-0123", "20261116-000123", "12号", "１２", "²")] == [
        "0123",
        "",
        "20261116000123",
        "",
        "12",
        "2",
    ]
    assert wanted("噪声 13800001234") == []
