"""What the charts of an area are made of, read once: figures of the register, and counts by kind and hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from cases.calendar import LOCAL
from cases.happenings import YEAR, Mix, week_starts
from cases.indicators import Figure, Narrowing, Period, link_of
from cases.model import Scope
from dashboard.cells import Cell
from dashboard.components.words import moment_words
from dashboard.services import Services
from dashboard.session import Visit

STEPS = (
    ("accept", "立案"),
    ("dispatch", "派遣"),
    ("sign", "签收"),
    ("handle", "办理"),
    ("verify", "核查"),
    ("close", "结案"),
)
LOOPS = (("micro", "网格微循环"), ("small", "街道小循环"), ("large", "区级大循环"))
ASKED = (
    *(f"{step}_{kind}" for step, _ in STEPS for kind in ("median", "p90")),
    *(f"{share}_{loop}" for loop, _ in LOOPS for share in ("share", "resolved")),
    "received",
    "open",
    "settled",
)


@dataclass(frozen=True, slots=True)
class AreaCharts:
    """All the charts of one area, as of `now`: `weekly` figures oldest first, of which the last week still runs.

    `year_ago` are the same weekdays 52 weeks earlier, as many days of them; None for a week the record does not reach.
    """

    cell: Cell
    period: Period
    weekly: Sequence[Figure]
    year_ago: Sequence[Figure | None]
    figures: Mapping[str, Figure]
    mix: Mix
    now: datetime

    @property
    def since(self) -> date | None:
        """The first day on record; None where there is none."""
        return None if self.mix.first_at is None else self.mix.first_at.astimezone(LOCAL).date()

    @property
    def as_of(self) -> str:
        """When the figures of the register are from, in words; what they do not know yet is said with it."""
        received = self.figures["received"]
        late = f"（另有 {received.behind} 条变动待计入）" if received.behind else ""
        return f"{moment_words(received.as_of, self.now)}{late}"

    def rows(self, **by: object) -> str:
        """Where the rows of a kind or an hour of the period are: a part of the register's figure."""
        return link_of("received", self.cell.code, self.period, Narrowing(**by))  # type: ignore[arg-type]


def read(cell: Cell, weeks: int, services: Services, seen: Visit) -> AreaCharts:
    """The charts of a cell (a grid within the visit's scope, or "" for all of it) over so many weeks. Blocking."""
    now, scope = services.clock(), replace(seen.scope, area=cell.code or seen.scope.area, account="")
    starts = [start.astimezone(LOCAL).date() for start in week_starts(now, weeks)]
    today = now.astimezone(LOCAL).date()
    whole = Period(starts[0], today)
    mix = services.registry.grid_past.mix(scope, whole.since, now)
    figures = services.registry.figures.ask_many(ASKED, [None], whole, scope, now)
    spans = [Period(start, min(start + timedelta(days=6), today)) for start in starts]
    return AreaCharts(
        cell,
        whole,
        [_received(span, services, scope, now) for span in spans],
        [_year_ago(span, mix, services, scope, now) for span in spans],
        {id_: figure for (id_, _), figure in figures.items()},
        mix,
        now,
    )


def _received(span: Period, services: Services, scope: Scope, now: datetime) -> Figure:
    return services.registry.figures.ask("received", None, span, scope, now)


def _year_ago(span: Period, mix: Mix, services: Services, scope: Scope, now: datetime) -> Figure | None:
    """The same weekdays of the year before; None where the record begins later."""
    earlier = Period(span.first - YEAR, span.last - YEAR)
    reaches = mix.first_at is not None and earlier.since >= mix.first_at.astimezone(LOCAL).replace(hour=0, minute=0)
    return _received(earlier, services, scope, now) if reaches else None
