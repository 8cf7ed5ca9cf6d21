"""Where the open cases are in the seven-step loop."""

from __future__ import annotations

from dash.development.base_component import Component

from cases.model import OPEN_STAGES, Stage
from dashboard.components import frame
from dashboard.components.meters import meter
from dashboard.picture import Picture

ID, TITLE, SOURCE = "stage-bars", "阶段", "案件库"

WAITING_NAMES = {
    Stage.REPORTED: "待受理",
    Stage.ACCEPTED: "待派遣",
    Stage.DISPATCHED: "处置中",
    Stage.HANDLED: "待核查",
    Stage.VERIFIED: "待结案",
}


def layout() -> Component:
    """The bars' place."""
    return frame.place(ID, TITLE, SOURCE)


def render(picture: Picture) -> dict[str, object]:
    """One bar a stage that is still open, named by what it waits for."""
    counts = {stage: picture.figures.stages.get(stage, 0) for stage in OPEN_STAGES}
    most = max(counts.values(), default=0)
    rows = [
        meter(WAITING_NAMES[stage], count, most, unit="件", href=f"/duty?list={stage}")
        for stage, count in counts.items()
    ]
    return frame.filled(picture, TITLE, f"在办 {picture.figures.open} 件", SOURCE, rows)
