"""Bundles and maps on the wire: compressed once, cached by their hash, only for those who are signed in."""

import gzip
import re
import time

import pytest

from dashboard.compress import Bundle, Bundles


def test_scripts_are_gzipped_and_kept_for_ever_by_the_browser(room):
    browser = room.browser("duty")
    page = browser.get(f"{room.url}/").text
    scripts = re.findall(r'src="(/[^"]+)"', page)
    scripts += re.findall(r'id="rest-of-page" href="(/[^"]+)"', page)
    assert len(scripts) == 2
    plain = packed = 0
    for script in scripts:
        answer = browser.get(room.url + script, headers={"Accept-Encoding": "gzip"}, stream=True)
        raw = answer.raw.read(decode_content=False)
        packed += len(raw)
        plain += len(gzip.decompress(raw)) if answer.headers.get("content-encoding") == "gzip" else len(raw)
        assert "immutable" in answer.headers["cache-control"], script
        known = browser.get(room.url + script, headers={"If-None-Match": answer.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
    assert packed * 2.5 < plain


def test_who_cannot_unpack_gets_it_plain(room):
    answer = room.browser("duty").get(f"{room.url}/assets/live.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.headers["cache-control"].endswith("no-cache")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../settings.py",
        "/assets/%2e%2e/settings.py",
        "/assets//etc/passwd",
        "/assets/nothing.js",
        "/_dash-component-suites/os/__init__.py",
        "/_dash-component-suites/dash/dash.py",
        "/_dash-component-suites/dash/../../settings.py",
    ],
)
def test_only_registered_files_are_served(room, path):
    import http.client  # noqa: PLC0415 — a client that does not tidy the path

    cookie = "; ".join(f"{c.name}={c.value}" for c in room.browser("duty").cookies)
    link = http.client.HTTPConnection(room.url.removeprefix("http://"))
    link.request("GET", path, headers={"Cookie": cookie})
    answer = link.getresponse()
    body = answer.read()
    link.close()
    assert answer.status == 404
    assert b"import" not in body


def test_an_asset_that_changes_is_read_again(tmp_path):
    file = tmp_path / "a.css"
    bundles = Bundles(None, {}, tmp_path)  # type: ignore[arg-type]
    file.write_text("old", "utf-8")
    old = bundles._asset("a.css")
    file.write_text("new", "utf-8")
    newer = time.time() + 5
    __import__("os").utime(file, (newer, newer))
    new = bundles._asset("a.css")
    assert old is not None
    assert new is not None
    assert (old.body, new.body) == (b"old", b"new")


def test_small_and_binary_files_are_left_as_they_are():
    assert Bundle.of(b"x" * 100, "a.js").gzip == b""
    assert Bundle.of(b"x" * 10_000, "a.png").gzip == b""


# maps ---------------------------------------------------------------------------------------------------------------


def test_grid_geometry_is_sent_once(room):
    browser = room.browser("duty-a")
    first = browser.get(f"{room.url}/map/grids/1.geojson", params={"zoom": 12})
    assert [f["properties"]["code"] for f in first.json()["features"]] == ["A1", "A2", "B1", "B2"]
    assert first.headers["content-encoding"] == "gzip"
    again = browser.get(
        f"{room.url}/map/grids/1.geojson", params={"zoom": 12}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert browser.get(f"{room.url}/map/grids/9.geojson").status_code == 404
    assert browser.get(f"{room.url}/map/grids/x.geojson").status_code == 422
    assert browser.get(f"{room.url}/map/grids/1.geojson", params={"zoom": "nan"}).status_code == 422


def test_heat_shows_ones_own_area(room):
    room.report("热点", "B1")
    mine, theirs = room.browser("duty-a"), room.browser("duty-b")
    cold = mine.get(f"{room.url}/map/heat.png")
    warm = theirs.get(f"{room.url}/map/heat.png")
    assert cold.content.startswith(b"\x89PNG")
    assert len(warm.content) > len(cold.content)
    known = theirs.get(f"{room.url}/map/heat.png", headers={"If-None-Match": warm.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    (south, west), (north, east) = theirs.get(f"{room.url}/map/heat.json").json()["bounds"]
    assert max(south, west - 90.2) < 30 < min(north - 0.1, east - 90.4)
