"""Who should go: workers and squads for one case, each row with its reasons, and why the nearest is not first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from cases.categories import category_of
from cases.model import Case, GridWorker, HandlingUnit, WorkerStatus

STALE_S = 120.0  # from here on a position is drawn grey (P22)
LOST_S = 600.0  # from here on nobody knows where the person is
URGENT = 2  # severities up to this weigh travel above duty

_DETOUR_SPEED = 3.0  # m/s: how far someone on an e-bike in town may have gone since the fix
_HALF_M = 500.0  # metres at which the travel part is worth half
_HALF_S = 120.0  # seconds of age at which a fix is worth half
_HALF_ACCURACY_M = 100.0  # metres of error at which a fix is worth half
_UNKNOWN_ACCURACY_M = 100.0  # a device that does not tell its error
_SUSPECT = 0.25  # what is left of the worth of a fix that jumped


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could go, as the live picture knows them now.

    `own_grids` are the codes of the own grid and those above it, outermost first; a town-wide squad has none.
    `distance_m` is the straight way from the fix to the case, None without one of both. `colleagues_left` counts the
    other available workers of the same first-level grid (see `with_colleagues`).
    """

    who: GridWorker | HandlingUnit
    status: WorkerStatus
    own_grids: tuple[str, ...] = ()
    distance_m: float | None = None
    fix_age_s: float | None = None
    accuracy_m: float | None = None
    suspect: bool = False
    open_tasks: int = 0
    colleagues_left: int = 0

    @property
    def is_squad(self) -> bool:
        """Whether a handling unit goes, not a grid worker."""
        return isinstance(self.who, HandlingUnit)


class Reach(IntEnum):
    """Whether an order can be relied on to arrive; no score lifts anybody over this."""

    READY = 0
    LOST = 1
    OFF_DUTY = 2


@dataclass(frozen=True, slots=True)
class Weight:
    """How much one part of the score counts, ordinarily and where every minute counts; and why."""

    routine: float
    urgent: float
    because: str


WEIGHTS: Mapping[str, Weight] = {
    "duty": Weight(30, 12, "定格定人定责：本格的事先找本格的人，情况熟、责任清"),
    "travel": Weight(22, 44, "早到一分钟是一分钟；急事以路程为先"),
    "status": Weight(16, 16, "手上没有任务的人能马上动身"),
    "load": Weight(10, 6, "手上件多的人容易拖，忙闲要匀"),
    "skill": Weight(10, 12, "会这一行的人一次办成"),
    "fix": Weight(7, 7, "定位旧、误差大或跳变，说的距离就靠不住"),
    "cover": Weight(5, 3, "派走以后，本片还要有人接得住下一件"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One reason: its points (0 to its weight) and its words."""

    points: float
    words: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """One row of the suggestion, best first. `why_not_first` is said of the nearest only, and only when it is not."""

    candidate: Candidate
    reach: Reach
    score: float  # 0–100
    parts: Mapping[str, Part]
    why: str
    why_not_first: str = ""


# Skills that fit a group of the catalogue, and those that fit one category of it besides.
_GROUP_SKILLS: Mapping[str, tuple[str, ...]] = {
    "矛盾纠纷": ("调解", "法律", "方言"),
    "安全隐患": ("消防",),
    "社会治安": ("调解",),
}
_CATEGORY_SKILLS: Mapping[str, tuple[str, ...]] = {
    "dispute.marriage": ("心理疏导",),
    "dispute.medical": ("急救", "护理"),
    "dispute.traffic": ("急救",),
    "dispute.school": ("心理疏导",),
    "environment.water": ("无人机",),
    "environment.dust": ("无人机",),
    "city.illegal_building": ("无人机",),
    "city.street_light": ("电工",),
    "safety.ebike": ("电工",),
    "safety.water_cut": ("电工",),
    "safety.lift": ("急救",),
    "safety.fire": ("急救",),
    "safety.gas": ("急救",),
    "safety.work": ("急救",),
    "order.fight": ("急救",),
    "order.gathering": ("心理疏导",),
    "people.lost_child": ("无人机", "方言"),
    "people.lost_elder": ("无人机", "方言"),
    "people.hardship": ("心理疏导",),
    "people.elder_care": ("护理", "急救"),
}

_STATUS_WORTH: Mapping[WorkerStatus, tuple[float, str]] = {
    WorkerStatus.AVAILABLE: (1.0, "可派"),
    WorkerStatus.DISPATCHED: (0.5, "已领另一件"),
    WorkerStatus.EN_ROUTE: (0.35, "正赶往另一处"),
    WorkerStatus.ON_SCENE: (0.25, "在另一现场"),
    WorkerStatus.OFF_DUTY: (0.0, "离岗"),
}


def rank(case: Case, candidates: Iterable[Candidate], weights: Mapping[str, Weight] = WEIGHTS) -> list[Ranked]:
    """All candidates, best first; the order of the input does not matter."""
    rows = sorted((_row(case, candidate, weights) for candidate in candidates), key=_order)
    placed = [place for place, row in enumerate(rows) if row.candidate.distance_m is not None]
    if placed:
        nearest = min(placed, key=lambda place: (rows[place].candidate.distance_m, place))
        if nearest > 0:
            rows[nearest] = replace(rows[nearest], why_not_first=_why_not_first(rows[nearest], rows[0]))
    return rows


def with_colleagues(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The same candidates, each told how many others of the own first-level grid could take the next case.

    Counted are grid workers, available, seen within the last ten minutes.
    """
    free = Counter(c.own_grids[:1] for c in candidates if _is_free(c))
    return [replace(c, colleagues_left=free[c.own_grids[:1]] - _is_free(c)) for c in candidates]


def skills_for(category: str) -> tuple[str, ...]:
    """The skills that fit a category, the most fitting first; empty where any worker will do."""
    return (*_CATEGORY_SKILLS.get(category, ()), *_GROUP_SKILLS.get(category_of(category).group, ()))


def _is_free(candidate: Candidate) -> bool:
    return (
        not candidate.is_squad
        and candidate.status is WorkerStatus.AVAILABLE
        and _reach(candidate) is Reach.READY
        and bool(candidate.own_grids)
    )


def _row(case: Case, candidate: Candidate, weights: Mapping[str, Weight]) -> Ranked:
    urgent = case.severity <= URGENT
    worths = {
        "duty": _duty(case, candidate),
        "travel": _travel(candidate),
        "status": _STATUS_WORTH[candidate.status],
        "load": _load(candidate),
        "skill": _skill(case, candidate),
        "fix": _fix(candidate),
        "cover": _cover(candidate),
    }
    parts = {
        name: Part(worth * (weights[name].urgent if urgent else weights[name].routine), words)
        for name, (worth, words) in worths.items()
    }
    whole = sum(weight.urgent if urgent else weight.routine for weight in weights.values())
    score = 100 * sum(part.points for part in parts.values()) / whole
    reach = _reach(candidate)
    return Ranked(candidate, reach, score, parts, _why(candidate, reach, parts))


def _order(row: Ranked) -> tuple[object, ...]:
    """Reach, then score; equal scores fall back to the bare facts, so that the better of two is never the lower."""
    who = row.candidate
    return (
        row.reach,
        -row.score,
        _or_far(who.distance_m),
        who.open_tasks,
        _or_far(who.fix_age_s),
        _or_far(who.accuracy_m),
        who.suspect,
        -who.colleagues_left,
        who.is_squad,
        who.who.id,
    )


def _or_far(value: float | None) -> float:
    return math.inf if value is None else value


def _reach(candidate: Candidate) -> Reach:
    if candidate.status is WorkerStatus.OFF_DUTY:
        return Reach.OFF_DUTY
    if candidate.is_squad:  # a squad is called by telephone; it need not carry a fix
        return Reach.READY
    return Reach.READY if _or_far(candidate.fix_age_s) <= LOST_S else Reach.LOST


def _duty(case: Case, candidate: Candidate) -> tuple[float, str]:
    if isinstance(candidate.who, HandlingUnit):
        return _squad_duty(case, candidate.who)
    own = candidate.own_grids
    if not case.grids:
        return 0.0, "案件位置待定"
    if own and own[-1] in case.grids:
        return 1.0, f"本格{candidate.who.role}"
    if len(own) > 1 and own[-2] in case.grids:
        return 0.6, "邻格"
    if own and own[0] in case.grids:
        return 0.35, "同片"
    return 0.0, "外片"


def _squad_duty(case: Case, unit: HandlingUnit) -> tuple[float, str]:
    if unit.area and unit.area not in case.grids:
        return 0.0, "不在辖区"
    if case.category in unit.categories or unit.kind == category_of(case.category).unit_kind:
        return 0.8, "职责清单在列"
    return 0.1, "职责清单未列"


def _travel(candidate: Candidate) -> tuple[float, str]:
    """By the farthest the person may be: the way from the fix, its error, and what was ridden since."""
    if candidate.distance_m is None:
        return 0.0, "距离不详"
    return _HALF_M / (_HALF_M + _farthest_m(candidate)), f"距 {_metres(candidate.distance_m)}"


def _farthest_m(candidate: Candidate) -> float:
    error = _UNKNOWN_ACCURACY_M if candidate.accuracy_m is None else candidate.accuracy_m
    since = min(_or_far(candidate.fix_age_s), LOST_S) * _DETOUR_SPEED
    return _or_far(candidate.distance_m) + error + since


def _load(candidate: Candidate) -> tuple[float, str]:
    tasks = candidate.open_tasks
    return 1 / (1 + tasks), f"手上 {tasks} 件" if tasks else "手上无事"


def _skill(case: Case, candidate: Candidate) -> tuple[float, str]:
    if isinstance(candidate.who, HandlingUnit):
        return 1.0 if case.category in candidate.who.categories else 0.5, "专业队伍"
    wanted = skills_for(case.category)
    if not wanted:
        return 0.5, "无需专长"
    fitting = [skill for skill in wanted if skill in candidate.who.skills]
    if not fitting:
        return 0.0, f"无{'、'.join(wanted[:2])}专长"
    return 1 - 0.5 ** (len(fitting) + 1), f"会{'、'.join(fitting)}"


def _fix(candidate: Candidate) -> tuple[float, str]:
    age = candidate.fix_age_s
    if age is None:
        return 0.0, "没有定位"
    error = _UNKNOWN_ACCURACY_M if candidate.accuracy_m is None else candidate.accuracy_m
    worth = _HALF_S / (_HALF_S + age) * _HALF_ACCURACY_M / (_HALF_ACCURACY_M + error)
    words = f"定位 {_span(age)}前"
    if error > _HALF_ACCURACY_M:
        words += f"、误差 {_metres(error)}"
    if candidate.suspect:
        return worth * _SUSPECT, f"{words}、定位跳变存疑"
    return worth, words


def _cover(candidate: Candidate) -> tuple[float, str]:
    if candidate.is_squad:
        return 1.0, "不占本片网格力量"
    left = candidate.colleagues_left
    return left / (1 + left), f"派走后本片还有 {left} 人可派" if left else "派走后本片无人可派"


def _why(candidate: Candidate, reach: Reach, parts: Mapping[str, Part]) -> str:
    """What a duty officer would say: only what tells this one from the others."""
    said = [parts["duty"].words, parts["travel"].words]
    if reach is Reach.OFF_DUTY:
        return " · ".join(["离岗，不宜派", *said])
    if reach is Reach.LOST:
        return " · ".join([_lost_words(candidate), *said])
    if not (candidate.is_squad and candidate.fix_age_s is None):
        said.append(parts["fix"].words)
    said.append(parts["load"].words)
    if candidate.status is not WorkerStatus.AVAILABLE:
        said.append(parts["status"].words)
    if parts["skill"].points and parts["skill"].words.startswith("会"):
        said.append(parts["skill"].words)
    if not candidate.is_squad and candidate.colleagues_left == 0:
        said.append(parts["cover"].words)
    return " · ".join(said)


def _lost_words(candidate: Candidate) -> str:
    return "没有定位" if candidate.fix_age_s is None else f"失联 {_span(candidate.fix_age_s)}"


def _why_not_first(nearest: Ranked, first: Ranked) -> str:
    """The two parts in which the nearest loses most against the first, in words."""
    opening = f"最近（{_metres(_or_far(nearest.candidate.distance_m))}）而未列第一："
    if nearest.reach > first.reach:
        return opening + ("离岗" if nearest.reach is Reach.OFF_DUTY else _lost_words(nearest.candidate))
    losses = {name: first.parts[name].points - part.points for name, part in nearest.parts.items()}
    worst = [name for name in sorted(losses, key=lambda name: -losses[name]) if losses[name] > 0][:2]
    if not worst:
        return opening + f"与首位{first.candidate.who.name}条件相当"
    return opening + "；".join(_against(name, nearest, first) for name in worst)


def _against(name: str, nearest: Ranked, first: Ranked) -> str:
    if name == "travel":  # nearest by the fix, farther by what may have happened since
        return f"定位不可靠，实际可能在 {_metres(_farthest_m(nearest.candidate))}外"
    return f"{nearest.parts[name].words}（首位{first.parts[name].words}）"


def _metres(metres: float) -> str:
    """In words one can act on: tens of metres, then kilometres."""
    if metres < 100:
        return f"{round(metres)} 米"
    return f"{round(metres, -1):.0f} 米" if metres < 995 else f"{metres / 1000:.1f} 公里"


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{int(seconds)} 秒"
    return f"{int(seconds // 60)} 分钟" if seconds < 3600 else f"{int(seconds // 3600)} 小时"
