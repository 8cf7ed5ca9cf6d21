"""Mediation (domain.md H5, H14) and hand-offs out and back (H1–H3), each with the limits that the law sets."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cases.calendar import WorkCalendar
from cases.deadlines import TimeLimit, light
from cases.errors import BadAction, IllegalAction
from cases.lifecycle import Details
from cases.model import Actor, Case, Handoff, Mediation, Standing

FILE = Path(__file__).parent / "handoffs.toml"
MEDIATION_KINDS: Mapping[str, str] = {
    "people": "人民调解",
    "administrative": "行政调解",
    "judicial": "司法调解",
    "marriage": "婚姻家庭调解",
}
RESULTS: Mapping[str, str] = {"settled": "调解成功", "failed": "调解未成"}


class HandoffsError(ValueError):
    """A file of hand-offs that cannot be used, and why."""


@dataclass(frozen=True, slots=True)
class HandoffKind:
    """To whom a dispute may be given; None where the law's limit is not known."""

    code: str
    name: str
    party: str
    source: str
    decide: TimeLimit | None = None
    settle: TimeLimit | None = None
    extend: TimeLimit | None = None


def read_handoffs(path: Path = FILE) -> dict[str, HandoffKind]:
    """The kinds of a file by code; HandoffsError names what is wrong."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["kind"]
        return {row["code"]: HandoffKind(**row | _limits(row)) for row in rows}
    except (OSError, KeyError, TypeError, ValueError) as problem:
        raise HandoffsError(f"{path.name}: {problem}") from problem


def _limits(row: Mapping[str, Mapping[str, object]]) -> dict[str, TimeLimit]:
    return {name: TimeLimit(**row[name]) for name in ("decide", "settle", "extend") if name in row}  # type: ignore[arg-type]


KINDS: Mapping[str, HandoffKind] = read_handoffs()


def attempt(after: Case, details: Details, actor: Actor, now: datetime) -> Mediation:
    """One attempt at mediation with its result; BadAction for a kind or result that is none."""
    kind, result = str(details.get("kind") or "people"), str(details["result"])
    if result not in RESULTS:
        raise BadAction("调解结果须是 settled（成功）或 failed（未成）", "result")
    if kind not in MEDIATION_KINDS:
        raise BadAction(f"调解的种类须是：{_choices(MEDIATION_KINDS)}", "kind")
    mediator, text = str(details.get("mediator") or actor.name), str(details.get("text") or "")
    return Mediation(after.no, after.version, now, actor.name, kind, result, mediator, text)


def hand_out(
    after: Case,
    details: Details,
    actor: Actor,
    now: datetime,
    calendar: WorkCalendar,
    kinds: Mapping[str, HandoffKind] = KINDS,
) -> Handoff:
    """The case given to another body, with that body's own clock."""
    kind = kinds.get(str(details["kind"]))
    if kind is None:
        raise BadAction(f"对接的种类须是：{_choices({code: each.name for code, each in kinds.items()})}", "kind")
    decide_by = kind.decide.after(now, calendar) if kind.decide else None
    due_at = kind.settle.after(now, calendar) if kind.settle else None
    return Handoff(after.no, after.version, kind.code, now, actor.name, str(details["reason"]), decide_by, due_at)


def take_back(handoffs: Sequence[Handoff], text: str, actor: Actor, now: datetime) -> Handoff:
    """The hand-off that is out, back with its result; IllegalAction where none is out."""
    return replace(_out(handoffs), back_at=now, back_by=actor.name, result=text)


def prolong(handoffs: Sequence[Handoff], calendar: WorkCalendar, kinds: Mapping[str, HandoffKind] = KINDS) -> Handoff:
    """The legal limit of what is out made longer, once, as the law allows; IllegalAction where it does not."""
    out = _out(handoffs)
    kind = kinds.get(out.kind)
    if kind is None or kind.extend is None or out.due_at is None:
        raise IllegalAction(f"{kind.name if kind else '本项对接'}没有可延长的法定期限", "action")
    if out.extended:
        raise IllegalAction(f"{kind.name}的法定期限已延长过一次", "action")
    return replace(out, due_at=kind.extend.after(out.due_at, calendar), extended=True)


def legal_light(out: Handoff, now: datetime, yellow_at: float = 0.7) -> Standing | None:
    """How the law's clock of a hand-off looks, by the same proportions as the room's; None where no limit is known."""
    if out.due_at is None or out.back_at is not None:
        return None
    return light(out.out_at + (out.due_at - out.out_at) * yellow_at, out.due_at, now)


def is_out(handoffs: Sequence[Handoff]) -> bool:
    """Whether another body has the case now."""
    return any(handoff.back_at is None for handoff in handoffs)


def _out(handoffs: Sequence[Handoff]) -> Handoff:
    for handoff in handoffs:
        if handoff.back_at is None:
            return handoff
    raise IllegalAction("本案没有在外对接的事项", "action")


def _choices(named: Mapping[str, str]) -> str:
    return "、".join(f"{code}（{name}）" for code, name in named.items())
