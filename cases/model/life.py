"""Where a case is, whether it runs, how its clock looks, how hard it is, who handles it, and what may be done."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where a case is: 信息采集 立案受理 分类派遣 任务处理 核查反馈 结案归档 综合评价 (domain.md G1)."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    HANDLED = "handled"
    VERIFIED = "verified"
    CLOSED = "closed"
    EVALUATED = "evaluated"


OPEN_STAGES = (Stage.REPORTED, Stage.ACCEPTED, Stage.DISPATCHED, Stage.HANDLED, Stage.VERIFIED)


class State(StrEnum):
    """Whether the case runs, rests or has left the road."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    RETURNED = "returned"
    VOID = "void"
    MERGED = "merged"


OPEN_STATES = (State.ACTIVE, State.SUSPENDED, State.RETURNED)


class Standing(StrEnum):
    """How the case's clock looks: 正常 预警 超时."""

    ON_TIME = "on_time"
    AT_RISK = "at_risk"
    OVERDUE = "overdue"


class Risk(StrEnum):
    """高 中 低 (domain.md b1, b10): how dangerous a matter may become, as a person judged it; never called a colour."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Difficulty(StrEnum):
    """简易 复杂 疑难 (domain.md G12): decides the limit and the way of handling."""

    SIMPLE = "simple"
    COMPLEX = "complex"
    HARD = "hard"


class Loop(StrEnum):
    """微循环 小循环 大循环 (domain.md G3): in the grid, in the street, in the district."""

    MICRO = "micro"
    SMALL = "small"
    LARGE = "large"


class Action(StrEnum):
    """What a person or the system may do to a case (protocol.md §3)."""

    REPORT = "report"
    ACCEPT = "accept"
    REFUSE = "refuse"
    DISPATCH = "dispatch"
    SIGN = "sign"
    HANDLE = "handle"
    REPORT_BACK = "report_back"
    VERIFY = "verify"
    REWORK = "rework"
    CLOSE = "close"
    EVALUATE = "evaluate"
    ARCHIVE = "archive"
    RETURN = "return"
    TRANSFER = "transfer"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXTEND = "extend"
    APPROVE = "approve"
    REJECT = "reject"
    VOID = "void"
    REOPEN = "reopen"
    MERGE = "merge"
    UNMERGE = "unmerge"
    SPLIT = "split"
    LINK = "link"
    ESCALATE = "escalate"
    SEND_BACK = "send_back"
    WHISTLE = "whistle"
    ANSWER = "answer"
    ARRIVE = "arrive"
    URGE = "urge"
    SUPERVISE = "supervise"
    NOTE = "note"
    UNDO = "undo"
    MEDIATE = "mediate"  # beyond protocol.md's list: one attempt at mediation
    HAND_OFF = "hand_off"  # given to court, petition office …
    HAND_BACK = "hand_back"
    PROLONG = "prolong"  # the legal limit of what is handed off, once
    PROMISE = "promise"  # the reporter was told by when (G7, G14)
    ASSESS = "assess"  # how dangerous it may become
    CLOCK = "clock"  # the system's own: the standing changed
    HAND_OVER = "hand_over"  # the watch's own: its tracker changed with the officer on duty
