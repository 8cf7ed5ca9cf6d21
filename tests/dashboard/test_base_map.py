"""The ground map: none unless set, then from a file of our own or from the one server that was named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.base_map import BadBaseMap, BaseMap, base_map_of
from tests.dashboard.rig import Rig, rigged, served
from tests.geo.test_tiles import PICTURES, mbtiles

TEMPLATE = "https://tiles.example.cn/vec_w/{z}/{x}/{y}?tk=1"


@pytest.fixture(params=["none", "file", "server"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Rig]]:
    found = {
        "none": BaseMap,
        "file": lambda: base_map_of(str(mbtiles(tmp_path / "town.mbtiles"))),
        "server": lambda: base_map_of(TEMPLATE, "gcj02", "某图 GS(2024)1号"),
    }[request.param]()
    with rigged(tmp_path) as rig:
        rig.services = replace(rig.services, base_map=found)
        with served(rig):
            yield request.param, rig


def test_pages_may_load_pictures_from_the_named_server_only(room: tuple[str, Rig]) -> None:
    kind, rig = room
    browser = rig.browser("duty")
    images = next(
        each.strip()
        for each in browser.get(rig.url).headers["Content-Security-Policy"].split(";")
        if each.strip().startswith("img-src")
    )
    assert images == "img-src 'self' data: blob:" + (" https://tiles.example.cn" if kind == "server" else "")


def test_what_the_page_is_told_and_what_it_gets(room: tuple[str, Rig]) -> None:
    kind, rig = room
    browser = rig.browser("duty")
    told = browser.get(f"{rig.url}/map/base.json").json()
    assert told.get("url", "") == {"none": "", "file": "/map/base/{z}/{x}/{y}", "server": TEMPLATE}[kind]
    assert told.get("datum", "") == {"none": "", "file": "wgs84", "server": "gcj02"}[kind]
    tile = browser.get(f"{rig.url}/map/base/1/0/1")
    assert tile.status_code == (200 if kind == "file" else 404)
    if kind == "file":
        assert (tile.content, tile.headers["content-type"]) == (PICTURES[1, 0, 1], "image/png")
        assert browser.get(f"{rig.url}/map/base/1/5/5").status_code == 404
    assert rig.session().get(f"{rig.url}/map/base/1/0/1", allow_redirects=False).status_code == 401


@pytest.mark.parametrize(
    ("source", "datum"),
    [
        ("ftp://host/{z}/{x}/{y}", "wgs84"),
        ("https://{s}.host/{z}/{x}/{y}", "wgs84"),
        ("https://host/{z}/{x}", "wgs84"),
        ("/no/such/file.mbtiles", "wgs84"),
        ("https://host/{z}/{x}/{y}", "bd09"),
    ],
)
def test_what_cannot_be_used_is_refused_at_the_start(source: str, datum: str) -> None:
    with pytest.raises(BadBaseMap):
        base_map_of(source, datum)
