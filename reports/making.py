"""Reports and ledgers made from the room's own record (cases.documents.Reports)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from cases.calendar import LOCAL
from cases.documents import WHOLE, Ledger, Progress, Report, quiet
from cases.errors import BadAction, NotAllowed, StillCounting
from cases.indicators import REGISTER, Figure, FigureRows, Narrowing, Period
from cases.model import Case, Scope
from cases.ports import CaseFilter, Directory, FigureBook, Registry, Views
from geo.grids import Grid, GridBook
from reports.composing import Material, Subject, compose, said_period
from reports.ledger import LEDGERS, Column, Row, columns, ledger_of
from reports.matters import MATTERS, MattersLedger
from reports.templates import SELECTION, GridTable, Template, read_templates

PAGE = 500


@dataclass(frozen=True, slots=True)
class _Asked:
    """What all figures of one report are asked with."""

    period: Period
    scope: Scope
    now: datetime
    part: Narrowing


@dataclass(frozen=True)
class ReportMaker:
    """Every method answers within the scope it is handed; `centre` signs."""

    book: FigureBook
    views: Views
    directory: Directory
    grids: GridBook
    centre: str
    registry: Registry | None = None  # without it there are no ledgers of what is not a case

    @cached_property
    def templates(self) -> Mapping[str, Template]:
        """The kinds of reports; TemplateError for a file that cannot be used."""
        return read_templates()

    @property
    def kinds(self) -> Mapping[str, str]:
        """Kind and name of each report."""
        return {kind: template.name for kind, template in self.templates.items() if kind != SELECTION}

    @property
    def ledgers(self) -> Mapping[str, str]:
        """Kind and name of each ledger."""
        matters = {kind: one.name for kind, one in MATTERS.items()} if self.registry else {}
        return {kind: name for kind, (name, _) in LEDGERS.items()} | matters

    def make(
        self,
        kind: str,
        grid: str | None,
        period: Period,
        scope: Scope,
        now: datetime,
        progress: Progress = quiet,
        part: Narrowing = WHOLE,
    ) -> Report:
        """A report about a grid (None: the scope's area); StillCounting while the figures lack a part of the record."""
        if (share := self.book.counting()) is not None:
            raise StillCounting(share)
        if part and kind != "special":
            raise BadAction("只有专报可以限定类别或范围", "kind")
        template, code = self.templates[SELECTION if part else kind], self._inside(grid, scope)
        below = self._below(code)
        material = self._material(template, code, below, _Asked(period, scope, now, part), progress)
        level = f"各{self.grids.levels()[below[0].level]}" if below else "各单位"
        subject = Subject(self._name(code), self.centre, level, period, now, part.words.replace(" · ", "、"))
        document, figures = compose(template, subject, material)
        progress(1, 1)
        name = f"{template.name}-{self._name(code)}-{said_period(period)}"
        return Report(kind, name, document, figures, now)

    def ledger(
        self, kind: str, grid: str | None, period: Period, scope: Scope, now: datetime, progress: Progress = quiet
    ) -> Ledger:
        """The cases received in a period, exercises left out; or what was begun in it, of a kind of MATTERS."""
        if kind in MATTERS and self.registry:
            return self._matters(MATTERS[kind], self.registry, self._inside(grid, scope), period, scope, now)
        (title, prefix), code = LEDGERS[kind], self._inside(grid, scope)
        found = (case for case in self._received(code, period, scope, progress) if case.category.startswith(prefix))
        names = {each.code: each.name for each in self.grids.grids()}
        units: dict[str, str] = {unit.id: unit.name for unit in self.directory.units()}
        masked = "报告人未遮盖，注意保管" if scope.reveal else "报告人已遮盖"
        source = f"来源：案件库，按受理日；{_as_of(now)}；不含演练；{masked}"
        return self._written(title, source, code, period, found, columns(names, units, scope.reveal))

    def _matters(
        self, kind: MattersLedger, registry: Registry, code: str, period: Period, scope: Scope, now: datetime
    ) -> Ledger:
        found = kind.rows(registry, replace(scope, area=code), period)
        source = f"来源：{kind.source}，按{kind.day}；{_as_of(now)}"
        return self._written(kind.name, source, code, period, found, kind.columns(now))

    def _written(
        self, title: str, source: str, code: str, period: Period, rows: Iterable[Row], shown: Sequence[Column[Row]]
    ) -> Ledger:
        content, count = ledger_of(f"{title} · {self._name(code)} · {said_period(period)}", source, rows, shown)
        return Ledger(f"{title}-{self._name(code)}-{said_period(period)}", content, count)

    def _received(self, code: str, period: Period, scope: Scope, progress: Progress) -> Iterator[Case]:
        which = CaseFilter(grid=code or None, since=period.since, until=period.until)
        number, seen = 1, 0
        while True:
            page = self.views.cases(scope, which, number, PAGE)
            yield from (case for case in page.items if not case.exercise)
            seen, number = seen + len(page.items), number + 1
            progress(seen, max(page.total, 1))
            if not page.items or seen >= page.total:
                return

    def _material(
        self, template: Template, code: str, below: Sequence[Grid], asked: _Asked, progress: Progress
    ) -> Material:
        tables = [section.table for section in template.sections if section.table]
        lists = [section.cases for section in template.sections if section.cases]
        ids = dict.fromkeys((*template.figures, *(each.of for each in lists)))
        steps, done = len(ids) + len(below) * len(tables), 0
        figures: dict[str, Figure] = {}
        for done, id_ in enumerate(ids, 1):
            figures[id_] = self._figure(id_, code, asked)
            progress(done, steps)
        cells: dict[tuple[str, str | None], Figure] = {}
        for table in tables:
            for grid in below:
                cells |= self._row(table, grid.code, asked)
                progress(done := done + 1, steps)
        period, scope, now, part = asked.period, asked.scope, asked.now, asked.part
        rows: dict[str, FigureRows] = {
            each.of: self.book.rows(each.of, code or None, period, scope, now, 1, each.most, part=part)
            for each in lists
        }
        names = {each.code: each.name for each in self.grids.grids()}
        return Material(figures, below, cells, rows, names, self._first_day(scope))

    def _row(self, table: GridTable, code: str, asked: _Asked) -> Mapping[tuple[str, str | None], Figure]:
        """A grid's line of a table; parts are counted one by one, for no tally knows them."""
        if asked.part:
            return {(id_, code): self._figure(id_, code, asked) for id_ in table.columns}
        return self.book.ask_many(table.columns, [code], asked.period, asked.scope, asked.now)

    def _figure(self, id: str, code: str, asked: _Asked) -> Figure:
        sources = {REGISTER.sets[name].source for name in REGISTER[id].sets}
        leaves = self._leaves(code) if "grids" in sources else ()
        return self.book.ask(
            id, code or None, asked.period, asked.scope, asked.now, leaves=leaves, part=asked.part or None
        )

    def _leaves(self, code: str) -> list[str]:
        inner = self.grids.grids(len(self.grids.levels()) - 1)
        return [grid.code for grid in inner if self.grids.within(grid.code, code)]

    def _below(self, code: str) -> Sequence[Grid]:
        """The grids that divide an area: the outermost level of which it holds more than one."""
        for level in range(len(self.grids.levels())):
            inside = [grid for grid in self.grids.grids(level) if self.grids.within(grid.code, code)]
            if len(inside) > 1:
                return inside
        return ()

    def _first_day(self, scope: Scope) -> date | None:
        """The day of the oldest case in the scope."""
        total = self.views.cases(scope, CaseFilter(), 1, 1).total
        oldest = self.views.cases(scope, CaseFilter(), total, 1).items if total else ()
        return min((case.received_at.astimezone(LOCAL).date() for case in oldest), default=None)

    def _inside(self, grid: str | None, scope: Scope) -> str:
        code = grid or scope.area
        if code and (code not in self.grids or not self.grids.within(code, scope.area)):
            raise NotAllowed("没有这个网格，或不在您的辖区内", "grid")
        return code

    def _name(self, code: str) -> str:
        return self.grids.grid(code).name if code else self.grids.scheme.name


def _as_of(now: datetime) -> str:
    return f"截至 {now.astimezone(LOCAL):%Y-%m-%d %H:%M}（北京时间）"
