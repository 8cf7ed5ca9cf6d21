"""What a command line is made of: its verbs, who commands with what, and the case or people that words mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dash import html
from dash.development.base_component import Component

from cases.errors import BadAction
from cases.lifecycle import STAGE_NAMES
from cases.model import Case, Fix
from dashboard.grid_finder import GridFinder, initials
from dashboard.services import Services
from dashboard.session import Visit

VERBS: Mapping[str, tuple[str, str]] = {
    "派": ("p", "派 案号 姓名或单位"),
    "并": ("b", "并 案号 并入的案号"),
    "拆": ("f", "拆 案号 牵头单位 协办单位…"),
    "应": ("y", "应 案号 单位（应哨）"),
    "到": ("d", "到 案号 单位（到场）"),
    "找": ("z", "找 文字"),
    "去": ("q", "去 网格编码、名称或首字母"),
    "撤": ("c", "撤 [案号]（不写案号即自己最近一步）"),
    "静": ("j", "静 预警号末几位 分钟 理由"),
}
"""A verb, the letter that stands for it, and how it is used. A case is named by the last digits of its number."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One line, taken apart; `verb` is "" where it begins with none."""

    verb: str
    first: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """Who commands, with what: the services, the visit, everybody's newest fix."""

    services: Services
    seen: Visit
    finder: GridFinder
    fixes: Sequence[Fix] = field(default_factory=tuple)


def read(line: str) -> Asked:
    """A line taken apart; the verb may be its letter."""
    verb, _, rest = line.strip().partition(" ")
    known = next((name for name, (letter, _) in VERBS.items() if verb in (name, letter)), "")
    first, _, last = rest.strip().partition(" ")
    return Asked(known, first, last.strip())


def named(digits: str, seat: Seat) -> Case:
    """The open case whose number ends with these digits; BadAction where there is none or more than one."""
    ending = [case for case in seat.services.views.board(seat.seen.scope) if case.no.endswith(digits)]
    if len(ending) == 1 and digits.isascii():
        return ending[0]
    if not ending:
        raise BadAction(f"没有在办案件的编号以 {digits[:20]} 结尾")
    raise BadAction(f"{len(ending)} 个案件的编号以 {digits[:20]} 结尾：{'、'.join(c.no for c in ending[:3])}")


def means(who: str, name: str) -> bool:
    """Whether words mean a name: its beginning, or its first letters."""
    return name.startswith(who) or (who.isascii() and who.isalpha() and initials(name).startswith(who.lower()))


def done(case: Case, words: str) -> Component:
    """What was done, with the case it was done to, which the page then opens."""
    return html.Span([words, " ", link(case)], className="done", **{"data-open-case": case.no})


def link(case: Case) -> Component:
    """A case by number, title and stage."""
    words = f"{case.no} {case.title} · {STAGE_NAMES[case.stage]}"
    return html.A(words, href=f"/case/{case.no}", **{"data-case": case.no})
