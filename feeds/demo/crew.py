"""The invented people who work in the demo's room, and what routing needs of a report."""

from __future__ import annotations

from dataclasses import dataclass

from cases.categories import category_of
from cases.model import Case, CaseNo, IncidentReport, Loop, Stage, Standing, State


@dataclass(frozen=True, slots=True)
class Crew:
    """Names that stand in the histories of past cases; verifiers handle nothing."""

    duty: tuple[str, ...]
    verifiers: tuple[str, ...]
    leader: str


CREW = Crew(duty=("周敏", "顾强", "沈洁", "陆鸣"), verifiers=("许岚", "钟平"), leader="方正")


def bare_case(report: IncidentReport) -> Case:
    """The report as a case that no clock runs for: enough to ask who answers for it."""
    return Case(
        no=CaseNo(""),
        version=1,
        stage=Stage.REPORTED,
        state=State.ACTIVE,
        standing=Standing.ON_TIME,
        severity=report.severity,
        difficulty=category_of(report.category).difficulty,
        loop=Loop.MICRO,
        title=report.title,
        text=report.text,
        category=report.category,
        channel=report.channel,
        place=report.place,
        source=report.source,
        reported_at=report.at,
        received_at=report.received_at,
        updated_at=report.received_at,
    )
