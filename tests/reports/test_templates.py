"""Templates are data: a slip in one is refused by name."""

import pytest

from reports.templates import ORDER, TemplateError, read_templates

GOOD = 'name = "甲"\ntitle = "{area}"\n[[section]]\nheading = "一"\nsentences = ["受理{received}。"]\n'


def test_all_kinds_are_there_and_speak_only_of_registered_figures():
    found = read_templates()
    assert tuple(found) == ORDER
    assert len(found["monthly"].figures) > 30


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("{received}", "{typed_entries}"), "typed_entries"),
        (GOOD.replace("title", "titel"), "daily.toml"),
        (GOOD + 'cases = { of = "nothing", most = 3, words = "" }\n', "nothing"),
        ("name = ", "daily.toml"),
    ],
)
def test_a_slip_is_named(tmp_path, text, says):
    (tmp_path / "daily.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TemplateError, match=says):
        read_templates(tmp_path)


def test_the_sentences_know_no_causes():
    words = "".join(s for t in read_templates().values() for section in t.sections for s in section.sentences)
    assert not any(each in words for each in ("因为", "由于", "导致", "原因", "得益于", "排名", "倒数"))
