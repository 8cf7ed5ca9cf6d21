"""Every key of the desk in one table and every sign in five legends, shown by ?."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from cases.lifecycle import ACTION_NAMES
from dashboard.components import legends
from dashboard.panels.bulk_tray import ACTIONS
from dashboard.panels.case_buttons import OFFERED
from dashboard.panels.case_choices import KEYS as CHOICES
from dashboard.panels.come_back import REPEAT_KEY
from dashboard.panels.command_words import VERBS
from dashboard.panels.incident_map import FIGURES, LAYERS
from dashboard.panels.likely_doubles import MERGE_KEY

ID = "all-keys"

Row = tuple[str, str]


INBOX: Sequence[Row] = (
    ("J / K", "下一件／上一件"),
    ("A", "确认最前的预警"),
    ("F4", "静默最前的预警"),
    ("N", "登记来电"),
    ("P", "打印在办清单"),
    ("F2", "地图／看板"),
    ("Esc", "关闭"),
)
BOARD: Sequence[Row] = (
    ("↑ / ↓", "同列上一件／下一件"),
    ("← / →", "到左列／右列"),
    ("Shift+→", "推进到下一阶段"),
    ("Shift+←", "退回上一阶段"),
)
TAKING: Sequence[Row] = (
    ("Alt+1–3", "采用类别建议"),
    ("Alt+0", "附照片、录音或 PDF"),
    ("Ctrl+Enter", "登记"),
)


def table() -> Mapping[str, Sequence[Row]]:
    """(key, what it does) by group; what a case allows decides which of its keys work just now."""
    return {
        "收件箱": INBOX,
        "案件": _of_a_case(),
        "看板": BOARD,
        "批量": _of_marks(),
        "登记": TAKING,
        "地图": _of_the_map(),
        "命令行": _of_the_line(),
    }


def _of_a_case() -> Sequence[Row]:
    return [
        *((key.upper(), ACTION_NAMES[action]) for action, key in OFFERED.items() if key),
        *((key.upper(), f"{ACTION_NAMES[action]}…") for action, key in CHOICES.items() if key),
        ("U", "撤回自己刚办的一步（时限内）"),
        ("1–9", "派给所列的人"),
        ("Enter", "派第一位"),
        (MERGE_KEY.upper(), "并入最像的重复件"),
        (REPEAT_KEY.upper(), "重开或关联三十天内办结的同一事项"),
    ]


def _of_marks() -> Sequence[Row]:
    return [
        ("空格", "选择／取消选择"),
        ("Shift+↑ / ↓", "连续选择"),
        *((key, f"{ACTION_NAMES[action]}所选") for action, key in ACTIONS.items()),
        ("Shift+X", "取消全部选择"),
    ]


def _of_the_map() -> Sequence[Row]:
    return [
        ("[ / ]", "上一处／下一处事件"),
        ("0", "全域"),
        ("1–9", "网格层级（没有可派名单时）"),
        *((key.upper(), words) for _, words, key in (*FIGURES, *LAYERS) if key),
        ("H", "热力"),
    ]


def _of_the_line() -> Sequence[Row]:
    """The verbs with their letters, which are typed and not pressed."""
    return [
        ("/", "打开命令行"),
        *((f"{verb} {letter}", use.removeprefix(f"{verb} ")) for verb, (letter, use) in VERBS.items()),
        ("Tab", "采用补全"),
        ("?", "全部按键与图例"),
        ("F8", "深色／浅色／高对比"),
    ]


def layout() -> Component:
    """The sheet, hidden until ?: all keys, and after them what each sign means."""
    groups = [html.Section([html.H3(name), html.Dl(_pairs(rows))]) for name, rows in table().items()]
    return html.Aside(
        [html.Div(groups, className="keys"), html.Div(legends.sheet(), className="legends")],
        id=ID,
        **{"aria-label": "全部按键与图例"},
    )


def _pairs(rows: Sequence[Row]) -> list[Component]:
    """Keys with the same letter stand in one line: only one of their steps is ever possible."""
    joined: dict[str, list[str]] = {}
    for key, words in rows:
        joined.setdefault(key, []).append(words)
    return [part for key, words in joined.items() for part in (html.Dt(key), html.Dd("／".join(dict.fromkeys(words))))]
