"""A page's HTML: two scripts in the right order, the answers Dash asks for, and nothing it does not use."""

import json
import re

import pytest

from dashboard.bundle import Packs, Script, dressed, halves, taken_out
from dashboard.compress import Bundles

SUITE = "/_dash-component-suites"
INDEX = f"""<html><head>
<link rel="stylesheet" href="{SUITE}/dash_ag_grid/y.css">
<link rel="stylesheet" href="/assets/a.css">
</head><body><div id="react-entry-point"></div><footer><script id="_dash-config" type="application/json">{{}}</script>
<script src="{SUITE}/dash/deps/polyfill@7.v1m1.js"></script>
<script src="{SUITE}/dash/deps/react@18.v1m1.js"></script>
<script src="{SUITE}/dash_leaflet/z.v1m1.js"></script>
<script src="{SUITE}/dash_ag_grid/y.v1m1.js"></script>
<script src="/assets/map.js?m=1"></script>
<script src="{SUITE}/dash/dcc/x.v1m1.js"></script>
<script src="{SUITE}/dash/dash_table/bundle.v1m1.js"></script>
<script id="_dash-renderer">start();</script></footer></body></html>"""


def names(scripts):
    return [re.split(r"[.@]", script.address.rpartition("/")[2])[0] or script.text for script in scripts]


def test_index_gives_up_its_scripts_but_keeps_its_config():
    index = taken_out(INDEX, ("dash_leaflet",))
    assert index.bare.count("<script") == 1
    assert "_dash-config" in index.bare
    assert "stylesheet" not in index.bare
    assert names(index.scripts) == ["react", "z", "map", "x", "start();"]
    assert index.styles == ("/assets/a.css",)
    assert "y" in names(taken_out(INDEX, None).scripts)


def test_what_draws_comes_first_and_dash_after():
    parts = halves(taken_out(INDEX, ("dash_leaflet",)).scripts, (f"{SUITE}/dash_leaflet/late.js",))
    assert names(parts.first) == ["react", "z", "map"]
    assert names(parts.rest) == ["late", "x", "start();"]


def test_page_brings_answers_that_cannot_break_out_of_it():
    told = json.dumps({"words": "</script><script>alert(1)</script>", "url": "/map/grids/1.geojson"})
    page = dressed(
        taken_out(INDEX, ()).bare, "/all.css", "/first.js", "/rest.js", {"/_dash-layout": told}, has_picture=True
    )
    inside = re.search(r'data-answer="/_dash-layout">(.*?)</script>', page)
    assert inside is not None
    assert json.loads(inside[1]) == json.loads(told)
    assert '<link rel="preload" as="fetch" href="/map/grids/1.geojson" crossorigin>' in page
    assert page.count('id="first-picture"') == 1
    assert "</script><script>alert" not in page


def test_page_without_a_map_runs_both_at_once():
    page = dressed(taken_out(INDEX, ()).bare, "/all.css", "/first.js", "/rest.js", {}, has_picture=False)
    assert re.findall(r'<script defer src="([^"]+)"', page) == ["/first.js", "/rest.js"]
    assert page.index('<link rel="stylesheet" href="/all.css">') < page.index("<script defer")
    assert "first-picture" not in page


@pytest.fixture
def packs(tmp_path):
    (tmp_path / "a.js").write_text("one();", "utf-8")
    return Packs(Bundles(None, {"dash": {"html/dash_html_components.min.js"}}, tmp_path)), tmp_path  # type: ignore[arg-type]


def test_pack_changes_its_address_with_its_content(packs):
    made, folder = packs
    asset = [Script("/assets/a.js?m=1")]
    first = made.scripts("p.js", asset)
    assert made.scripts("p.js", asset) == first
    (folder / "a.js").write_text("two();", "utf-8")
    assert made.scripts("p.js", asset) != first
    assert b"two();" in made._bundles._packed["/assets/packed/p.js"].body


def test_library_in_a_pack_is_told_where_it_lies(packs):
    address = f"{SUITE}/dash/html/dash_html_components.min.js"
    made, _ = packs
    made.scripts("p.js", [Script(address)])
    body = made._bundles._packed["/assets/packed/p.js"].body.decode()
    assert body.startswith('Object.defineProperty(document,"currentScript"')
    assert f'"src": "{address}"' in body
    assert body.endswith("delete document.currentScript;")
    assert "sourceMappingURL" not in body


def test_styles_become_one_sheet_in_their_order(packs):
    made, folder = packs
    for name in ("b", "a"):
        (folder / f"{name}.css").write_text(f".{name} {{}}", "utf-8")
    assert made.styles("p.css", ["/assets/b.css?m=1", "/assets/a.css"]).startswith("/assets/packed/p.css?m=")
    assert made._bundles._packed["/assets/packed/p.css"].body == b".b {}\n.a {}"


def test_script_that_is_not_there_is_named(packs):
    with pytest.raises(LookupError, match=r"nothing\.js"):
        packs[0].scripts("p.js", [Script("/assets/nothing.js")])
