"""The peer of the figures bench: the same figures asked of the event table itself, in plain SQL with its own index."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

INDEX = "CREATE INDEX IF NOT EXISTS peer_events ON events (action, at, case_id)"
_RECEIVED = """
WITH mine AS (
  SELECT e.case_id, e.at FROM events e JOIN case_grids g ON g.case_id = e.case_id AND g.code = :code
  WHERE e.action = 'report' AND e.at >= :since AND e.at < :until)
"""
_WITH = """
SELECT count(*) FROM mine WHERE EXISTS (
  SELECT 1 FROM events e WHERE e.case_id = mine.case_id AND {})
"""
_MEDIAN = """
SELECT (coalesce((SELECT max(e.at) FROM events e WHERE e.case_id = mine.case_id AND e.action IN ('close', 'refuse')),
        :now) - at) / 60000000 AS minutes FROM mine ORDER BY minutes LIMIT 1
OFFSET max((SELECT count(*) + 1 FROM mine) / 2 - 1, 0)
"""
Ask = Callable[[Any, Mapping[str, object]], float | None]


def _count(link: Any, condition: str, asked: Mapping[str, object]) -> int:
    rest = _WITH.format(condition) if condition else "SELECT count(*) FROM mine"
    return int(link.execute(_RECEIVED + rest, asked).fetchone()[0])


def _share(above: str, below: str) -> Ask:
    def ask(link: Any, asked: Mapping[str, object]) -> float | None:
        base = _count(link, below, asked)
        return _count(link, above, asked) / base if base else None

    return ask


def _median(link: Any, asked: Mapping[str, object]) -> float | None:
    row = link.execute(_RECEIVED + _MEDIAN, asked).fetchone()
    return None if row is None else row[0]


_SETTLED = "e.action = 'close' AND json_extract(e.changes, '$.outcome') = 'settled'"
_ENDED = "e.action IN ('close', 'refuse')"
_SATISFIED = "e.action = 'evaluate' AND json_extract(e.changes, '$.score') >= 4"
_MISSENT = "e.action = 'return' AND json_extract(e.about, '$.reason') IN ('not_duty', 'not_area')"
PEERS: Mapping[str, Ask] = {
    "received": lambda link, asked: _count(link, "", asked),
    "resolution": _share(_SETTLED, ""),
    "ending": _share(_ENDED, ""),
    "returned": _share("e.action = 'return'", "e.action = 'dispatch'"),
    "missent": _share(_MISSENT, "e.action = 'dispatch'"),
    "rework": _share("e.action = 'rework'", "e.action = 'handle'"),
    "urging": _share("e.action = 'urge'", ""),
    "satisfaction": _share(_SATISFIED, "e.action = 'evaluate'"),
    "response": _share("e.action = 'evaluate'", _ENDED),
    "close_median": _median,
}
