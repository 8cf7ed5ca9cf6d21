"""Reports and ledgers made from the room's own record (cases.documents.Reports)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from cases.calendar import LOCAL
from cases.documents import Ledger, Progress, Report, quiet
from cases.errors import NotAllowed, StillCounting
from cases.indicators import REGISTER, Figure, FigureRows, Period
from cases.model import Case, Scope
from cases.ports import CaseFilter, Directory, FigureBook, Views
from geo.grids import Grid, GridBook
from reports.composing import Material, Subject, compose, said_period
from reports.ledger import LEDGERS, columns, ledger_of
from reports.templates import Template, read_templates

PAGE = 500


@dataclass(frozen=True)
class ReportMaker:
    """Every method answers within the scope it is handed; `centre` signs."""

    book: FigureBook
    views: Views
    directory: Directory
    grids: GridBook
    centre: str

    @cached_property
    def templates(self) -> Mapping[str, Template]:
        """The kinds of reports; TemplateError for a file that cannot be used."""
        return read_templates()

    @property
    def kinds(self) -> Mapping[str, str]:
        """Kind and name of each report."""
        return {kind: template.name for kind, template in self.templates.items()}

    @property
    def ledgers(self) -> Mapping[str, str]:
        """Kind and name of each ledger."""
        return {kind: name for kind, (name, _) in LEDGERS.items()}

    def make(
        self, kind: str, grid: str | None, period: Period, scope: Scope, now: datetime, progress: Progress = quiet
    ) -> Report:
        """A report about a grid (None: the scope's area); StillCounting while the figures lack a part of the record."""
        if (share := self.book.counting()) is not None:
            raise StillCounting(share)
        template, code = self.templates[kind], self._inside(grid, scope)
        below = self._below(code)
        material = self._material(template, code, below, period, scope, now, progress)
        level = self.grids.levels()[below[0].level] if below else ""
        subject = Subject(self._name(code), self.centre, f"各{level}" if level else "各单位", period, now)
        document, figures = compose(template, subject, material)
        progress(1, 1)
        name = f"{template.name}-{self._name(code)}-{said_period(period)}"
        return Report(kind, name, document, figures, now)

    def ledger(
        self, kind: str, grid: str | None, period: Period, scope: Scope, now: datetime, progress: Progress = quiet
    ) -> Ledger:
        """The cases received in a period, exercises left out."""
        (title, prefix), code = LEDGERS[kind], self._inside(grid, scope)
        found = (case for case in self._received(code, period, scope, progress) if case.category.startswith(prefix))
        names = {each.code: each.name for each in self.grids.grids()}
        units: dict[str, str] = {unit.id: unit.name for unit in self.directory.units()}
        told = f"{title} · {self._name(code)} · {said_period(period)}"
        here = f"{now.astimezone(LOCAL):%Y-%m-%d %H:%M}"
        masked = "报告人未遮盖，注意保管" if scope.reveal else "报告人已遮盖"
        source = f"来源：案件库，按受理日；截至 {here}（北京时间）；不含演练；{masked}"
        content, rows = ledger_of(told, source, found, columns(names, units, scope.reveal))
        return Ledger(f"{title}-{self._name(code)}-{said_period(period)}", content, rows)

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
        self,
        template: Template,
        code: str,
        below: Sequence[Grid],
        period: Period,
        scope: Scope,
        now: datetime,
        progress: Progress,
    ) -> Material:
        tables = [section.table for section in template.sections if section.table]
        lists = [section.cases for section in template.sections if section.cases]
        ids = dict.fromkeys((*template.figures, *(each.of for each in lists)))
        steps, done = len(ids) + len(below) * len(tables), 0
        figures: dict[str, Figure] = {}
        for done, id_ in enumerate(ids, 1):
            figures[id_] = self._figure(id_, code, period, scope, now)
            progress(done, steps)
        cells: dict[tuple[str, str | None], Figure] = {}
        for table in tables:
            for grid in below:
                cells |= self.book.ask_many(table.columns, [grid.code], period, scope, now)
                progress(done := done + 1, steps)
        rows: dict[str, FigureRows] = {
            each.of: self.book.rows(each.of, code or None, period, scope, now, 1, each.most) for each in lists
        }
        names = {each.code: each.name for each in self.grids.grids()}
        return Material(figures, below, cells, rows, names, self._first_day(scope))

    def _figure(self, id: str, code: str, period: Period, scope: Scope, now: datetime) -> Figure:
        sources = {REGISTER.sets[name].source for name in REGISTER[id].sets}
        leaves = self._leaves(code) if "grids" in sources else ()
        return self.book.ask(id, code or None, period, scope, now, leaves=leaves)

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
