"""Records without their guard are records all the same."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field, fields, replace

import pytest

from cases.model import Case
from cases.model.quick import quick
from tests.cases.build import case


@quick
@dataclass(frozen=True, slots=True)
class Sheet:
    """A record with every kind of field."""

    no: int
    words: str = "空"
    lines: list[str] = field(default_factory=list)


def test_defaults_are_given_and_not_shared() -> None:
    one, other = Sheet(1), Sheet(1, words="满")
    assert (one.words, other.words, one.lines) == ("空", "满", [])
    assert one.lines is not other.lines


def test_equal_hashed_copied_and_shown_like_any_record() -> None:
    made = case()
    assert replace(made) == made
    assert hash(replace(made)) == hash(made)
    assert replace(made, version=made.version + 1) != made
    assert pickle.loads(pickle.dumps(made)) == made
    assert repr(Sheet(1)) == "Sheet(no=1, words='空', lines=[])"


def test_what_is_missing_or_unknown_is_refused_as_ever() -> None:
    with pytest.raises(TypeError, match="no"):
        Sheet()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="else"):
        Sheet(1, **{"else": 2})
    with pytest.raises(AttributeError):
        Sheet(1).other = 2  # type: ignore[attr-defined]


def test_the_fields_are_those_of_the_class() -> None:
    assert [each.name for each in fields(Case)][:3] == ["no", "version", "stage"]
