"""督办 and 整改 (domain.md O): the ladder 催办, 督办, 挂牌督办 with its limits, and the ledger 立号, 整改, 复核, 销号.

A step up is proposed when a limit passed without an answer, and taken by a person. 回头看 draws by a recorded seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from cases.calendar import WorkCalendar
from cases.errors import BadAction, IllegalAction, NotAllowed
from cases.model import Account, CaseNo, Role, Standing

MOST_WORDS = 500


class Reason(StrEnum):
    """应受理未受理 应办理未办理 不依法办理: why somebody is supervised; there is no fourth."""

    NOT_ACCEPTED = "not_accepted"
    NOT_HANDLED = "not_handled"
    NOT_LAWFUL = "not_lawful"


REASON_NAMES = {
    Reason.NOT_ACCEPTED: "应受理未受理",
    Reason.NOT_HANDLED: "应办理未办理",
    Reason.NOT_LAWFUL: "不依法办理",
}


class Rung(StrEnum):
    """催办 督办 挂牌督办, in the order of their weight."""

    URGED = "urged"
    SUPERVISED = "supervised"
    LISTED = "listed"


RUNGS = tuple(Rung)
RUNG_NAMES = {Rung.URGED: "催办", Rung.SUPERVISED: "督办", Rung.LISTED: "挂牌督办"}
ANSWER_WITHIN: Mapping[Rung, int] = {Rung.URGED: 1, Rung.SUPERVISED: 3, Rung.LISTED: 10}
"""Working days within which each must be answered (a convention of the room; the sources give no number)."""


@dataclass(frozen=True, slots=True)
class Target:
    """Who is meant: a unit, or a grid's centre; never a person. `area` is the grid in whose scope the matter lies."""

    area: str
    unit: str | None
    grid: str
    name: str
    case: CaseNo | None = None

    def is_of(self, account: Account) -> bool:
        """Whether an account answers for it."""
        if self.unit is not None:
            return account.role is Role.UNIT and account.unit == self.unit
        return account.role in (Role.DUTY, Role.LEADER) and account.area == self.grid


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a supervision or a ledger entry: who did what, when and why."""

    at: datetime
    by: str
    what: str
    words: str


@dataclass(frozen=True, slots=True)
class Supervision:
    """One matter under supervision, on its present rung, with all steps that led there."""

    no: str
    version: int
    target: Target
    reason: Reason
    rung: Rung
    text: str
    opened_at: datetime
    due_at: datetime
    steps: tuple[Step, ...]
    answered_at: datetime | None = None
    closed_at: datetime | None = None

    def standing(self, now: datetime) -> Standing:
        """Whether the answer is, or was, late."""
        return Standing.OVERDUE if (self.answered_at or now) > self.due_at else Standing.ON_TIME


def supervise(
    no: str,
    target: Target,
    reason: str,
    text: str,
    account: Account,
    calendar: WorkCalendar,
    now: datetime,
    rung: Rung = Rung.URGED,
) -> Supervision:
    """Begin on a rung; a listing begins there only from a signed proposal. Raises NotAllowed, BadAction."""
    _refuse_others(account)
    if reason not in tuple(Reason):
        raise BadAction("督办理由须是 应受理未受理、应办理未办理、不依法办理 之一", "reason")
    due_at = calendar.add_working_days(now, ANSWER_WITHIN[rung])
    step = Step(now, account.name, RUNG_NAMES[rung], _said(text))
    return Supervision(no, 1, target, Reason(reason), rung, _said(text), now, due_at, (step,))


def answer(one: Supervision, account: Account, text: str, now: datetime) -> Supervision:
    """Whom it concerns answers. Raises NotAllowed, IllegalAction, BadAction."""
    if not one.target.is_of(account):
        raise NotAllowed(f"这件督办由{one.target.name}答复")
    if one.closed_at or one.answered_at:
        raise IllegalAction("这件督办已答复或已办结", "action")
    return _stepped(one, Step(now, account.name, "答复", _said(text)), answered_at=now)


def close(one: Supervision, account: Account, text: str, now: datetime) -> Supervision:
    """The answer is accepted. Raises NotAllowed, IllegalAction, BadAction."""
    _refuse_others(account)
    if one.closed_at or not one.answered_at:
        raise IllegalAction("答复后才能办结督办", "action")
    return _stepped(one, Step(now, account.name, "办结", _said(text)), closed_at=now)


def rise_due(one: Supervision, now: datetime) -> Rung | None:
    """The rung that the rules propose: the next one, once the limit passed without an answer."""
    if one.closed_at or one.answered_at or now <= one.due_at or one.rung is Rung.LISTED:
        return None
    return RUNGS[RUNGS.index(one.rung) + 1]


def rise(one: Supervision, account: Account, why: str, calendar: WorkCalendar, now: datetime) -> Supervision:
    """One rung up, with a limit of its own: unanswered in time, or answered badly. Raises NotAllowed, IllegalAction."""
    _refuse_others(account)
    if one.closed_at or one.rung is Rung.LISTED:
        raise IllegalAction("已是挂牌督办或已办结", "action")
    if one.answered_at is None and rise_due(one, now) is None:
        raise IllegalAction("答复期限未到，不能升级", "action")
    rung = RUNGS[RUNGS.index(one.rung) + 1]
    due_at = calendar.add_working_days(now, ANSWER_WITHIN[rung])
    step = Step(now, account.name, RUNG_NAMES[rung], _said(why))
    return _stepped(one, step, rung=rung, due_at=due_at, answered_at=None)


# the ledger of rectification --------------------------------------------------------------------------------


class Rectifying(StrEnum):
    """立号 整改 复核 销号 (domain.md O4)."""

    ENTERED = "entered"
    RECTIFIED = "rectified"
    RECHECKED = "rechecked"
    STRUCK = "struck"


RECTIFYING_NAMES = {
    Rectifying.ENTERED: "立号",
    Rectifying.RECTIFIED: "整改",
    Rectifying.RECHECKED: "复核",
    Rectifying.STRUCK: "销号",
}


@dataclass(frozen=True, slots=True)
class Rectification:
    """One problem of the ledger: who answers for it, by what measure, by when (N5), and how far it is.

    `relapses` counts how often 回头看 found a struck one back.
    """

    no: str
    version: int
    target: Target
    problem: str
    measure: str
    opened_at: datetime
    due_at: datetime
    stage: Rectifying
    steps: tuple[Step, ...]
    relapses: int = 0

    def standing(self, now: datetime) -> Standing:
        """Late while nobody says that it is put right."""
        return Standing.OVERDUE if self.stage is Rectifying.ENTERED and now > self.due_at else Standing.ON_TIME


def enter(
    no: str, target: Target, problem: str, measure: str, due_at: datetime, account: Account, now: datetime
) -> Rectification:
    """立号. Raises NotAllowed, BadAction."""
    _refuse_others(account)
    if due_at <= now:
        raise BadAction("整改时限须在今后", "due")
    step = Step(now, account.name, "立号", _said(problem))
    return Rectification(no, 1, target, _said(problem), _said(measure), now, due_at, Rectifying.ENTERED, (step,))


def rectify(one: Rectification, account: Account, words: str, now: datetime) -> Rectification:
    """整改: whom it concerns says what was done. Raises NotAllowed, IllegalAction, BadAction."""
    if not one.target.is_of(account):
        raise NotAllowed(f"这个问题由{one.target.name}整改")
    return _to(one, Rectifying.ENTERED, Rectifying.RECTIFIED, Step(now, account.name, "整改", _said(words)))


def recheck(one: Rectification, account: Account, is_right: bool, words: str, now: datetime) -> Rectification:
    """复核 by somebody else; what is not right goes back. Raises NotAllowed, IllegalAction, BadAction."""
    _refuse_others(account, Role.VERIFIER)
    if any(step.what == "整改" and step.by == account.name for step in one.steps):
        raise NotAllowed("整改人不能复核自己的整改")
    stage, what = (Rectifying.RECHECKED, "复核通过") if is_right else (Rectifying.ENTERED, "复核退回")
    return _to(one, Rectifying.RECTIFIED, stage, Step(now, account.name, what, _said(words)))


def strike(one: Rectification, account: Account, words: str, now: datetime) -> Rectification:
    """销号 by a leader. Raises NotAllowed, IllegalAction, BadAction."""
    if account.role is not Role.LEADER:
        raise NotAllowed("销号由领导签署")
    return _to(one, Rectifying.RECHECKED, Rectifying.STRUCK, Step(now, account.name, "销号", _said(words)))


def looked_back(one: Rectification, account: Account, is_kept: bool, words: str, now: datetime) -> Rectification:
    """回头看 of a struck one: it held, or it is entered again. Raises NotAllowed, IllegalAction, BadAction."""
    _refuse_others(account, Role.VERIFIER)
    step = Step(now, account.name, "回头看" if is_kept else "回头看反弹", _said(words))
    if is_kept:
        return _to(one, Rectifying.STRUCK, Rectifying.STRUCK, step)
    return replace(_to(one, Rectifying.STRUCK, Rectifying.ENTERED, step), relapses=one.relapses + 1)


@dataclass(frozen=True, slots=True)
class LookBack:
    """A drawing of struck entries to be seen again: from which, by which seed, and which were drawn."""

    no: str
    area: str
    seed: int
    drawn_from: tuple[str, ...]
    drawn: tuple[str, ...]
    by: str
    at: datetime


def draw(no: str, area: str, struck: Iterable[str], count: int, seed: int, account: Account, now: datetime) -> LookBack:
    """Draw at random; who knows the seed and the list draws the same again. Raises NotAllowed, BadAction."""
    _refuse_others(account, Role.VERIFIER)
    population = tuple(sorted(struck))
    if not population or count < 1:
        raise BadAction("没有可以回头看的已销号问题", "count")
    drawn = random.Random(seed).sample(population, min(count, len(population)))
    return LookBack(no, area, seed, population, tuple(sorted(drawn)), account.name, now)


# all --------------------------------------------------------------------------------------------------------


def _refuse_others(account: Account, *more: Role) -> None:
    if account.role not in (Role.LEADER, Role.DUTY, *more) or account.disabled:
        raise NotAllowed("您的岗位不能督办")


def _said(words: str) -> str:
    """Words that are there and not too long. Raises BadAction."""
    if not words.strip() or len(words) > MOST_WORDS:
        raise BadAction(f"请写一句说明，最长 {MOST_WORDS} 字", "text")
    return words.strip()


def _stepped(one: Supervision, step: Step, **changes: object) -> Supervision:
    return replace(one, version=one.version + 1, steps=(*one.steps, step), **changes)  # type: ignore[arg-type]


def _to(one: Rectification, stage: Rectifying, to: Rectifying, step: Step) -> Rectification:
    if one.stage is not stage:
        raise IllegalAction(f"现在是“{RECTIFYING_NAMES[one.stage]}”，不能{step.what}", "action")
    return replace(one, version=one.version + 1, stage=to, steps=(*one.steps, step))
