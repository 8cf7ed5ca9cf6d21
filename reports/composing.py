"""A document composed from a template and figures: each figure links to its rows and has its number in the annex.

A sentence stands only when every figure in it can be made: without a base there is no rate, without both periods on
record no comparison. What is left out is named at its section's end. No sentence gives a cause, for no row holds one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from cases.calendar import LOCAL
from cases.categories import category_of
from cases.documents import Block, Document, Heading, Paragraph, Run, Table, chinese_number, paragraph
from cases.indicators import REGISTER, Figure, FigureRows, Period
from cases.lifecycle import STAGE_NAMES
from cases.model import Case
from geo.grids import Grid
from reports.templates import IN_BRACES, PLAIN, CaseList, GridTable, Section, Template, named
from reports.wording import said

MOST_ROWS = 60  # grids of a table; more make it a ledger


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is made from. `since` is the first day on record, if any; `names` are grids' names."""

    figures: Mapping[str, Figure]
    below: Sequence[Grid]
    cells: Mapping[tuple[str, str | None], Figure]
    lists: Mapping[str, FigureRows]
    names: Mapping[str, str]
    since: date | None


@dataclass(frozen=True, slots=True)
class Subject:
    """Of whom, when and for whom a report speaks."""

    area: str
    centre: str
    below: str
    period: Period
    now: datetime
    part: str = ""

    @property
    def words(self) -> Mapping[str, str]:
        """The plain words of a template."""
        period = said_period(self.period)
        return {"area": self.area, "centre": self.centre, "below": self.below, "period": period, "part": self.part}


@dataclass
class _Sources:
    """The figures used, each with its number."""

    used: dict[str, Figure] = field(default_factory=dict)

    def number(self, figure: Figure) -> int:
        """The figure's number among the sources."""
        self.used.setdefault(figure.link, figure)
        return list(self.used).index(figure.link) + 1


def compose(template: Template, subject: Subject, material: Material) -> tuple[Document, tuple[Figure, ...]]:
    """The document, and the figures its annex lists."""
    sources = _Sources()
    blocks: list[Block] = [_opening(subject, material)]
    for number, section in enumerate(template.sections, 1):
        blocks.append(Heading(1, f"{chinese_number(number)}、{section.heading}"))
        blocks += _section(section, subject, material, sources)
    figures = tuple(sources.used.values())
    document = Document(
        _plain(template.title, subject),
        tuple(blocks),
        subject.centre,
        subject.now.astimezone(LOCAL).date(),
        head=_plain(template.head, subject),
        to=_plain(template.to, subject),
        annex=tuple(_annex(figures)),
    )
    return document, figures


def said_period(period: Period) -> str:
    """2026年10月, 2026年上半年, 2026年, 2026年11月2日, or both ends."""
    first, last = period.first, period.last
    whole = {
        (1, 1, 12, 31): f"{first.year}年",
        (1, 1, 6, 30): f"{first.year}年上半年",
        (7, 1, 12, 31): f"{first.year}年下半年",
    }
    ends = (first.month, first.day, last.month, last.day)
    if first.year == last.year and ends in whole:
        return whole[ends]
    if period == Period.month(first.year, first.month):
        return f"{first.year}年{first.month}月"
    begin = f"{first.year}年{first.month}月{first.day}日"
    return begin if first == last else f"{begin}至{_until(first, last)}"


def _until(first: date, last: date) -> str:
    """The end of a span without what its beginning has said already: 15日, 12月2日, 2027年1月3日."""
    if first.year != last.year:
        return f"{last.year}年{last.month}月{last.day}日"
    return f"{last.day}日" if first.month == last.month else f"{last.month}月{last.day}日"


def _plain(words: str, subject: Subject) -> str:
    return IN_BRACES.sub(lambda found: subject.words[found[1]], words)


def _opening(subject: Subject, material: Material) -> Paragraph:
    """From where, as of when, and what the record cannot know."""
    here = subject.now.astimezone(LOCAL)
    told = [f"本文数据取自案件库，截至{here.year}年{here.month}月{here.day}日{here:%H:%M}，{REGISTER.excludes}。"]
    if subject.period.last >= here.date():
        told.append("本期尚未结束。")
    if material.since is None:
        told.append("案件库中还没有案件。")
    elif material.since > subject.period.first:
        told.append(f"案件库自{said_period(Period(material.since, material.since))}起有记录，此前部分不在其中。")
    behind = max((figure.behind for figure in material.figures.values()), default=0)
    if behind:
        told.append(f"另有{behind}条变动尚未计入。")
    return paragraph("".join(told))


def _section(section: Section, subject: Subject, material: Material, sources: _Sources) -> list[Block]:
    blocks: list[Block] = []
    runs: list[Run] = []
    missing: dict[str, None] = {}
    for sentence in section.sentences:
        told, lacking = _tellable(sentence, material)
        missing |= dict.fromkeys(lacking)
        runs += _runs(told, subject, material, sources)
    if runs:
        blocks.append(Paragraph(tuple(runs)))
    if missing:
        blocks.append(paragraph(f"以下各项没有基数或没有可比的记录，不作表述：{'、'.join(missing)}。"))
    if section.table:
        blocks += _table(section.table, material)
    if section.cases:
        blocks += _cases(section.cases, material, sources)
    return blocks


def _tellable(sentence: str, material: Material) -> tuple[str, list[str]]:
    """A sentence with those of its clauses whose figures can all be told, and the names of the others' figures."""
    kept: list[str] = []
    missing: list[str] = []
    for clause in re.split(r"(?<=[，；])", sentence.removesuffix("。")):
        lacking = [name for id in named(clause) if (name := _lack(id, material))]
        missing += lacking
        if not lacking:
            kept.append(clause)
    return ("".join(kept).rstrip("，；") + "。" if kept else ""), missing


def _lack(id: str, material: Material) -> str:
    """The name of a figure that cannot be told; empty for one that can."""
    figure, one = material.figures[id], REGISTER[id]
    if figure.value is None:
        return figure.name
    if one.kind == "change":
        other = figure.period.year_before if one.against == "year" else figure.period.before
        return figure.name if material.since is None or material.since > other.first else ""
    return ""


def _runs(sentence: str, subject: Subject, material: Material, sources: _Sources) -> list[Run]:
    runs = []
    for n, part in enumerate(IN_BRACES.split(sentence)):
        if n % 2 == 0:
            runs.append(Run(part))
        elif part in PLAIN:
            runs.append(Run(subject.words[part]))
        else:
            figure = material.figures[part]
            runs.append(Run(said(figure), figure.link, sources.number(figure)))
    return [run for run in runs if run.text]


def _table(table: GridTable, material: Material) -> list[Block]:
    if not material.below:
        return [paragraph("本辖区不再下设网格。")]
    shown = material.below[:MOST_ROWS]
    heads = ("辖区", *table.heads)
    rows = [(Run(grid.name), *(_cell(material.cells.get((id, grid.code))) for id in table.columns)) for grid in shown]
    drawn = Table(table.title, heads, tuple(rows), _shares(table.columns))
    if len(shown) == len(material.below):
        return [drawn]
    return [drawn, paragraph(f"共{len(material.below)}个辖区，表中为前{len(shown)}个，其余见台账。")]


def _shares(columns: Sequence[str]) -> tuple[float, ...]:
    """How wide the columns are: a share stands with what it is made of, a count does not."""
    return (1.2, *(2.3 if REGISTER[id].kind == "rate" else 0.85 for id in columns))


def _cell(figure: Figure | None) -> Run:
    if figure is None or figure.value is None:
        return Run("—")
    if REGISTER[figure.id].kind == "rate":
        return Run(f"{figure.value * 100:.1f}%（{figure.numerator}/{figure.base}）", figure.link)
    return Run(f"{int(figure.value)}", figure.link)


def _cases(listed: CaseList, material: Material, sources: _Sources) -> list[Block]:
    rows = material.lists[listed.of]
    if not rows.total:
        return [paragraph(f"没有{listed.words}。")]
    figure = material.figures[listed.of]
    counted = Run(f"{rows.total}件", figure.link, sources.number(figure))
    shown = rows.items[: listed.most]
    more = f"，按编号列出最新{len(shown)}件。" if rows.total > len(shown) else "，列表如下。"
    told = Paragraph((Run(f"{listed.words}共"), counted, Run(more)))
    cells = tuple(_case(case, material.names) for case in shown)
    heads = ("编号", "类别", "所在网格", "阶段", "时限")
    return [told, Table("", heads, cells, (1.05, 0.8, 0.92, 0.58, 1.06))]


def _case(case: Case, names: Mapping[str, str]) -> tuple[Run, ...]:
    """One case without free text and without a person."""
    inner = next((names[code] for code in reversed(case.grids) if code in names), "待定")
    due = f"{case.due_at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if case.due_at else "无"
    told = (category_of(case.category).name, inner, STAGE_NAMES[case.stage], due)
    return (Run(case.no, f"/case/{case.no}"), *(Run(each) for each in told))


def _annex(figures: Sequence[Figure]) -> list[Block]:
    """数据出处: every number of the text, what it means, where its rows are; what nearly all leave out is said once."""
    usual = f"。{REGISTER.excludes}"
    rows = tuple(
        (Run(str(n)), Run(figure.name), Run(said(figure), figure.link), Run(figure.definition.replace(usual, "")))
        for n, figure in enumerate(figures, 1)
    )
    words = "正文各数右上角的编号见下表；电子版中点击数值（包括表格中的数）即可打开明细，明细只显示查看人辖区内的案件。"
    words += f"口径中未另行写明的，{REGISTER.excludes}。"
    return [paragraph(words), Table("数据出处", ("编号", "指标", "数值", "口径"), rows, (0.5, 1.3, 2.0, 4.2))]


def day_before(now: datetime) -> date:
    """Yesterday, local."""
    return now.astimezone(LOCAL).date() - timedelta(days=1)
