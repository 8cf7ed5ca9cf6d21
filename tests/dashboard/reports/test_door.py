"""Reports in the browser: only for readers, within the area, masked, and recorded before a file is handed over."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from dataclasses import replace

import openpyxl
import pytest
import requests

from cases.categories import category_of
from cases.model import EVERYWHERE, Reporter
from cases.ports import CaseFilter
from reports.making import ReportMaker
from reports.writer import OfficialPapers
from tests.dashboard.rig import Rig, rigged, served


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A room with two cases, one in each half, and a scheduled report in its outbox."""
    folder = tmp_path_factory.mktemp("reports")
    outbox = folder / "outbox"
    outbox.mkdir()
    (outbox / "月通报-试验镇.docx").write_bytes(b"PK-kept")
    with rigged(folder) as rig:
        s = rig.services
        maker = ReportMaker(s.registry.figures, s.views, s.directory, s.grids, s.title, s.registry)
        rig.services = replace(s, reports=maker, papers=OfficialPapers(), outbox=str(outbox))
        rig.report("=1+1", "A1", reporter=Reporter("王建国", "13800001234"))
        rig.report("噪声", "B1")
        with served(rig):
            yield rig


def fetched(room: Rig, name: str, path: str) -> requests.Response:
    """A file, however often the page must be asked whether it is ready."""
    browser = room.browser(name)
    for _ in range(200):
        answer = browser.get(f"{room.url}{path}")
        if "Refresh" not in answer.headers:
            return answer
        time.sleep(0.05)
    raise AssertionError("never ready")


def test_the_preview_links_each_figure_to_its_rows(room: Rig) -> None:
    text = room.browser("leader").get(f"{room.url}/reports/preview?kind=special").text
    assert "受理（排查）案件" in text and 'href="/figure/received?' in text and ">2件</a>" in text
    assert "基数小，仅供参考" in text


def test_a_grid_is_asked_for_by_its_name_and_only_ones_own_are_offered(room: Rig) -> None:
    browser, book = room.browser("leader"), room.services.grids
    name = book.grid("A").name
    assert f'value="{name} A"' in browser.get(f"{room.url}/reports").text
    assert 'value="' + book.grid("B").name not in room.browser("duty-a").get(f"{room.url}/reports").text
    told = [
        browser.get(f"{room.url}/reports/preview?kind=special&grid={said}").text for said in ("A", f"{name} A", name)
    ]
    assert all(">1件</a>" in text for text in told)


def test_special_brief_is_of_the_cases_that_are_chosen(room: Rig) -> None:
    browser, asked = room.browser("leader"), f"{room.url}/reports/preview?kind=special"
    kind = room.services.views.cases(EVERYWHERE, CaseFilter()).items[0].category
    told = browser.get(f"{asked}&category={kind}").text
    assert f"类别“{category_of(kind).name}”的案件" in told and f"category={kind}" in told and ">2件</a>" in told
    nowhere = browser.get(f"{asked}&ring=1,1;2,1;2,2").text
    assert "受理圈定范围内的案件" in nowhere and ">0件</a>" in nowhere and "没有选定的案件" in nowhere
    assert "圈定范围须有 3 到 200 个顶点" in browser.get(f"{asked}&ring=1,1").text
    refused = browser.get(f"{room.url}/reports/preview?kind=daily&category={kind}")
    assert refused.status_code == 400 and "只有专报可以限定" in refused.text


def test_an_area_sees_its_own_and_no_other(room: Rig) -> None:
    browser = room.browser("duty-a")
    assert ">1件</a>" in browser.get(f"{room.url}/reports/preview?kind=special").text
    refused = browser.get(f"{room.url}/reports/preview?kind=special&grid=B")
    assert refused.status_code == 400 and "不在您的辖区" in refused.text


def test_a_unit_sees_no_reports(room: Rig) -> None:
    assert room.browser("unit").get(f"{room.url}/reports").status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("preview?kind=nothing", 404),
        ("preview?kind=daily&month=x", 400),
        ("preview?kind=daily&when=上个月", 400),
        ("file?as=exe", 404),
        ("outbox/..%2Fx.docx", 404),
    ],
)
def test_nonsense_is_answered_in_words(room: Rig, path: str, status: int) -> None:
    assert room.browser("leader").get(f"{room.url}/reports/{path}").status_code == status


def test_a_docx_is_made_handed_over_and_recorded(room: Rig) -> None:
    answer = fetched(room, "analyst", "/reports/file?kind=special&as=docx")
    assert answer.content[:2] == b"PK" and "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    kept = [row for row in records(room) if row[0] == "analyst" and row[1] == "report"]
    assert len(kept) == 1 and kept[0][2].startswith("专报-试验镇-")


def records(room: Rig) -> list[tuple[str, str, str]]:
    with room.engine.read() as connection:
        rows = connection.exec_driver_sql("SELECT account, what, subject FROM disclosures ORDER BY at")
        return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("name", "reveal", "phone"),
    [("duty", "", "138****1234"), ("duty", "&reveal=1", "13800001234"), ("analyst", "&reveal=1", "138****1234")],
)
def test_a_ledger_is_masked_unless_a_role_that_may_asks(room: Rig, name: str, reveal: str, phone: str) -> None:
    answer = fetched(room, name, f"/reports/file?kind=all&as=xlsx{reveal}")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    shown = {cell.value for row in sheet.iter_rows() for cell in row}
    assert phone in shown and "=1+1" in shown
    assert (("duty", "reveal") in {row[:2] for row in records(room)}) or not reveal or name != "duty"


@pytest.mark.parametrize(
    ("kind", "title"),
    [("rectification", "整改台账"), ("supervision", "督办台账"), ("decisions", "议定事项台账"), ("watch", "值班台账")],
)
def test_a_ledger_of_matters_is_offered_and_made(room: Rig, kind: str, title: str) -> None:
    assert f'<option value="{kind}">{title}</option>' in room.browser("leader").get(f"{room.url}/reports").text
    answer = fetched(room, "leader", f"/reports/file?kind={kind}&as=xlsx")
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).active["A1"].value.startswith(f"{title} · ")


def test_the_ledger_of_the_watch_is_for_those_who_keep_it(room: Rig) -> None:
    assert "值班台账" not in room.browser("analyst").get(f"{room.url}/reports").text
    refused = fetched(room, "analyst", "/reports/file?kind=watch&as=xlsx")
    assert refused.status_code == 400 and "不能查看值班台账" in refused.text


def test_the_outbox_is_for_those_who_see_the_whole_room(room: Rig) -> None:
    kept = "/reports/outbox/月通报-试验镇.docx"
    assert room.browser("leader").get(f"{room.url}{kept}").content == b"PK-kept"
    assert room.browser("duty-a").get(f"{room.url}{kept}").status_code == 404
    assert "月通报-试验镇.docx" in room.browser("leader").get(f"{room.url}/reports").text
