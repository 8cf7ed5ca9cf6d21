"""Who should go to a case: the live picture made into candidates, ranked, each row said in words with its key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from dash import html
from dash.development.base_component import Component

from cases.masking import masked_name
from cases.model import Case, Fix, GridWorker, HandlingUnit, WorkerId, WorkerStatus
from cases.ranking import Candidate, Ranked, rank, with_colleagues
from cases.routing import Suggestion, answers_at
from geo.distance import metres_many
from geo.grids import GridBook

Press = Callable[[str], Mapping[str, object]]
"""The id of the button that sends somebody, by whom it sends."""

SHOWN = 5
NEAREST = 80  # who is farther away than this many others, and has no duty in the case's village, is not weighed


def candidates(
    case: Case,
    workers: Sequence[GridWorker],
    fixes: Iterable[Fix],
    in_hand: Mapping[WorkerId, int],
    book: GridBook,
    now: datetime,
) -> list[Candidate]:
    """The workers worth weighing, as last seen: the nearest of all, and everybody of the case's outermost grid.

    `in_hand` is how many dispatched cases a worker has. Names are masked: the reasons are kept on the case.
    """
    known = {fix.worker: fix for fix in fixes}
    metres = _metres(case, [known.get(worker.id) for worker in workers])
    found = [
        _candidate(worker, known.get(worker.id), distance, in_hand.get(worker.id, 0), book, now)
        for worker, distance in zip(workers, metres, strict=True)
    ]
    return _shortlist(case, with_colleagues(found))


def squads(case: Case, suggestion: Suggestion | None, units: Iterable[HandlingUnit]) -> list[Candidate]:
    """The unit that answers for the matter, and those that name its category, hold its place and answer at its loop."""
    best = [suggestion.unit] if suggestion else []
    named = [u for u in units if case.category in u.categories and (not u.area or u.area in case.grids)]
    named = [unit for unit in named if answers_at(unit, case.loop)]
    chosen = {unit.id: unit for unit in [*best, *named]}
    return [Candidate(unit, WorkerStatus.AVAILABLE) for unit in chosen.values()]


def _candidate(
    worker: GridWorker, fix: Fix | None, metres: float | None, busy: int, book: GridBook, now: datetime
) -> Candidate:
    grids = book.ancestors(worker.grid) if worker.grid in book else ()
    shown = replace(worker, name=masked_name(worker.name))
    if fix is None:
        return Candidate(shown, WorkerStatus.OFF_DUTY, grids, open_tasks=busy)
    age = max(0.0, (now - fix.at).total_seconds())
    return Candidate(shown, fix.status, grids, metres, age, fix.accuracy_m, fix.suspect, busy)


def _metres(case: Case, fixes: Sequence[Fix | None]) -> list[float | None]:
    place = case.place
    if place.lon is None or place.lat is None or not fixes:
        return [None] * len(fixes)
    here = np.array([(np.nan, np.nan) if fix is None else (fix.lon, fix.lat) for fix in fixes])
    far = metres_many(place.lon, place.lat, here[:, 0], here[:, 1]).tolist()
    return [None if fix is None else metres for fix, metres in zip(fixes, far, strict=True)]


def _shortlist(case: Case, found: Sequence[Candidate]) -> list[Candidate]:
    near = sorted((c for c in found if c.distance_m is not None), key=lambda c: c.distance_m or 0.0)[:NEAREST]
    own = [c for c in found if c.own_grids[:1] and c.own_grids[0] in case.grids]
    return list({c.who.id: c for c in [*near, *own]}.values())


def ranking(case: Case, people: Sequence[Candidate], teams: Sequence[Candidate]) -> list[Ranked]:
    """Everybody weighed, best first, cut to the rows that are shown; the nearest person stays in with its reason."""
    rows = rank_all(case, people, teams)
    return rows[:SHOWN] + [row for row in rows[SHOWN:] if row.why_not_first]


def rank_all(case: Case, people: Sequence[Candidate], teams: Sequence[Candidate]) -> list[Ranked]:
    """Everybody weighed, best first."""
    return rank(case, [*people, *teams])


def chosen_because(who: str, rows: Sequence[Ranked]) -> str:
    """What is kept on the case about a choice: the row's place and reasons, who was first, why the nearest was not."""
    at = next((place for place, row in enumerate(rows) if row.candidate.who.id == who), None)
    if at is None:
        return "未在推荐之列，由值班员指定"
    said = [f"推荐第 {at + 1} 位：{rows[at].why}"]
    if at:
        said.append(f"第 1 位是 {rows[0].candidate.who.name}（{rows[0].why}）")
    said += [row.why_not_first for row in rows if row.why_not_first]
    return "；".join(said)


def section(rows: Sequence[Ranked], names: Mapping[str, str], press: Press, can_send: bool) -> Component:
    """The rows under 谁去; each is a button with its digit where a dispatch is possible now.

    `names` are the workers' names by id as the visit may read them.
    """
    if not rows:
        return html.Section([html.H3("谁去"), html.P("没有可派的人员或队伍", className="nothing")], className="goes")
    note = "按数字键派，Enter 派第一位" if can_send else "受理后按数字键派"
    body = [_row(at, row, names, press, can_send) for at, row in enumerate(rows)]
    return html.Section([html.H3(["谁去", html.Small(note)]), html.Ol(body)], className="goes")


def _row(at: int, row: Ranked, names: Mapping[str, str], press: Press, can_send: bool) -> Component:
    who = row.candidate
    said: list[Component] = [html.B(names.get(who.who.id, who.who.name)), html.Span(row.why)]
    if row.why_not_first:
        said.append(html.Em(row.why_not_first))
    keys: Mapping[str, str] = {"data-pick": str(at + 1)} if can_send else {}
    button = html.Button(
        [html.Kbd(str(at + 1)), html.Div(said), html.Small(f"{row.score:.0f} 分", title=_parts(row))],
        id=press(who.who.id),
        className="goer",
        disabled=not can_send,
        **keys,
    )
    return html.Li(button)


def _parts(row: Ranked) -> str:
    return "\n".join(f"{part.words} +{part.points:.0f}" for part in row.parts.values())
