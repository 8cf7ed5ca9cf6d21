"""A file of alert rules says what a room wants, or in one line what is wrong with it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cases.model import AlertLevel
from cases.rule_book import Cluster, Dwell, Kind, RuleError, Silence, read_rules

DWELL = """[rules.reservoir]
kind = "dwell"
words = "涉险区域滞留"
level = "orange"
purpose = "safety"
accuracy_m = 50
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "alert_rules.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_defaults_stand_and_what_needs_the_room_is_off() -> None:
    rules = read_rules().rules
    assert {rule.kind for rule in rules.values() if rule.on} == {Kind.SOS, Kind.DEADLINE, Kind.CLUSTER}
    assert (rules["sos"].level, rules["sos"].words) == (AlertLevel.RED, "网格员求助")
    assert not rules["silence"].on


def test_a_rooms_file_changes_only_the_keys_it_has_and_may_add_rules(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """[rules.cluster]
count = 8
[rules.sos]
on = false
[rules.feed]
kind = "silence"
words = "12345 中断"
level = "orange"
devices = ["hotline-1"]
hours = "07:00-22:00"
lasting = "20min"
"""
        + DWELL
        + 'circle = [120.1, 30.2, 150]\nlasting = "90s"\nclear_after = "2h"',
    )
    rules = read_rules(file).rules
    assert rules["cluster"].option == Cluster(8, timedelta(minutes=30), 3)
    assert rules["cluster"].timing.cooldown == timedelta(hours=1)
    assert not rules["sos"].on
    assert rules["feed"].option == Silence(("hotline-1",), (420, 1320))
    dwell = rules["reservoir"]
    assert isinstance(dwell.option, Dwell)
    assert dwell.option.circle == (120.1, 30.2, 150)
    assert (dwell.timing.lasting, dwell.timing.clear_after) == (timedelta(seconds=90), timedelta(hours=2))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules = 3", "only tables [rules.NAME] belong here"),
        ("[rule.sos]", "only tables [rules.NAME] belong here, not rule"),
        ("[rules.sos", "alert_rules.toml: "),
        ("[rules.cluster]\ncuont = 3", "[rules.cluster]: cuont is not a key of kind cluster, did you mean count"),
        ("[rules.cluster]\ncount = 2.5", "[rules.cluster]: count is a whole number from 1 to 50"),
        ("[rules.cluster]\nclear_below = 9", "clear_below must not be more than count"),
        ('[rules.cluster]\nwithin = "half an hour"', "within is a span such as 90s, 15min or 2h"),
        ('[rules.cluster]\nwithin = "0s"', "within must be more than 0s"),
        ('[rules.cluster]\ncategories = ["nothing"]', "categories: there is no category nothing"),
        ('[rules.cluster]\nlevel = "pink"', "level is one of red, orange, yellow, blue"),
        ('[rules.cluster]\narea = "X9"', "area: there is no grid X9"),
        ("[rules.cluster]\non = 1", "on is true or false"),
        ("[rules.silence]\non = true", "devices is empty"),
        ('[rules.silence]\nlasting = "0s"', "lasting must be more than 0s"),
        ('[rules.silence]\nclear_after = "1h"', "clear_after of a silence is at most 15min"),
        ('[rules.silence]\nhours = "22:00-07:00"', "hours reads 07:00-22:00"),
        ("[rules.overdue]\nseverities = [0]", "severities is a list of whole numbers from 1"),
        ('[rules.new]\nkind = "magic"', "kind is one of sos, deadline, cluster, silence, dwell"),
        ('[rules.new]\nkind = "sos"', "words is a text of 1 to 30 characters"),
        ('[rules."Bad Name"]\nkind = "sos"', "a rule's name is made of"),
        ('[rules.c]\nkind = "cluster"\nwords = "甲"\nlevel = "red"', "count is missing"),
        (DWELL, "a fence is one of circle, ring and around"),
        (DWELL + 'circle = [120, 30, 50]\naround = ["place", "水库", 50]', "a fence is one of circle, ring and around"),
        (DWELL + 'around = ["person", "水库", 50]', "around's register is one of place, thing, matter, organisation"),
        (DWELL + 'around = ["place", "", 50]', "around's number or type is a text of 1 to 30 characters"),
        (DWELL + 'around = ["place", "水库", 1]', "around's metres is a number from 5 to 10000"),
        (DWELL + 'around = ["place"]', "around is [register, number or type, metres]"),
        (DWELL + "circle = [30.2, 120.1, 100]", "circle's lat is a number from -85 to 85"),
        (DWELL + "ring = [[120, 30], [121, 30]]", "ring is a list of 3 to 500 points"),
        (DWELL.replace('"safety"', '"attendance"') + "circle = [120, 30, 50]", 'purpose must be "safety"'),
    ],
)
def test_a_wrong_file_is_one_line_that_names_the_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RuleError) as refused:
        read_rules(written(tmp_path, text), lambda code: code == "G1")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"nowhere\.toml: No such file"):
        read_rules(tmp_path / "nowhere.toml")
