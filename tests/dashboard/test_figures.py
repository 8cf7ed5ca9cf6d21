"""A figure by address: its words, its rows in scope, its file; and the page with all of it."""

import csv
import io
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

TODAY = (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()


def code(answer):
    return answer.status_code, answer.json()["code"]


def figure(room, who, path, **asked):
    return room.program(who).get(f"{room.url}/api/v1/figures/{path}", params=asked)


def test_the_register_is_listed_with_its_definitions(room):
    items = figure(room, "duty", "").json()["items"]
    assert len(items) >= 40
    resolution = next(each for each in items if each["id"] == "resolution")
    assert (resolution["name"], resolution["unit"], resolution["direction"]) == ("化解率", "%", "up")
    assert "分母：期内受理" in resolution["definition"]


def test_a_figure_has_its_base_and_its_rows(room):
    number = room.report("井盖缺失", "B2")
    told = figure(room, "duty", "received", grid="B2").json()
    rows = figure(room, "duty", "received/rows", grid="B2").json()
    assert told["value"] == told["base"] == rows["total"] == len(rows["items"])
    assert number in [row["case"] for row in rows["items"]]
    assert told["link"] == f"/figure/received?grid=B2&from={TODAY[:8]}01&to={TODAY}"
    assert rows["items"][0]["sets"] == ["received"]


def test_a_part_of_a_figure_has_its_own_rows_and_file(room):
    room.report("油烟扰民", "B2")
    asked = {"grid": "B2", "category": figure(room, "duty", "received/rows", grid="B2").json()["items"][0]["category"]}
    told, rows = (figure(room, "duty", path, **asked).json() for path in ("received", "received/rows"))
    assert told["value"] == rows["total"] > 0
    assert {row["category"] for row in rows["items"]} == {asked["category"]}
    assert figure(room, "duty", "received", grid="B2", category="nothing.such").json()["value"] == 0
    lines = figure(room, "duty", "received/export.csv", **asked).content.decode("utf-8-sig").splitlines()
    assert f"件数,{told['value']}" in lines


def test_a_rate_without_a_base_has_no_value(room):
    told = figure(room, "duty", "satisfaction", **{"from": "2020-01-01", "to": "2020-01-31"}).json()
    assert (told["value"], told["base"], told["words"]) == (None, 0, "—（0 件）")


@pytest.mark.parametrize(
    ("path", "asked", "expected"),
    [
        ("nothing", {}, (404, "NOT_FOUND")),
        ("received", {"grid": "nowhere"}, (404, "NOT_FOUND")),
        ("received", {"from": "2026-02-30"}, (422, "BAD_VALUE")),
        ("received", {"from": "2026-03-02", "to": "2026-03-01"}, (422, "BAD_VALUE")),
        ("received", {"from": "2000-03-02", "to": "2026-03-01"}, (422, "BAD_VALUE")),
        ("received", {"gird": "B2"}, (422, "UNKNOWN_PARAMETER")),
        ("received", {"hour": "24"}, (422, "BAD_VALUE")),
        ("resolution", {"category": "dispute.land"}, (422, "BAD_VALUE")),
        ("received/export.exe", {}, (404, "NOT_FOUND")),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(room, path, asked, expected):
    assert code(figure(room, "duty", path, **asked)) == expected


def test_an_area_gets_its_own_figure_and_no_other(room):
    room.report("北片", "A1")
    room.report("南片", "B2")
    mine = figure(room, "duty-a", "received").json()
    assert mine["grid"] == "A"
    assert {row["grids"][0] for row in figure(room, "duty-a", "received/rows").json()["items"]} == {"A"}
    for path in ("received", "received/rows", "received/export.csv"):
        assert code(figure(room, "duty-a", path, grid="B2")) == (404, "NOT_FOUND")


def test_the_file_says_what_the_figure_is_and_runs_no_formula(room):
    room.report("=HYPERLINK(1)", "B2")
    lines = list(
        csv.reader(io.StringIO(figure(room, "duty", "received/export.csv", grid="B2").content.decode("utf-8-sig")))
    )
    assert lines[0] == ["指标", "受理（排查）件数"] and lines[3][0] == "口径"
    heads = lines.index(next(line for line in lines if line[:1] == ["案件号"]))
    titles = [line[3] for line in lines[heads + 1 :]]
    assert "'=HYPERLINK(1)" in titles and len(titles) == int(lines[6][1])
    sheet = openpyxl.load_workbook(io.BytesIO(figure(room, "duty", "received/export.xlsx", grid="B2").content)).active
    assert next([cell or "" for cell in row][:2] for row in sheet.iter_rows(values_only=True)) == lines[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    taken = room.services.registry.disclosures.of("B2")
    assert [(who, what) for _, who, what in taken][-1] == ("duty", "export")


def test_the_page_shows_the_number_its_meaning_and_its_rows(room):
    number = room.report("路灯不亮", "B2")
    page = room.program("duty").get(f"{room.url}/figure/received", params={"grid": "B2"}).text
    for told in ("受理（排查）件数", "按案件受理日归期", number, "export.xlsx", "上年同期"):
        assert told in page
    assert "没有这个指标" in room.program("duty").get(f"{room.url}/figure/nothing").text
    assert "民转刑件数" in room.program("duty").get(f"{room.url}/figure/register").text
