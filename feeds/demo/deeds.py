"""What the demo's staff does next with a case, from its row and its events as REST shows them; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cases.categories import category_of
from cases.model import Difficulty
from cases.routing import suggest_unit
from feeds.demo.crew import bare_case
from feeds.demo.town import Town

# Who stays unlucky, as parts of 1: neglected at a stage, refused, returned once, reworked once, suspended.
_NEGLECTED = 0.07
_REFUSED = (0.07, 0.09)
_RETURNED = (0.10, 0.13)
_REWORKED = (0.14, 0.19)
_SUSPENDED = (0.20, 0.215)
_REPORTED_BACK = (0.22, 0.40)
_EVALUATED = 0.75

Case = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """One action and its body, the role that does it, and the seconds after which somebody looks again."""

    action: str
    role: str
    rest_s: tuple[float, float]
    body: Mapping[str, object] = field(default_factory=dict)


def next_deed(case: Case, town: Town, luck: float) -> Deed | None:
    """The next thing to do; None when the case is finished, gone, or one of those nobody gets to.

    `luck`, from 0 to 1, stays the same for a case and decides its fate.
    """
    if case["state"] == "suspended":
        return Deed("resume", "duty", (60, 600))
    if case["state"] not in ("active", "returned"):
        return None
    rule = _RULES.get(case["stage"])
    return rule(case, town, luck) if rule else None


def _reported(case: Case, town: Town, luck: float) -> Deed | None:
    if _within(luck, _REFUSED) and case["severity"] > 2:
        return Deed("refuse", "duty", (60, 90), {"reason": "不属于本中心受理范围，已告知受理单位"})
    return Deed("accept", "duty", (8, 60))


def _accepted(case: Case, town: Town, luck: float) -> Deed | None:
    if luck < _NEGLECTED / 3:
        return None
    body: dict[str, object] = {}
    suggestion = suggest_unit(bare_case(case["category"], tuple(case["grids"])), town.units)
    if suggestion is not None:
        body["unit"] = suggestion.unit.id
    worker = town.worker_of.get(case["grids"][-1]) if case["grids"] else None
    if worker and (_is_simple(case) or case["severity"] <= 2):
        body["worker"] = worker
    return Deed("dispatch", "duty", (20, 240) if case["severity"] > 2 else (6, 40), body)


def _dispatched(case: Case, town: Town, luck: float) -> Deed | None:
    since = _since(case, "dispatch")
    if "sign" not in since:
        return Deed("sign", "unit", (120, 2400) if case["severity"] > 2 else (60, 900))
    if luck < _NEGLECTED:
        return None
    if _within(luck, _RETURNED) and not _ever(case, "return"):
        return Deed("return", "unit", (30, 300), {"reason": "需先核实权属，退回补充情况"})
    if _within(luck, _SUSPENDED) and not _ever(case, "suspend"):
        return Deed("suspend", "duty", (900, 5400), {"reason": "当事人外出，约定返回后再处理"})
    if _within(luck, _REPORTED_BACK) and "report_back" not in since:
        return Deed("report_back", "unit", (300, 2400), {"text": "已到现场，正在协调"})
    return Deed("handle", "unit", (180, 2400))


def _handled(case: Case, town: Town, luck: float) -> Deed | None:
    if _within(luck, _REWORKED) and not _ever(case, "rework"):
        return Deed("rework", "verifier", (300, 1800), {"reason": "现场仍有遗留，请再处理"})
    return Deed("verify", "verifier", (60, 900))


def _verified(case: Case, town: Town, luck: float) -> Deed | None:
    return Deed("close", "duty", (120, 1800), {"outcome": "settled" if luck < 0.92 else "explained"})


def _closed(case: Case, town: Town, luck: float) -> Deed | None:
    if luck > _EVALUATED or _ever(case, "refuse"):
        return None
    return Deed("evaluate", "verifier", (1, 2), {"score": 5 if luck < 0.45 else 4 if luck < 0.68 else 3})


_RULES = {
    "reported": _reported,
    "accepted": _accepted,
    "dispatched": _dispatched,
    "handled": _handled,
    "verified": _verified,
    "closed": _closed,
}


def _is_simple(case: Case) -> bool:
    return category_of(case["category"]).difficulty is Difficulty.SIMPLE


def _within(luck: float, span: tuple[float, float]) -> bool:
    return span[0] <= luck < span[1]


def _actions(case: Case) -> list[str]:
    return [event["action"] for event in case.get("events") or ()]


def _ever(case: Case, action: str) -> bool:
    return action in _actions(case)


def _since(case: Case, action: str) -> list[str]:
    """The actions after the last one of this kind."""
    done = _actions(case)
    if action not in done:
        return done
    return done[len(done) - done[::-1].index(action) :]
