"""The invented people who work in the demo's room, and what routing needs of a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cases.categories import category_of
from cases.model import Case, CaseNo, Loop, Place, Stage, Standing, State


@dataclass(frozen=True, slots=True)
class Crew:
    """Names that stand in the histories of past cases; verifiers handle nothing."""

    duty: tuple[str, ...]
    verifiers: tuple[str, ...]
    leader: str


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

CREW = Crew(duty=("周敏", "顾强", "沈洁", "陆鸣"), verifiers=("许岚", "钟平"), leader="方正")


def bare_case(category: str, grids: tuple[str, ...]) -> Case:
    """A case that nobody has filed, with just what routing asks: what it is about and which grids hold it."""
    return Case(
        no=CaseNo(""),
        version=1,
        stage=Stage.REPORTED,
        state=State.ACTIVE,
        standing=Standing.ON_TIME,
        severity=3,
        difficulty=category_of(category).difficulty,
        loop=Loop.MICRO,
        title="",
        text="",
        category=category,
        channel="other",
        place=Place(grids=grids),
        source="",
        reported_at=_NEVER,
        received_at=_NEVER,
        updated_at=_NEVER,
    )
