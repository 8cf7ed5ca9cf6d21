"""What a screen says: the `watch`, `look` and `active` frames, checked without echoing what was wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

TOPICS = ("positions", "incidents", "board", "kpi", "alerts", "health", "panels")
_FIELDS = {"type", "topics", "scope", "since", "epoch", "positions", "panels"}
_AREA = re.compile(r"[0-9A-Za-z_-]{1,64}")
_CASE = re.compile(r"\d{8}-\d{6,9}")
_MOST_SEQ = 2**53


class BadFrame(Exception):
    """A frame that cannot be followed; the link stays."""

    def __init__(self, code: str, msg: str, field: str | None = None) -> None:
        super().__init__(code)
        self.code, self.msg, self.field = code, msg, field


@dataclass(frozen=True, slots=True)
class Watch:
    """The wish of one screen.

    `bad_seq` holds topics whose resume number made no sense: they get a snapshot. `panels` are the ids of the panels
    that its page shows; None is all of them.
    """

    topics: frozenset[str]
    scope: str = ""
    since: Mapping[str, int] = field(default_factory=dict)
    bad_seq: frozenset[str] = frozenset()
    epoch: str = ""
    binary: bool = False
    panels: frozenset[str] | None = None

    def shows(self, panel: str) -> bool:
        """Whether the screen wants this panel's frames."""
        return "panels" in self.topics and (self.panels is None or panel in self.panels)


@dataclass(frozen=True, slots=True)
class Look:
    """Which case the person before the screen has open; "" for none."""

    case: str


@dataclass(frozen=True, slots=True)
class Active:
    """Somebody did something at the screen just now."""


def read(text: str | None) -> Watch | Look | Active | None:
    """A watch, look or active frame, None for a beat; BadFrame for everything else."""
    if text is None:
        raise BadFrame("UNSUPPORTED_BINARY", "只接受文本消息")
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame("BAD_JSON", "消息不是合法的 JSON") from None
    if not isinstance(frame, dict):
        raise BadFrame("NOT_OBJECT", "消息须是 JSON 对象")
    if frame.get("type") == "beat":
        return None
    if frame.get("type") == "active":
        return _active(frame)
    if frame.get("type") == "look":
        return _look(frame)
    if frame.get("type") != "watch":
        raise BadFrame("UNKNOWN_TYPE", "不认识的消息类型", "type")
    if not frame.keys() <= _FIELDS:
        raise BadFrame("UNKNOWN_FIELD", "消息里有不认识的字段")
    return _watch(frame)


def _active(frame: Mapping[str, object]) -> Active:
    if frame.keys() != {"type"}:
        raise BadFrame("UNKNOWN_FIELD", "消息里有不认识的字段")
    return Active()


def _look(frame: Mapping[str, object]) -> Look:
    case = frame.get("case")
    if not frame.keys() <= {"type", "case"}:
        raise BadFrame("UNKNOWN_FIELD", "消息里有不认识的字段")
    if not isinstance(case, str) or (case and not _CASE.fullmatch(case)):
        raise BadFrame("BAD_VALUE", "case 须是案件编号", "case")
    return Look(case)


def _watch(frame: Mapping[str, object]) -> Watch:
    since, bad = _since(frame.get("since"))
    epoch = frame.get("epoch") or ""
    if not isinstance(epoch, str) or len(epoch) > 64:
        raise BadFrame("BAD_TYPE", "epoch 须是文本", "epoch")
    positions = frame.get("positions", "json")
    if positions not in ("binary", "json"):
        raise BadFrame("BAD_ENUM", "positions 只能是 binary 或 json", "positions")
    topics, area, panels = _topics(frame.get("topics")), _area(frame.get("scope")), _panels(frame.get("panels"))
    return Watch(topics, area, since, bad, epoch, positions == "binary", panels)


def _panels(value: object) -> frozenset[str] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadFrame("BAD_TYPE", "panels 须是面板名的列表", "panels")
    return frozenset(value)


def _topics(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise BadFrame("BAD_TYPE", "topics 须是主题名的列表", "topics")
    if not set(value) <= set(TOPICS):
        raise BadFrame("BAD_ENUM", "topics 里有不认识的主题", "topics")
    return frozenset(value)


def _area(value: object) -> str:
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or not _AREA.fullmatch(value):
        raise BadFrame("BAD_AREA", "scope 须是一个网格编码", "scope")
    return value


def _since(value: object) -> tuple[Mapping[str, int], frozenset[str]]:
    if value is None:
        return {}, frozenset()
    if not isinstance(value, dict):
        raise BadFrame("BAD_SEQ", "since 须是主题到序号的映射", "since")
    good = {t: n for t, n in value.items() if type(n) is int and 0 <= n < _MOST_SEQ}
    return good, frozenset(value) - frozenset(good)
