"""The nouns of the room: reports, cases, events, alerts, workers' statuses, and who may see them."""

from cases.model.alert import Alert, AlertState
from cases.model.arrivals import (
    CHANNELS,
    AlertLevel,
    AlertReport,
    Answer,
    Arrival,
    IncidentReport,
    Place,
    Receipt,
    Reporter,
    StatusReport,
)
from cases.model.case import Case, Event, Task
from cases.model.clock import StageClock
from cases.model.ids import AlertNo, CaseNo, GridCode, UnitId, WorkerId
from cases.model.joint import Handoff, Link, Mediation, Whistle
from cases.model.life import OPEN_STAGES, OPEN_STATES, Action, Difficulty, Loop, Risk, Stage, Standing, State
from cases.model.people import (
    EVERYWHERE,
    Account,
    Actor,
    Device,
    Fix,
    GridWorker,
    HandlingUnit,
    Role,
    Scope,
    WorkerStatus,
)

__all__ = [
    "CHANNELS",
    "EVERYWHERE",
    "OPEN_STAGES",
    "OPEN_STATES",
    "Account",
    "Action",
    "Actor",
    "Alert",
    "AlertLevel",
    "AlertNo",
    "AlertReport",
    "AlertState",
    "Answer",
    "Arrival",
    "Case",
    "CaseNo",
    "Device",
    "Difficulty",
    "Event",
    "Fix",
    "GridCode",
    "GridWorker",
    "HandlingUnit",
    "Handoff",
    "IncidentReport",
    "Link",
    "Loop",
    "Mediation",
    "Place",
    "Receipt",
    "Reporter",
    "Risk",
    "Role",
    "Scope",
    "Stage",
    "StageClock",
    "Standing",
    "State",
    "StatusReport",
    "Task",
    "UnitId",
    "Whistle",
    "WorkerId",
    "WorkerStatus",
]
