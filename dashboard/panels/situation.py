"""The situation sentence, made by rules in order: the one line that must be read from the back of the room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from cases.model import Alert, AlertLevel, AlertState
from dashboard.components.signs import LEVEL_NAMES, counting
from dashboard.components.words import clock_words, place_words
from dashboard.picture import Picture

ID = "situation"

ROLE_NAMES = {"redis": "实时总线", "gateway": "接入网关", "intake": "入库", "web": "页面服务"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tone (alarm, orange, warn, calm), the words, and the instant since when it is so (it counts up on the screen)."""

    tone: str
    words: str
    since: datetime | None = None
    after: str = ""
    counts: str = "已"  # or 最久, where the instant is that of the oldest of several


Rule = Callable[[Picture], Sentence | None]


def situation(picture: Picture) -> Sentence:
    """The first rule that has something to say; calm is the last."""
    return next(sentence for rule in RULES if (sentence := rule(picture)))


def _failed(picture: Picture) -> Sentence | None:
    if not picture.failed:
        return None
    since = picture.failed_since or picture.as_of
    return Sentence("alarm", picture.failed, since, f"画面停在 {clock_words(since)}")


def _role_down(picture: Picture) -> Sentence | None:
    down = [(name, health) for name, health in picture.health.items() if name in ROLE_NAMES and health.state == "down"]
    if not down:
        return None
    names = "、".join(ROLE_NAMES[name] for name, _ in down)
    return Sentence("alarm", f"{names}中断", None, "新上报可能延迟显示")


def _alerts(level: AlertLevel, tone: str) -> Rule:
    def rule(picture: Picture) -> Sentence | None:
        waiting = [a for a in picture.alerts if a.level is level and a.state is AlertState.NEW and not a.exercise]
        if not waiting:
            return None
        oldest = min(waiting, key=lambda alert: alert.at)
        words, counts = f"{len(waiting)} 件{LEVEL_NAMES[level]}预警未确认", "最久" if len(waiting) > 1 else "已"
        return Sentence(tone, words, oldest.at, _where(oldest, picture), counts)

    return rule


def _where(alert: Alert, picture: Picture) -> str:
    return place_words(alert.place.grids[:1], picture.grid_names) if alert.place.grids else alert.kind


def _positions_lost(picture: Picture) -> Sentence | None:
    force = picture.force
    if force.total == 0 or force.lost * 2 < force.total:
        return None
    return Sentence("alarm", "定位信号中断", None, f"在岗 {force.total} 人中 {force.lost} 人超过 2 分钟无定位")


def _overdue(picture: Picture) -> Sentence | None:
    figures = picture.figures
    if not figures.overdue:
        return None
    return Sentence(
        "alarm", f"{figures.overdue} 件超时未结", figures.oldest_overdue_at, f"在办 {figures.open} 件", "最久"
    )


def _at_risk(picture: Picture) -> Sentence | None:
    figures = picture.figures
    if not figures.at_risk:
        return None
    return Sentence("warn", f"{figures.at_risk} 件将超时", None, f"在办 {figures.open} 件 · 无超时")


def _calm(picture: Picture) -> Sentence | None:
    return Sentence("calm", f"平稳 · 在办 {picture.figures.open} 件 · 无超时")


RULES: Sequence[Rule] = (
    _failed,
    _role_down,
    _alerts(AlertLevel.RED, "alarm"),
    _positions_lost,
    _alerts(AlertLevel.ORANGE, "orange"),
    _overdue,
    _at_risk,
    _calm,
)


def layout() -> Component:
    """The sentence's place in the middle of the head line."""
    return html.Div("正在读取…", id=ID, className="situation waiting", role="status")


def render(picture: Picture) -> dict[str, object]:
    """One line: words, how long it has been so, what follows."""
    sentence = situation(picture)
    parts: list[Component | str] = [html.Span(sentence.words, className="lead")]
    if sentence.since is not None:
        parts.append(html.Span([f"· {sentence.counts} ", counting(sentence.since, picture.as_of)], className="lead"))
    if sentence.after:
        parts.append(html.Span(f"· {sentence.after}", className="after"))
    return {"children": parts, "className": f"situation {sentence.tone}"}
