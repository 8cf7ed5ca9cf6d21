"""scheme.toml: what it may say, and the sentence that answers what it may not."""

import pytest

from geo.errors import GridError
from geo.scheme import Level, read_scheme

GOOD = 'name = "某某区"\ncrs = "EPSG:4490"\n[[level]]\nname = "一级网格"\nfile = "l1.geojson"\n'


def scheme_of(tmp_path, text):
    (tmp_path / "scheme.toml").write_text(text, "utf-8")
    return read_scheme(tmp_path)


def test_keys_left_out_have_the_names_of_the_protocol(tmp_path):
    scheme = scheme_of(tmp_path, GOOD)
    assert (scheme.name, scheme.crs) == ("某某区", "EPSG:4490")
    assert scheme.levels == (Level("一级网格", "l1.geojson", "code", "name", "parent_code", merge=False),)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("name = ", "BAD_SCHEME", "TOML"),
        (GOOD.replace("crs", "# crs"), "MISSING_CRS", "坐标系"),
        (GOOD.split("[[", maxsplit=1)[0], "BAD_SCHEME", "至少要有一个"),
        (GOOD + "lable = 'x'\n", "BAD_SCHEME", "lable"),
        (GOOD + "merge = 'yes'\n", "BAD_SCHEME", "merge"),
        (GOOD + "code = 3\n", "BAD_SCHEME", "code"),
        (GOOD.replace("file =", "code ="), "BAD_SCHEME", "缺少 file"),
        (GOOD.replace("某某区", ""), "BAD_SCHEME", "name"),
        ("level = 3\n" + GOOD.split("[[", maxsplit=1)[0], "BAD_SCHEME", "至少要有一个"),
    ],
)
def test_a_wrong_scheme_is_answered_with_the_key_to_change(tmp_path, text, code, words):
    with pytest.raises(GridError, match=code) as refusal:
        scheme_of(tmp_path, text)
    assert words in refusal.value.message


def test_a_folder_without_a_scheme_says_so(tmp_path):
    with pytest.raises(GridError, match="MISSING_FILE"):
        read_scheme(tmp_path)
