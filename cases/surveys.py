"""问卷 (domain.md K14–K17): what residents answered when they were asked, as counts; no answer has a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from cases.calendar import LOCAL
from cases.errors import BadAction, NotAllowed
from cases.model import Account, Role, Scope

QUESTIONS: Mapping[str, str] = {
    "known": "是否知道网格员和综治中心管什么、怎么找",
    "content": "对网格化服务管理是否满意",
    "order": "对本地社会治安是否满意",
    "safe": "在本地生活是否有安全感",
    "peace": "是否知道平安建设",
}
"""What is asked, by code: a yes is the answer that counts."""

KEEPERS = frozenset({Role.LEADER, Role.DUTY, Role.ANALYST, Role.ADMIN})
MOST_ASKED, MOST_NOTE = 1_000_000, 200


@dataclass(frozen=True, slots=True)
class Survey:
    """One round of asking: so many people of an area asked one question on a local day, so many said yes.

    `grids` are the area's codes, outermost first, empty for the whole room; `note` says who asked and how.
    """

    no: str
    question: str
    grids: tuple[str, ...]
    day: date
    asked: int
    yes: int
    note: str
    by: str
    at: datetime


class Surveys(Protocol):
    """The rounds of asking that are kept. Blocking."""

    def add(self, survey: Survey) -> None:
        """Keep a round."""

    def withdraw(self, no: str, scope: Scope, by: str, now: datetime) -> bool:
        """Take a round of the scope out of every figure; it stays on record who did. Whether there was one."""

    def listed(self, question: str, scope: Scope, limit: int = 50) -> list[Survey]:
        """The rounds of the scope that count, newest day first."""


def entered(survey: Survey, account: Account) -> Survey:
    """The round, once it may be kept. Raises NotAllowed, BadAction."""
    if account.role not in KEEPERS:
        raise NotAllowed("您的岗位不能登记问卷")
    if account.area and account.area not in survey.grids:
        raise NotAllowed("问卷的区域不在您的辖区内", "grid")
    if survey.question not in QUESTIONS:
        raise BadAction("没有这个问题", "question")
    if not 0 < survey.asked <= MOST_ASKED:
        raise BadAction("回答人数须是 1 到一百万的整数", "asked")
    if not 0 <= survey.yes <= survey.asked:
        raise BadAction("答“是”的人数不能多于回答人数", "yes")
    if survey.day > survey.at.astimezone(LOCAL).date():
        raise BadAction("调查日不能在将来", "day")
    if not survey.note or len(survey.note) > MOST_NOTE:
        raise BadAction("请写明由谁、怎样调查（200 字以内）", "note")
    return survey
