"""Everything the duty desk says about one case, read in one go for one visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cases.errors import CaseError, IllegalAction
from cases.lifecycle import actions_for
from cases.masking import masked_name
from cases.mediation import HandoffKind
from cases.model import Action, Actor, Case, CaseNo, Event, Fix, GridWorker, HandlingUnit, Stage, StageClock, State
from cases.ports import CaseRecord
from cases.ranking import Ranked
from cases.routing import Suggestion, suggest_unit
from cases.undoing import undo_until
from cases.whistles import awaited
from dashboard import attachments
from dashboard.attachments import Attachment
from dashboard.panels import come_back, likely_doubles, who_goes
from dashboard.panels.come_back import ComeBack
from dashboard.panels.likely_doubles import Double
from dashboard.people import account_names
from dashboard.services import Services
from dashboard.session import Visit


@dataclass(frozen=True, slots=True)
class Undo:
    """The viewer's own last step: until when it can be taken back, or (`until` None) in words why it cannot."""

    step: Action
    until: datetime | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """One case with its events, its units and people by name, and what this visit may do with it at `now`."""

    case: Case
    events: Sequence[Event]
    units: Sequence[HandlingUnit]
    suggestion: Suggestion | None
    grid_names: Mapping[str, str]
    worker_names: Mapping[str, str]
    actions: Sequence[Action]
    reveal: bool
    now: datetime
    going: Sequence[Ranked] = ()
    doubles: Sequence[Double] = ()
    undo: Undo | None = None
    attachments: Sequence[Attachment] = ()
    clocks: Sequence[StageClock] = ()
    guessed_years: Sequence[int] = ()
    kinds: Mapping[str, HandoffKind] = field(default_factory=dict)
    record: CaseRecord = CaseRecord()
    came_back: Sequence[ComeBack] = ()
    may_reopen: bool = False
    awaited: Mapping[Action, Sequence[str]] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)

    @property
    def unit_names(self) -> Mapping[str, str]:
        """Unit names by id."""
        return {unit.id: unit.name for unit in self.units}


def read(number: CaseNo, services: Services, seen: Visit, fixes: Sequence[Fix] = ()) -> Dossier | None:
    """All about one case within the visit's scope; None when absent or outside it. Blocking.

    `fixes` is the newest position of everybody; only workers of the visit's area are weighed.
    """
    with services.views.moment():
        case = services.views.case(number, seen.scope)
        return None if case is None else _of(case, services, seen, fixes)


def _of(case: Case, services: Services, seen: Visit, fixes: Sequence[Fix]) -> Dossier:
    number, now = case.no, services.clock()
    units, workers = services.directory.units(), services.directory.workers(seen.scope)
    name = (lambda text: text) if seen.scope.reveal else masked_name
    record, is_new = services.registry.records.of(number, seen.scope), case.stage in (Stage.REPORTED, Stage.ACCEPTED)
    waiting = awaited_of(case, record, seen.actor)
    allowed = possible(case, record, seen.actor, waiting)
    suggestion, may_go = suggest_unit(case, units), {Action.ACCEPT, Action.DISPATCH} & set(allowed)
    events = services.views.events(number, seen.scope)
    return Dossier(
        case,
        events,
        units,
        suggestion,
        {code: services.grids.grid(code).name for code in case.grids if code in services.grids},
        {worker.id: name(worker.name) for worker in workers},
        allowed,
        seen.scope.reveal,
        now,
        _ranked(case, seen, services, fixes, now, units, workers) if may_go else (),
        likely_doubles.of_case(case, services.views, seen.scope) if is_new else (),
        undo_of(case, events, seen, now),
        attachments.listed(number, case.attachments, services.uploads),
        services.views.clocks(number, seen.scope),
        services.desk.calendar.guessed_years(now, case.due_at) if case.is_open else (),
        services.desk.handoffs,
        record,
        come_back.of_case(case, record.links, services.views, seen.scope) if is_new else (),
        _may_reopen(case, seen.actor),
        waiting,
        account_names(services, (event.by for event in events)),
    )


def awaited_of(case: Case, record: CaseRecord, actor: Actor) -> Mapping[Action, Sequence[str]]:
    """应哨 and 到场: the units awaited that the actor may speak for; a step nobody is awaited for is left out."""
    found = {step: awaited(case, record.whistles, step, actor) for step in (Action.ANSWER, Action.ARRIVE)}
    return {step: units for step, units in found.items() if units}


def possible(
    case: Case, record: CaseRecord, actor: Actor, waiting: Mapping[Action, Sequence[str]]
) -> tuple[Action, ...]:
    """What the actor can do now; nobody is asked to answer or arrive who is not awaited."""
    found = actions_for(case, actor, {whistle.unit for whistle in record.whistles})
    return tuple(step for step in found if step in waiting or step not in (Action.ANSWER, Action.ARRIVE))


def _may_reopen(case: Case, actor: Actor) -> bool:
    """Whether the actor's role may reopen a closed case of this scheme."""
    closed = replace(case, stage=Stage.CLOSED, state=State.ACTIVE)
    return Action.REOPEN in actions_for(closed, actor)


def going(case: Case, seen: Visit, services: Services, fixes: Sequence[Fix], now: datetime) -> list[Ranked]:
    """Who could go to a case, best first. Blocking."""
    units, workers = services.directory.units(), services.directory.workers(seen.scope)
    return _ranked(case, seen, services, fixes, now, units, workers)


def _ranked(
    case: Case,
    seen: Visit,
    services: Services,
    fixes: Sequence[Fix],
    now: datetime,
    units: Sequence[HandlingUnit],
    workers: Sequence[GridWorker],
) -> list[Ranked]:
    in_hand = services.views.in_hand(seen.scope)
    people = who_goes.candidates(case, workers, fixes, in_hand, services.grids, now)
    return who_goes.ranking(case, people, who_goes.squads(case, suggest_unit(case, units), units))


def undo_of(case: Case, events: Sequence[Event], seen: Visit, now: datetime) -> Undo | None:
    """What the viewer may take back, or why not; None where the last step is not the viewer's own or long past."""
    if not events or events[-1].action in (Action.UNDO, Action.REPORT):
        return None
    last = events[-1]
    try:
        return Undo(last.action, undo_until(case, last, seen.actor, now))
    except IllegalAction as problem:
        is_own = (last.by, last.role) == (seen.actor.name, seen.actor.role)
        return Undo(last.action, None, problem.msg) if is_own and case.is_open else None
    except CaseError:
        return None
