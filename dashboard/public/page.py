"""The page behind a case's code: where it is, by when, who answers for it, what happened; and the five faces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cases import citizen
from cases.categories import category_of
from cases.model import Case, Event
from dashboard.markup import Markup, document, element, fragment, policy

STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
POLICY = policy(STYLE)


@dataclass(frozen=True, slots=True)
class Open:
    """What the page is made from: the case and its events, where both stand now, and the names of places and units.

    `joined` is the case that this one was merged into: its stage and promise are this one's, its story is not.
    """

    case: Case
    events: Sequence[Event]
    units: Mapping[str, str]
    places: Sequence[str]
    room: str
    now: datetime
    joined: Case | None = None
    by_staff: bool = False  # looked at from a signed-in seat, which must not speak for the citizen


def show(shown: Open, problem: str = "") -> str:
    """The whole page; `problem` says why an evaluation was not taken."""
    steps, evaluation = _steps(shown), _evaluation(shown, problem)
    asks = citizen.may_evaluate(shown.case)  # whoever scans now came to say something
    parts = [_head(shown), *((evaluation, steps) if asks else (steps, evaluation)), _way(shown)]
    foot = element("footer", f"截至 {citizen.day_words(shown.now)} · 刷新可看最新进展 · 请勿把此码转给无关的人")
    return document(f"办理进度 · {shown.room}", STYLE, element("main", *parts, foot))


def words_only(room: str, title: str, words: str) -> str:
    """A page that only says something: no such code, too many asks, not now."""
    return document(
        title, STYLE, element("main", element("section", element("h1", title), element("p", words), _who(room)))
    )


def _who(room: str) -> Markup:
    return element("p", room, class_="quiet")


def _head(shown: Open) -> Markup:
    runs = shown.joined or shown.case
    unit = shown.units.get(runs.unit or "", "本中心")
    rows = [
        ("办结" if runs.closed_at else "时限", citizen.promise(runs, shown.now)),
        ("责任单位", unit),
        ("事项", category_of(shown.case.category).name),
        ("地点", " · ".join(shown.places) or "正在核实"),
        ("反映时间", citizen.day_words(shown.case.reported_at)),
        ("编号", shown.case.no),
    ]
    pairs = [(element("dt", name), element("dd", value)) for name, value in rows if value]
    line = citizen.headline(shown.case, shown.units)
    also = element("p", f"合并后：{citizen.headline(runs, shown.units)}") if shown.joined else None
    drill = element("p", "演练件，不是真实事项", class_="problem") if shown.case.exercise else None
    return fragment(
        element("header", element("p", shown.room), element("h1", line, data_stage=runs.stage), also, drill),
        element("section", element("dl", pairs)),
    )


def _steps(shown: Open) -> Markup | None:
    runs = shown.joined or shown.case
    if runs.outcome == "refused":
        words = "如对此有异议，可到本中心当面反映，或依法向有关机关提出。"
        return element("section", element("h2", "不予受理"), element("p", words))
    names, done = citizen.steps(runs)
    rows = [
        element("li", name, class_=" ".join(_marks(at, done)) or None, aria_current="step" if at == done else None)
        for at, name in enumerate(names, 1)
    ]
    return element("section", element("h2", "办理进度"), element("ol", *rows, class_="steps"))


def _marks(at: int, done: int) -> list[str]:
    return [mark for mark, holds in (("done", at <= done), ("here", at == done)) if holds]


def _way(shown: Open) -> Markup:
    told = citizen.way(shown.events, shown.case, shown.units)
    rows = [element("li", element("time", citizen.day_words(each.at)), each.words) for each in reversed(told)]
    return element("section", element("h2", "办理经过"), element("ol", *rows, class_="way"))


def _evaluation(shown: Open, problem: str) -> Markup | None:
    """The form once the scheme takes it, what was given once it was; before, that it will come."""
    case = shown.case
    said = element("p", problem, class_="problem", role="alert") if problem else None
    if case.evaluated_at is not None and case.score is not None:
        given = element(
            "p", f"{case.score} 分 · {citizen.SCORE_NAMES[case.score]}", class_="given", data_score=case.score
        )
        when = element("p", f"{citizen.day_words(case.evaluated_at)} 已收到，谢谢。", class_="quiet")
        return element("section", element("h2", "您的评价"), said, given, when)
    if not citizen.may_evaluate(case):
        later = None if case.closed_at else element("p", "办结后可在此评价。", class_="quiet")
        return element("section", said, later) if said or later else None
    if shown.by_staff:
        return element(
            "section", said, element("p", "请群众本人扫码评价；您已登录值班系统，不能代为评价。", class_="quiet")
        )
    faces = [
        element(
            "label",
            element("input", type="radio", name="score", value=score, required=True),
            f"{score} 分 · {name}",
            class_="face",
        )
        for score, name in citizen.SCORE_NAMES.items()
    ]
    words = element(
        "label", "想说的话（可不填；请勿写姓名、电话）", element("textarea", name="words", maxlength=citizen.MOST_WORDS)
    )
    form = element(
        "form",
        said,
        element("fieldset", *faces),
        element("p", words),
        element("button", "提交评价", type="submit"),
        method="post",
    )
    return element("section", element("h2", "请您评价这次办理"), form)
