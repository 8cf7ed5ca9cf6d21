"""Between rows and nouns of meetings, supervision and assessment; lists are JSON text, instants microseconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from cases.agenda import Item, Part
from cases.assessment import Month, Objection, Ruling
from cases.decisions import Decision
from cases.meetings import Meeting
from cases.model import CaseNo
from cases.supervision import LookBack, Reason, Rectification, Rectifying, Rung, Step, Supervision, Target
from storage.instants import instant, micros
from storage.rows import to_json

Values = Mapping[str, object]


def meeting_row(meeting: Meeting) -> Values:
    """A meeting as the columns of `meetings`."""
    return {
        **{name: getattr(meeting, name) for name in ("no", "version", "kind", "area", "chair", "called", "shown")},
        "opened_at": micros(meeting.opened_at),
        "closed_at": micros(meeting.closed_at),
        "agenda": to_json([asdict(item) for item in meeting.agenda]),
        "roll": to_json(meeting.roll),
    }


def meeting_of(row: Any) -> Meeting:
    """The meeting back from a row."""
    agenda = tuple(_item_of(item) for item in json.loads(row.agenda))
    roll = tuple((who, presence) for who, presence in json.loads(row.roll))
    head = (row.no, row.version, row.kind, row.area, row.chair, instant(row.opened_at))
    return Meeting(*head, agenda, row.called, row.shown, roll, instant(row.closed_at))


def _item_of(kept: Mapping[str, Any]) -> Item:
    parts = tuple(Part(**{**part, "cases": tuple(part["cases"])}) for part in kept["parts"])
    return Item(kept["grid"], parts)


_SAME = (
    *("no", "version", "meeting", "area", "grid", "unit", "who_grid", "who", "text"),
    *("by", "done_by", "result", "verified_by", "sent_back"),
)
_INSTANTS = ("made_at", "warn_at", "due_at", "done_at", "verified_at")


def decision_row(decision: Decision) -> Values:
    """A decision as the columns of `decisions`."""
    same = {name: getattr(decision, name) for name in _SAME}
    return same | {name: micros(getattr(decision, name)) for name in _INSTANTS} | {"case_no": decision.case}


def decision_of(row: Any) -> Decision:
    """The decision back from a row."""
    times: dict[str, Any] = {name: instant(getattr(row, name)) for name in _INSTANTS}
    same = {name: getattr(row, name) for name in _SAME}
    return Decision(**same, **times, case=CaseNo(row.case_no) if row.case_no else None)


def _target_row(target: Target) -> Values:
    return {
        "area": target.area,
        "grid": target.grid,
        "name": target.name,
        "unit": target.unit,
        "case_no": target.case,
    }


def _target_of(row: Any) -> Target:
    return Target(row.area, row.unit, row.grid, row.name, CaseNo(row.case_no) if row.case_no else None)


def _steps_row(steps: tuple[Step, ...]) -> str:
    return to_json([[micros(step.at), step.by, step.what, step.words] for step in steps])


def _steps_of(kept: str) -> tuple[Step, ...]:
    return tuple(Step(instant(at), by, what, words) for at, by, what, words in json.loads(kept))


def supervision_row(one: Supervision) -> Values:
    """A supervision as the columns of `supervisions`."""
    times = {name: micros(getattr(one, name)) for name in ("opened_at", "due_at", "answered_at", "closed_at")}
    kinds = {"reason": one.reason.value, "rung": one.rung.value, "text": one.text}
    return {
        "no": one.no,
        "version": one.version,
        **_target_row(one.target),
        **kinds,
        **times,
        "steps": _steps_row(one.steps),
    }


def supervision_of(row: Any) -> Supervision:
    """The supervision back from a row."""
    kinds = (Reason(row.reason), Rung(row.rung), row.text)
    times = (instant(row.opened_at), instant(row.due_at), _steps_of(row.steps))
    return Supervision(
        row.no, row.version, _target_of(row), *kinds, *times, instant(row.answered_at), instant(row.closed_at)
    )


def rectification_row(one: Rectification) -> Values:
    """An entry of the ledger as the columns of `rectifications`."""
    words = {"problem": one.problem, "measure": one.measure, "stage": one.stage.value, "relapses": one.relapses}
    times = {"opened_at": micros(one.opened_at), "due_at": micros(one.due_at), "steps": _steps_row(one.steps)}
    return {"no": one.no, "version": one.version, **_target_row(one.target), **words, **times}


def rectification_of(row: Any) -> Rectification:
    """The entry back from a row."""
    words = (row.problem, row.measure, instant(row.opened_at), instant(row.due_at), Rectifying(row.stage))
    return Rectification(row.no, row.version, _target_of(row), *words, _steps_of(row.steps), row.relapses)


def look_back_row(one: LookBack) -> Values:
    """A drawing as the columns of `look_backs`."""
    lists = {"drawn_from": to_json(one.drawn_from), "drawn": to_json(one.drawn)}
    return {"no": one.no, "area": one.area, "seed": one.seed, "by": one.by, "at": micros(one.at), **lists}


def look_back_of(row: Any) -> LookBack:
    """The drawing back from a row."""
    lists = (tuple(json.loads(row.drawn_from)), tuple(json.loads(row.drawn)))
    return LookBack(row.no, row.area, row.seed, *lists, row.by, instant(row.at))


def ruling_row(area: str, ruling: Ruling) -> Values:
    """A ruling as the columns of `rulings`."""
    said = {"key": ruling.key, "is_signed": int(ruling.is_signed), "by": ruling.by, "why": ruling.why}
    return {"area": area, **said, "at": micros(ruling.at)}


def ruling_of(row: Any) -> Ruling:
    """The ruling back from a row."""
    return Ruling(row.key, bool(row.is_signed), row.by, instant(row.at), row.why)


def objection_row(area: str, one: Objection) -> Values:
    """An objection as the columns of `objections`."""
    said = {"month": str(one.month), "unit": one.unit, "case_no": one.case, "why": one.why, "by": one.by}
    ruled = {"ruled_by": one.ruled_by, "ruled_at": micros(one.ruled_at), "ruled_why": one.ruled_why}
    upheld = None if one.upheld is None else int(one.upheld)
    return {"area": area, **said, "at": micros(one.at), "upheld": upheld, **ruled}


def objection_of(row: Any) -> Objection:
    """The objection back from a row."""
    head = (Month.read(row.month), row.unit, CaseNo(row.case_no), row.why, row.by, instant(row.at))
    upheld = None if row.upheld is None else bool(row.upheld)
    return Objection(*head, upheld, row.ruled_by, instant(row.ruled_at), row.ruled_why)
