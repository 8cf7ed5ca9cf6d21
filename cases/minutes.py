"""Minutes, 提醒函, 督办单 and 整改函 as documents (domain.md M, N3, N10, O8): from rows, and no word more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from cases.assessment import MEASURE_NAMES, RULES_OF, Proposal, Ruling
from cases.calendar import LOCAL
from cases.decisions import Decision
from cases.documents import Block, Document, Heading, Paragraph, Run, dated_words, paragraph, plain_table
from cases.meetings import KINDS, PRESENCE, Meeting
from cases.supervision import REASON_NAMES, RUNG_NAMES, Rectification, Supervision

Names = Mapping[str, str]


def minutes(meeting: Meeting, made: Sequence[Decision], names: Names, issuer: str, now: datetime) -> Document:
    """会议纪要: when, which units came, the agenda and why, what was decided. `names` are of grids by code."""
    ended = meeting.closed_at or now
    span = f"{_day(meeting.opened_at)}{_clock(meeting.opened_at)}至{_clock(ended)}"
    called = [f"{names.get(item.grid, item.grid)}：{item.reason}" for item in meeting.agenda]
    agenda = [paragraph(f"{n}. {words}。") for n, words in enumerate(called, 1)]
    blocks: list[Block] = [
        paragraph(f"{span}，召开{KINDS[meeting.kind].name}（{meeting.no}），{meeting.chair}主持。纪要如下。"),
        Heading(1, "一、到会情况"),
        paragraph(_came(meeting, names)),
        Heading(1, "二、议程"),
        *agenda,
        Heading(1, "三、议定事项"),
        *(_decided(made) or [paragraph("本次会议没有议定事项。")]),
    ]
    return Document(f"{KINDS[meeting.kind].name}纪要", tuple(blocks), issuer, ended.astimezone(LOCAL).date())


def _came(meeting: Meeting, names: Names) -> str:
    """By unit, never by person; who was not asked after is said to be so."""
    said = dict(meeting.roll)
    told = []
    for key, words in PRESENCE.items():
        found = [names.get(who, who) for who, how in meeting.roll if how == key]
        told += [f"{words}{len(found)}个：{'、'.join(found)}"] if found else []
    left = sum(item.grid not in said for item in meeting.agenda)
    return "；".join([*told, *([f"未点到{left}个"] if left else [])]) + "。"


def _decided(made: Sequence[Decision]) -> list[Block]:
    """A paragraph for each, linked to its case, oldest first."""
    return [
        Paragraph((
            Run(f"{n}. 由{one.who}办理：{one.text}，{_day(one.due_at)}{_clock(one.due_at)}前办结（{one.no}"),
            *((Run("，"), Run(f"案件 {one.case}", f"/case/{one.case}")) if one.case else ()),
            Run("）。"),
        ))
        for n, one in enumerate(sorted(made, key=lambda one: one.no), 1)
    ]  # fmt: skip


def reminder(proposal: Proposal, ruling: Ruling, name: str, issuer: str) -> Document:
    """工作提醒函 or another measure's notice, of a signed proposal with its evidence; ValueError for a refused one."""
    if not ruling.is_signed or ruling.key != proposal.key:
        raise ValueError(f"{proposal.key} is not signed")
    title = MEASURE_NAMES[proposal.measure]
    rows = [(str(month), place.words, place.value) for month, place in proposal.evidence]
    blocks = (
        paragraph(f"{proposal.words}。依据考评规则（{RULES_OF[proposal.measure]}），经领导签署，现予{title}。"),
        plain_table("依据", ("月份", "位次", "得分"), rows),
        paragraph(f"签署意见：{ruling.why}。"),
    )
    return Document(title, blocks, issuer, ruling.at.astimezone(LOCAL).date(), to=name)


def supervision_slip(one: Supervision, issuer: str) -> Document:
    """督办单: the reason, the matter, the limit, and every step so far."""
    rows = [(_day(step.at), step.what, step.words) for step in one.steps]
    about = f"（案件 {one.target.case}）" if one.target.case else ""
    blocks = (
        paragraph(f"{REASON_NAMES[one.reason]}：{one.text}{about}。现予{RUNG_NAMES[one.rung]}（{one.no}）。"),
        paragraph(f"请于{_day(one.due_at)}{_clock(one.due_at)}前书面答复。"),
        plain_table("办理过程", ("日期", "事项", "说明"), rows),
    )
    return Document(f"{RUNG_NAMES[one.rung]}单", blocks, issuer, _last(one.steps[-1].at), to=one.target.name)


def rectification_letter(one: Rectification, issuer: str) -> Document:
    """整改函: the problem, the measure, the limit (N5)."""
    blocks = (
        paragraph(f"经查，存在以下问题（{one.no}）：{one.problem}。"),
        paragraph(f"整改措施：{one.measure}。请于{_day(one.due_at)}前完成整改并报告结果，复核通过后销号。"),
    )
    return Document("整改函", blocks, issuer, _last(one.opened_at), to=one.target.name)


def _last(at: datetime) -> date:
    return at.astimezone(LOCAL).date()


def _day(at: datetime) -> str:
    return dated_words(at.astimezone(LOCAL).date())


def _clock(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%H:%M}"
