"""不予受理告知书: one page for the reporter of a refused case, to be signed and sealed."""

from __future__ import annotations

from dataclasses import dataclass

from cases.calendar import LOCAL
from cases.model import CHANNELS, Case
from cases.refusals import Refusal
from dashboard.markup import element, fragment
from dashboard.paper import sheet
from dashboard.paper.case_file import stamp

TITLE = "不予受理告知书"


@dataclass(frozen=True, slots=True)
class Notice:
    """What the page is made from. `reporter` is the name as the reader may see it, "" where none was left."""

    case: Case
    refusal: Refusal
    reporter: str
    room: str
    reader: str
    may_reveal: bool = False


def document(notice: Notice) -> str:
    """The whole page: to whom, about what, why, what to do instead, by whom and when; room for seal and signature."""
    case, refusal = notice.case, notice.refusal
    day = refusal.at.astimezone(LOCAL)
    channel = CHANNELS.get(case.channel, case.channel)
    told = case.reported_at.astimezone(LOCAL)
    words = (
        f"您于 {told.year} 年 {told.month} 月 {told.day} 日通过{channel}反映的“{case.title}”收悉。"
        f"经审核，决定不予受理。理由：{refusal.why}。"
    )
    basis = refusal.basis.partition(" (domain.md")[0]
    paragraphs = [
        element("p", f"{notice.reporter or '反映人'}："),
        element("p", words),
        element("p", refusal.notice) if refusal.notice else None,
        element("p", f"依据：{basis}。") if basis else None,
        element("p", "特此告知。"),
    ]
    end = [element("p", f"{notice.room}（盖章）"), element("p", f"{day.year} 年 {day.month} 月 {day.day} 日")]
    signed = sheet.facts([("送达方式、时间", ""), ("反映人签收", ""), ("经办人", "")])
    body = fragment(
        element("h1", TITLE), element("div", paragraphs, class_="letter"), element("div", end, class_="seal"), signed
    )
    left, right = f"{notice.room} · {case.no}", f"{stamp(refusal.at)} 决定 · {notice.reader} 打印"
    links = [("回到案件", f"/case/{case.no}")]
    if notice.may_reveal:
        links.append(("打印反映人全名（会被记录）", f"/case/{case.no}/notice?reveal=1"))
    return sheet.page(f"{TITLE} {case.no}", links, sheet.sheet(left, right, body))
