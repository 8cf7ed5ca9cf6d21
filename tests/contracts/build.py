"""Builders for the contract tests, on those of the rules' tests."""

from __future__ import annotations

import hashlib
from datetime import datetime

from cases.desk import Desk
from cases.model import (
    EVERYWHERE,
    AlertLevel,
    AlertReport,
    Case,
    CaseNo,
    IncidentReport,
    Place,
    Reporter,
    StatusReport,
    WorkerId,
    WorkerStatus,
)
from storage.views import SqlViews
from tests.cases.build import MONDAY_9, report

NORTH = ("T", "T-N", "T-N-1")
SOUTH = ("T", "T-S", "T-S-1")


def full_report(id: str = "full") -> IncidentReport:
    """A report in which every field is filled."""
    return report(
        id,
        text="“引号”、emoji 🚨 与\n换行",
        severity=1,
        people=3,
        place=Place(120.123456789, 30.987654321, NORTH, (120.1281, 30.9852, "gcj02"), 12.5, "文三路 12 号"),
        reporter=Reporter("张三", "13800000000", True),
        attachments=("a1", "a2"),
        worker="W-0001",
        exercise=False,
        category="other",
        original_category="未知类别",
        flags=("CLOCK_BEHIND", "ON_BORDER"),
        demo=True,
    )


def filed(desk: Desk, *reports: IncidentReport, now: datetime = MONDAY_9) -> list[CaseNo]:
    """File reports and give their case numbers."""
    answers = desk.file(reports, now)
    return [CaseNo(answer.receipt.number) for answer in answers if answer.receipt]


def seen(views: SqlViews, no: CaseNo) -> Case:
    """The case as everybody's view has it."""
    found = views.case(no, EVERYWHERE)
    assert found is not None
    return found


def alert_report(id: str = "al-1", **changes: object) -> AlertReport:
    """An alert, except for what is named."""
    base: dict[str, object] = {
        "source": "cam-1",
        "id": id,
        "fingerprint": hashlib.sha256(id.encode()).hexdigest(),
        "at": MONDAY_9,
        "received_at": MONDAY_9,
        "level": AlertLevel.ORANGE,
        "origin": "video",
        "kind": "crowd",
        "text": "广场人员聚集",
        "place": Place(120.1, 30.2, NORTH),
    }
    return AlertReport(**{**base, **changes})  # type: ignore[arg-type]


def status_report(id: str, worker: str, status: WorkerStatus, case: CaseNo | None = None) -> StatusReport:
    """A worker's word about himself."""
    return StatusReport("demo-01", id, f"fp-{id}", MONDAY_9, MONDAY_9, WorkerId(worker), status, case)
