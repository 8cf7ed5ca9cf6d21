"""Several hands at one case: whistles, links, mediations and hand-offs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cases.model.ids import CaseNo
from cases.model.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class Whistle:
    """中心吹哨、部门报到 (G16): one unit called to a case, by when it must answer and arrive, and when it did.

    `version` is that of the case after the call; (case, version, unit) is unique. `told_late` is how far its
    lateness was told already: 0 not at all, 1 the answer's, 2 the arrival's.
    """

    case: CaseNo
    version: int
    unit: str
    by: str
    called_at: datetime
    answer_by: datetime
    arrive_by: datetime
    why: str = ""
    answered_at: datetime | None = None
    answered_by: str | None = None
    answer: str = ""
    arrived_at: datetime | None = None
    arrived_by: str | None = None
    told_late: int = 0


@quick
@dataclass(frozen=True, slots=True)
class Link:
    """Two cases that belong together; `kind` is related or repeat. The lower number stands first."""

    case: CaseNo
    other: CaseNo
    kind: str
    at: datetime
    by: str


@quick
@dataclass(frozen=True, slots=True)
class Mediation:
    """One attempt to settle a dispute (H5, H14); `version` is that of the case after it, `result` settled or failed."""

    case: CaseNo
    version: int
    at: datetime
    by: str
    kind: str
    result: str
    mediator: str = ""
    text: str = ""


@quick
@dataclass(frozen=True, slots=True)
class Handoff:
    """A dispute given to court, procuratorate, police, petition office, arbitration or administration (H1–H3).

    `decide_by` and `due_at` are the law's limits, None where none is known; (case, version) is unique.
    """

    case: CaseNo
    version: int
    kind: str
    out_at: datetime
    by: str
    why: str = ""
    decide_by: datetime | None = None
    due_at: datetime | None = None
    extended: bool = False
    back_at: datetime | None = None
    back_by: str | None = None
    result: str = ""
