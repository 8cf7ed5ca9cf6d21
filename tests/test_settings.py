"""Settings: read once, refused in words, and every one explained where people look."""

from dataclasses import fields
from pathlib import Path

import pytest

from settings import BadSetting, Settings, describe, read

ROOT = Path(__file__).parent.parent


def test_nothing_set_means_the_documented_defaults() -> None:
    room = read({})
    assert (room.port, room.gateway_port, room.host, room.demo) == (8050, 8765, "127.0.0.1", False)
    assert room.database.endswith("var/room.sqlite")
    assert read({"DEMO": "1"}).database.endswith("var/demo.sqlite")


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "http"), ("PORT", "99999"), ("GATEWAY_PORT", "0"), ("DEMO", "maybe"), ("SPEED", "fast")],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        read({name: value})


def test_every_setting_has_a_sentence_and_stands_in_the_operations_guide() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for each in fields(Settings):
        assert each.metadata["says"].endswith(".")
        assert f"`{each.name.upper()}`" in guide
        assert each.name.upper() in describe()
