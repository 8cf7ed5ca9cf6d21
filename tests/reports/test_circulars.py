"""Circulars from a real past: every number in them is a figure's, every figure is its rows, and the layout holds."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import docx
import pytest

from cases.documents import Document, Paragraph, Report, Run, Table
from cases.errors import NotAllowed, StillCounting
from cases.indicators import REGISTER, Period
from cases.model import EVERYWHERE, Scope
from reports.as_docx import docx_of
from reports.wording import said
from tests.reports.conftest import NOVEMBER, Town, hot_line

OCTOBER = Period.month(2026, 10)
HALF = Period(date(2024, 1, 1), date(2024, 6, 30))
JULY_2024 = datetime(2024, 7, 1, 1, 0, tzinfo=UTC)
ALL = 100_000
DATES = re.compile(r"\d{4}年(\d{1,2}月(\d{1,2}日)?)?|[上下]半年")


@pytest.fixture(scope="module")
def circular(demo: Town) -> Report:
    return demo.maker.make("monthly", None, OCTOBER, EVERYWHERE, NOVEMBER)


@pytest.fixture(scope="module")
def half_year(yichang: Town) -> Report:
    return yichang.maker.make("half_year", None, HALF, EVERYWHERE, JULY_2024)


@pytest.fixture(scope="module", params=["demo", "yichang"])
def made(request: pytest.FixtureRequest) -> tuple[Town, Report, datetime]:
    """Either town with its report and the moment it was made at."""
    name, now = ("circular", NOVEMBER) if request.param == "demo" else ("half_year", JULY_2024)
    town: Town = request.getfixturevalue(request.param)
    return town, request.getfixturevalue(name), now


def runs(document: Document) -> list[Run]:
    """Every run of the text, tables and annex included."""
    blocks = (*document.blocks[1:], *document.annex)  # the opening says as of when
    found = [run for block in blocks if isinstance(block, Paragraph) for run in block.runs]
    return found + [run for block in blocks if isinstance(block, Table) for row in block.rows for run in row[1:]]


def test_no_number_stands_in_the_text_without_a_link_to_its_rows(made: tuple[Town, Report, datetime]) -> None:
    _, report, _ = made
    body = Document("", report.document.blocks, "", report.document.dated)
    bare = [run.text for run in runs(body) if not run.link and re.search(r"\d", DATES.sub("", run.text))]
    # A list's due times and grid names are the case's own, and its row is linked at its number.
    assert [
        words for words in bare if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", words) and "网格" not in words
    ] in (
        [],
        [words for words in bare if "按编号列出最新" in words],
    )


def test_every_link_asks_anew_and_gets_the_same_figure(made: tuple[Town, Report, datetime]) -> None:
    town, report, now = made
    asked = 0
    for run in runs(report.document):
        at = urlsplit(run.link)
        if not at.path.startswith("/figure/"):
            continue
        query = {name: values[0] for name, values in parse_qs(at.query).items()}
        id_ = at.path.removeprefix("/figure/")
        period = Period(date.fromisoformat(query["from"]), date.fromisoformat(query["to"]))
        code = query.get("grid", "")
        leaves = [g.code for g in town.grids.grids(len(town.grids.levels()) - 1) if town.grids.within(g.code, code)]
        again = town.book.ask(id_, code or None, period, EVERYWHERE, now, leaves=leaves)
        whole = run.text in (said(again), f"{int(again.value or 0)}")
        assert whole or run.text.startswith(f"{(again.value or 0) * 100:.1f}%"), run
        asked += 1
    assert asked > 30


def test_every_figure_of_cases_is_its_rows(made: tuple[Town, Report, datetime]) -> None:
    town, report, now = made
    counted = 0
    for figure in report.figures:
        one = REGISTER[figure.id]
        if one.kind not in ("count", "rate") or not {REGISTER.sets[n].unit for n in one.sets} <= {"件"}:
            continue
        rows = town.book.rows(figure.id, figure.grid or None, figure.period, EVERYWHERE, now, 1, ALL)
        above = sum(bool(set(sets) & set(one.numerator)) for sets in rows.sets)
        assert above == figure.numerator, figure
        counted += 1
    assert counted >= 10


def test_the_circular_of_the_demo_town_keeps_the_official_layout(circular: Report) -> None:
    opened = docx.Document(io.BytesIO(docx_of(circular.document, "https://room.example")))
    section = opened.sections[0]
    sides = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(side.mm) for side in sides] == [37, 35, 28, 26]
    words = [each.text for each in opened.paragraphs if each.text]
    assert words[0] == "示范区综治中心文件" and "情况通报" in words[2 if words[1].startswith("示") else 1]
    assert words[-2:] != [] and "2026年11月2日" in words
    links = [rel.target_ref for rel in opened.part.rels.values() if rel.is_external]
    assert len([link for link in links if "/figure/" in link]) > 30


def test_what_is_not_on_record_is_not_compared(circular: Report, half_year: Report) -> None:
    """Neither record reaches back into the period before, so nothing rose and nothing fell."""
    for report in (circular, half_year):
        text = "".join(block.text for block in report.document.blocks if isinstance(block, Paragraph))
        assert not re.search("上升|下降|持平", text)
        assert "没有可比的记录" in text and "受理环比" in text


def test_no_sentence_gives_a_cause_or_names_a_person(circular: Report) -> None:
    text = "".join(block.text for block in circular.document.blocks if isinstance(block, Paragraph))
    assert not re.search("因为|由于|原因|导致|得益于|主要是", text)


def test_the_half_year_of_yichang_counts_its_requests(half_year: Report) -> None:
    opening = next(b.text for b in half_year.document.blocks[2:] if isinstance(b, Paragraph))
    assert "2024年上半年" in opening and "受理（排查）案件436件" in opening  # every fifteenth of 6,539
    assert "化解率0.0%（0/436件）" in opening  # nothing of the file says that anything was settled


@pytest.mark.long
def test_the_whole_half_year_of_yichang(tmp_path: Path) -> None:
    for town in hot_line(tmp_path, 1):
        report = town.maker.make("half_year", None, HALF, EVERYWHERE, JULY_2024)
        received = next(figure for figure in report.figures if figure.id == "received")
        rows = town.book.rows("received", None, HALF, EVERYWHERE, JULY_2024)
        assert (received.value, rows.total) == (6539, 6539)


def test_a_report_stays_within_the_area(demo: Town) -> None:
    first, second = (grid.code for grid in demo.maker._below("")[:2])
    with pytest.raises(NotAllowed):
        demo.maker.make("daily", second, OCTOBER, Scope(first), NOVEMBER)
    report = demo.maker.make("monthly", None, OCTOBER, Scope(first), NOVEMBER)
    received = next(figure for figure in report.figures if figure.id == "received")
    whole = demo.book.ask("received", None, OCTOBER, EVERYWHERE, NOVEMBER)
    assert received.grid == first and 0 < received.base < whole.base


def test_no_paper_is_made_of_figures_that_are_still_counted(demo: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(demo.book), "counting", lambda _: 0.62)
    with pytest.raises(StillCounting, match="已计入 62%"):
        demo.maker.make("monthly", None, OCTOBER, EVERYWHERE, NOVEMBER)


def test_progress_ends_at_all(demo: Town) -> None:
    steps: list[tuple[int, int]] = []
    demo.maker.make("weekly", None, OCTOBER, EVERYWHERE, NOVEMBER, lambda done, all_: steps.append((done, all_)))
    assert steps[-1] == (1, 1) and all(done <= all_ for done, all_ in steps)
