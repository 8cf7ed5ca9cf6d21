"""A builder for cases and actors: only what a test speaks of is spelled out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cases.model import (
    Actor,
    Case,
    CaseNo,
    Difficulty,
    IncidentReport,
    Loop,
    Place,
    Role,
    Stage,
    Standing,
    State,
)

MONDAY_9 = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # Monday 09:00 in Shanghai

DUTY = Actor("值班员甲", Role.DUTY, "desk")
LEADER = Actor("指挥长", Role.LEADER, "desk")
UNIT = Actor("城管队员", Role.UNIT, "desk", unit="U-urban")
OTHER_UNIT = Actor("司法所员", Role.UNIT, "desk", unit="U-justice")
WORKER = Actor("W-0001", Role.WORKER, "demo-01")
VERIFIER = Actor("核查员", Role.VERIFIER, "desk")
ANALYST = Actor("分析员", Role.ANALYST, "desk")

_BASE = Case(
    no=CaseNo("20261116-000001"),
    version=1,
    stage=Stage.REPORTED,
    state=State.ACTIVE,
    standing=Standing.ON_TIME,
    severity=3,
    difficulty=Difficulty.SIMPLE,
    loop=Loop.MICRO,
    title="楼上噪声",
    text="",
    category="dispute.neighbour",
    channel="call",
    place=Place(120.1, 30.2, ("G1", "G2", "G3")),
    source="demo-all",
    reported_at=MONDAY_9,
    received_at=MONDAY_9,
    updated_at=MONDAY_9,
    unit="U-urban",
    worker="W-0001",
    warn_at=MONDAY_9 + timedelta(hours=20),
    due_at=MONDAY_9 + timedelta(hours=30),
)


def case(**changes: object) -> Case:
    """A case at its beginning, except for what is named."""
    return replace(_BASE, **changes)  # type: ignore[arg-type]


def report(id: str = "r1", **changes: object) -> IncidentReport:
    """A report, except for what is named."""
    base = IncidentReport(
        source="demo-all",
        id=id,
        fingerprint=f"fp-{id}",
        at=MONDAY_9,
        received_at=MONDAY_9,
        channel="call",
        category="dispute.neighbour",
        title="楼上噪声",
        place=Place(120.1, 30.2, ("G1", "G2", "G3")),
    )
    return replace(base, **changes)  # type: ignore[arg-type]
