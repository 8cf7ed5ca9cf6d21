"""A case as it stands, and the events that made it so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cases.model.arrivals import Place, Reporter
from cases.model.ids import CaseNo, WorkerId
from cases.model.life import OPEN_STAGES, OPEN_STATES, Action, Difficulty, Loop, Risk, Stage, Standing, State
from cases.model.people import Role
from cases.model.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class Case:
    """What we decided to pursue. Stage, state, standing and severity are four things, never one column."""

    no: CaseNo
    version: int
    stage: Stage
    state: State
    standing: Standing
    severity: int
    difficulty: Difficulty
    loop: Loop
    title: str
    text: str
    category: str
    channel: str
    place: Place
    source: str
    reported_at: datetime
    received_at: datetime
    updated_at: datetime
    due_at: datetime | None = None
    warn_at: datetime | None = None  # the light turns yellow
    unit: str | None = None
    worker: str | None = None
    handler: str | None = None  # who handled it; may not verify it
    first_contact: str | None = None  # 首问负责 (G6)
    reporter: Reporter | None = None
    people: int | None = None
    attachments: tuple[str, ...] = ()
    original_category: str | None = None
    flags: tuple[str, ...] = ()
    exercise: bool = False
    demo: bool = False
    scheme: str = "seven"
    accepted_at: datetime | None = None
    dispatched_at: datetime | None = None
    signed_at: datetime | None = None
    arrived_at: datetime | None = None
    handled_at: datetime | None = None
    verified_at: datetime | None = None
    closed_at: datetime | None = None
    evaluated_at: datetime | None = None
    archived_at: datetime | None = None
    suspended_at: datetime | None = None
    pending: str | None = None  # an extension waiting for approval, in days
    outcome: str | None = None  # settled | refused | explained
    score: int | None = None  # the reporter's evaluation, 1–5
    merged_into: CaseNo | None = None
    parent: CaseNo | None = None  # the case whose sub-task this is (G22)
    falls_to: str | None = None  # who moves next on a returned case: duty | first_contact | centre
    failed_mediations: int = 0
    reopened: int = 0
    promised_at: datetime | None = None  # by when the reporter was promised an answer (G14)
    risk: Risk | None = None  # None: nobody has judged it

    @property
    def grids(self) -> tuple[str, ...]:
        """Codes outermost first; empty means 待定."""
        return self.place.grids

    @property
    def is_open(self) -> bool:
        """Still on the road: neither closed, void nor merged."""
        return self.stage in OPEN_STAGES and self.state in OPEN_STATES


@quick
@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a case: who, when, from where, why, and what it changed (field → new value).

    `before` holds the old values of what changed; `about` what the action named besides: units, another case, the code
    of a reason.
    """

    seq: int
    case: CaseNo
    version: int
    at: datetime
    by: str
    role: Role
    action: Action
    why: str = ""
    origin: str = ""  # where from: a device, a screen, the system
    changes: Mapping[str, object] = field(default_factory=dict)
    before: Mapping[str, object] = field(default_factory=dict)
    about: Mapping[str, object] = field(default_factory=dict)


@quick
@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is asked to do; sent again at every hello until acknowledged."""

    id: str
    case: CaseNo
    version: int
    worker: WorkerId
    title: str
    text: str
    lon: float | None
    lat: float | None
    by: str
    at: datetime
    acked_at: datetime | None = None
