"""力量: grid workers on duty by status, and how fresh their positions are."""

from __future__ import annotations

from dash.development.base_component import Component

from cases.model import WorkerStatus
from dashboard.components import frame
from dashboard.components.meters import meter
from dashboard.picture import Picture

ID, TITLE, SOURCE = "worker-roster", "力量", "定位"

STATUS_NAMES = {
    WorkerStatus.AVAILABLE: "可派",
    WorkerStatus.DISPATCHED: "已派",
    WorkerStatus.EN_ROUTE: "途中",
    WorkerStatus.ON_SCENE: "到场",
}


def layout() -> Component:
    """The bars' place."""
    return frame.place(ID, TITLE, SOURCE)


def render(picture: Picture) -> dict[str, object]:
    """Counts by status, once a fix is known; 失联, the only one with a colour, has had no fix for two minutes."""
    force = picture.force
    if picture.replay and not force.total:
        return frame.filled(picture, TITLE, "", SOURCE, [frame.nothing("这一时刻没有留存的定位")])
    if not force.total:  # nobody's fix is known: that is not the same as nobody being there
        return frame.filled(picture, TITLE, "", SOURCE, [frame.nothing("尚无定位（没有在岗人员的位置）")])
    counts = {status: force.by_status.get(status, 0) for status in STATUS_NAMES}
    most = max([*counts.values(), force.lost, 1])
    rows = [meter(name, counts[status], most, unit="人") for status, name in STATUS_NAMES.items()]
    rows.append(meter("失联", force.lost, most, "near" if force.lost else "", "人"))
    note = f"在岗 {force.total} · 定位 ≤1 分 {force.fresh_60s}"
    return frame.filled(picture, TITLE, note, SOURCE, rows)
