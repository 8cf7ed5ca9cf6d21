"""The heat bench measures both sides on the same points."""

import json

from bench import heat


def test_the_last_line_is_one_json_object(capsys):
    assert heat.main(["--points", "2000", "--repeats", "1", "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(result) == ["bench", "ours", "peer", "ratio", "machine"]
    assert result["bench"] == "heat"
    assert result["ratio"]["bytes"] == round(result["ours"]["bytes"] / result["peer"]["bytes"], 5)
    assert result["ours"]["after_100"]["median_ms"] > 0


def test_both_sides_get_every_point():
    lons, lats = heat.incidents(500)
    assert heat.picture_from_scratch(lons, lats).startswith(b"\x89PNG")
    (trace,) = json.loads(heat.figure_json(lons, lats))["data"]
    assert trace["type"] == "densitymap"
