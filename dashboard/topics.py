"""A topic of one audience: its rows now, a number that counts its changes, and the last changes for who comes back.

A delta's data always has `put` (in the topic's own shape, only what changed) and `gone` (keys).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cases.model import Alert, Case
from cases.ports import Figures, RoleHealth
from dashboard import shapes
from dashboard.shapes import instant
from dashboard.wire import Ready

Rows = Mapping[str, object]
Shape = Callable[[Rows], object]
KEPT = 64  # deltas kept for a screen that comes back; older ones get a snapshot


@dataclass(slots=True)
class Topic:
    """Rows by key and the frames made from them; each frame is encoded once, whoever asks."""

    name: str
    epoch: str
    whole: Shape
    part: Shape
    rows: Rows = field(default_factory=dict)
    seq: int = 0
    as_of: datetime | None = None
    _deltas: deque[Ready] = field(default_factory=lambda: deque(maxlen=KEPT))
    _snapshot: Ready | None = None

    def update(self, rows: Rows, as_of: datetime) -> Ready | None:
        """Take the rows as they are at `as_of`; the delta to send, or None when nothing changed."""
        first = self.as_of is None
        self.as_of, before, self.rows = as_of, self.rows, rows
        self._snapshot = None
        put = {key: row for key, row in rows.items() if before.get(key) != row}
        gone = [key for key in before if key not in rows]
        if first or not (put or gone):
            return None
        self.seq += 1
        delta = self._frame("delta", {"put": self.part(put), "gone": gone})
        self._deltas.append(delta)
        return delta

    def refresh(self, rows: Rows, as_of: datetime) -> None:
        """Take rows whose difference is not worth a delta."""
        self.as_of, self.rows, self._snapshot = as_of, rows, None

    def snapshot(self) -> Ready:
        """The whole topic as one frame."""
        if self._snapshot is None:
            self._snapshot = self._frame("snapshot", self.whole(self.rows))
        return self._snapshot

    def since(self, seq: int) -> Sequence[Ready] | None:
        """The deltas after `seq`, or None when they are no longer kept."""
        missing = self.seq - seq
        return None if missing > len(self._deltas) else list(self._deltas)[len(self._deltas) - missing :]

    def _frame(self, kind: str, data: object) -> Ready:
        head = {"type": kind, "topic": self.name, "epoch": self.epoch, "seq": self.seq, "as_of": instant(self.as_of)}
        return Ready(shapes.encode(head | {"data": data}))


def board_rows(board: Sequence[Case]) -> Rows:
    """Cards by case number, most urgent first."""
    return {case.no: shapes.case_row(case) for case in board}


def incident_rows(board: Sequence[Case]) -> Rows:
    """Located open cases by number."""
    return {case.no: shapes.incident_row(case) for case in board if case.place.lon is not None}


def kpi_rows(figures: Figures) -> Rows:
    """The figures under the key "figures", and each grid's counts under its code."""
    counts = {code: shapes.grid_counts(count) for code, count in figures.grids.items()}
    return {"figures": shapes.figures_row(figures), **counts}


def alert_rows(alerts: Sequence[Alert]) -> Rows:
    """Alerts by number, unanswered first."""
    return {alert.no: shapes.alert_row(alert) for alert in alerts}


def health_rows(health: Mapping[str, RoleHealth]) -> Rows:
    """Each role's age and state."""
    return {role: shapes.health_row(state) for role, state in health.items()}


def _listed(rows: Rows) -> object:
    return list(rows.values())


def _kpi(rows: Rows) -> object:
    grids = {code: row for code, row in rows.items() if code != "figures"}
    return {"figures": rows.get("figures", {}), "grids": grids}


def _as_is(rows: Rows) -> object:
    return dict(rows)


def all_topics(epoch: str) -> dict[str, Topic]:
    """The topics of an audience, empty; positions are kept apart, as arrays."""
    return {
        "board": Topic("board", epoch, lambda rows: {"cards": _listed(rows)}, _listed),
        "incidents": Topic("incidents", epoch, _listed, _listed),
        "kpi": Topic("kpi", epoch, _kpi, _kpi),
        "alerts": Topic("alerts", epoch, lambda rows: {"items": _listed(rows)}, _listed),
        "health": Topic("health", epoch, _as_is, _as_is),
    }
