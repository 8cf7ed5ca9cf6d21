"""卷宗: everything about one case on A4, from facts to signatures; people masked as the reader's role demands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cases.calendar import LOCAL
from cases.categories import category_of
from cases.lifecycle import ACTION_NAMES, STAGE_NAMES, STATE_NAMES
from cases.masking import masked_name, masked_phone
from cases.mediation import KINDS, MEDIATION_KINDS, RESULTS
from cases.model import CHANNELS, Action, Case, Difficulty, Event, Loop, Reporter, StageClock, State
from cases.ports import CaseRecord
from cases.schemes import SCHEMES
from cases.stages import STEP_NAMES
from dashboard.attachments import Attachment
from dashboard.components.words import SEVERITY_NAMES, STANDING_NAMES, due_words, place_words
from dashboard.markup import Markup, element, fragment
from dashboard.paper import sheet
from dashboard.paper.open_list import who_has

ORIGINS: Mapping[str, str] = {"screen": "席位", "desk": "席位", "code": "群众扫码", "": "系统"}
DIFFICULTIES = {Difficulty.SIMPLE: "简易", Difficulty.COMPLEX: "复杂", Difficulty.HARD: "疑难"}
LOOPS = {Loop.MICRO: "微循环（网格）", Loop.SMALL: "小循环（镇街）", Loop.LARGE: "大循环（区县）"}
LOOKS: Mapping[str, str] = {
    "reveal": "查看报告人",
    "print": "打印卷宗",
    "print_open": "打印清单",
    "print_notice": "打印告知书",
}
STAMPS: tuple[tuple[str, str], ...] = (
    ("上报", "reported_at"),
    ("接收", "received_at"),
    ("受理", "accepted_at"),
    ("派遣", "dispatched_at"),
    ("签收", "signed_at"),
    ("到场", "arrived_at"),
    ("办结上报", "handled_at"),
    ("核查", "verified_at"),
    ("结案", "closed_at"),
    ("评价", "evaluated_at"),
    ("归档", "archived_at"),
)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What the file is made from. `people` are names by account or worker id, as the reader may see them.

    `reveal` prints the reporter unmasked. `code` is the address of the citizen's page and `picture` its QR.
    """

    case: Case
    events: Sequence[Event]
    record: CaseRecord
    attachments: Sequence[Attachment]
    grids: Mapping[str, str]
    units: Mapping[str, str]
    people: Mapping[str, str]
    room: str
    reader: str
    as_of: datetime
    picture: str = ""
    reveal: bool = False
    may_reveal: bool = False
    looks: Sequence[tuple[datetime, str, str]] = field(default_factory=tuple)
    clocks: Sequence[StageClock] = ()


def document(file: CaseFile) -> str:
    """The whole file."""
    case = file.case
    parts = [
        _top(file),
        _facts(file),
        _clock(file),
        _steps(file),
        _story(file),
        _attachments(file),
        *_record(file),
        _looks(file),
    ]
    left = f"{file.room} · 案件卷宗 {case.no}"
    right = f"来源：案件库 · 截至 {stamp(file.as_of)} · {file.reader} 打印"
    links = [("回到案件", f"/case/{case.no}")]
    if file.may_reveal and not file.reveal:
        links.append(("打印报告人全名和电话（会被记录）", f"/case/{case.no}/print?reveal=1"))
    return sheet.page(f"案件卷宗 {case.no}", links, sheet.sheet(left, right, *parts, _signatures()))


def stamp(at: datetime | None) -> str:
    """2026-11-22 14:32, local time; empty for what has not happened."""
    return at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M") if at else ""


def _top(file: CaseFile) -> Markup:
    drill = element("p", element("b", "演练件，不计入统计")) if file.case.exercise else None
    words = element("div", element("h1", file.case.title), element("p", file.case.no), drill)
    code = [element("img", src=file.picture, alt="一案一码"), "扫码看进度、作评价"] if file.picture else []
    return element("div", words, element("div", *code, class_="code"), class_="top")


def _facts(file: CaseFile) -> Markup:
    case = file.case
    state = "" if case.state is State.ACTIVE else f" · {STATE_NAMES[case.state]}"
    severity = SEVERITY_NAMES.get(case.severity, "")
    rows: list[tuple[str, object]] = [
        ("内容", element("span", case.text or "（无）", class_="words")),
        ("类别", f"{category_of(case.category).name} · {severity} · {DIFFICULTIES[case.difficulty]}"),
        ("阶段", f"{STAGE_NAMES[case.stage]}{state}（{SCHEMES[case.scheme].name}）· {LOOPS[case.loop]}"),
        ("来源", CHANNELS.get(case.channel, case.channel)),
        ("地点", f"{place_words(case.grids, file.grids, 9)} · {case.place.address or '地址未填写'}"),
        ("报告人", reporter_words(case.reporter, file.reveal)),
        ("涉及人数", case.people if case.people is not None else "未填写"),
        ("承办", who_has(case, file.units, file.people)),
        ("首问负责", _person(case.first_contact, file) or "尚未受理"),
    ]
    return fragment(element("h2", "基本情况"), sheet.facts(rows))


def reporter_words(reporter: Reporter | None, reveal: bool) -> str:
    """Who reported: masked unless revealed; anonymous stays anonymous."""
    if reporter is None or reporter.anonymous or not (reporter.name or reporter.phone):
        return "匿名或未留"
    if reveal:
        return f"{reporter.name} {reporter.phone}".strip()
    return f"{masked_name(reporter.name)} {masked_phone(reporter.phone)}".strip()


def _clock(file: CaseFile) -> Markup:
    case = file.case
    due = f"{stamp(case.due_at)}（{STANDING_NAMES[case.standing]}）" if case.due_at else "无时限"
    left = f" · {due_words(case, file.as_of)}" if case.is_open else ""
    reached = [
        element("span", f"{name} {stamp(at)}", class_="step")
        for name, field_ in STAMPS
        if (at := getattr(case, field_))
    ]
    rows: list[tuple[str, object]] = [("办结时限", due + left), ("各步时间", reached)]
    if case.promised_at is not None:
        rows.append(("承诺答复", stamp(case.promised_at)))
    if case.score is not None:
        rows.append(("评价", f"{case.score} 分"))
    return fragment(element("h2", "时限"), sheet.facts(rows))


def _steps(file: CaseFile) -> Markup | None:
    """The limit of each step and of what was promised, and how it was kept."""
    rows = [
        (STEP_NAMES[c.step], stamp(c.since), stamp(c.due_at), stamp(c.ended_at) or "未完", STANDING_NAMES[c.standing])
        for c in file.clocks
    ]
    return sheet.table("各步时限", ("步骤", "开始", "限期", "完成", "时限灯"), rows)


def _story(file: CaseFile) -> Markup | None:
    rows = [
        (
            element("span", stamp(event.at), class_="nowrap"),
            _step(event, file),
            _by(event, file),
            _from(event),
            event.why,
        )
        for event in file.events
    ]
    return sheet.table("办理经过", ("时间", "步骤", "经办", "来自", "理由或内容"), rows, "story")


def _step(event: Event, file: CaseFile) -> str:
    unit = file.units.get(str(event.changes.get("unit") or ""), "")
    to = f" → {unit}" if unit else ""
    if event.action is Action.CLOCK:
        to = f" → {STANDING_NAMES.get(event.changes.get('standing'), '')}"  # type: ignore[call-overload]
    return ACTION_NAMES[event.action] + to


def _by(event: Event, file: CaseFile) -> str:
    return "系统" if event.by == "system" else _person(event.by, file)


def _person(name: str | None, file: CaseFile) -> str:
    return file.people.get(name or "", name or "")


def _from(event: Event) -> str:
    return ORIGINS.get(event.origin, event.origin)


def _attachments(file: CaseFile) -> Markup | None:
    if not file.attachments:
        return None
    photos = [
        element("figure", element("img", src=each.address, alt=""), element("figcaption", each.id))
        for each in file.attachments
        if each.is_picture
    ]
    others = [(each.id, each.kind or "文件未找到") for each in file.attachments if not each.is_picture]
    rest = sheet.table("其他附件", ("编号", "类型"), others)
    title = element("h2", f"附件（{len(file.attachments)}）")
    return element("section", title, element("div", *photos, class_="photos"), rest)


def _record(file: CaseFile) -> list[Markup | None]:
    """Tasks, sub-tasks, whistles, mediations, hand-offs and links, those that there are."""
    record, units = file.record, file.units
    tasks = [(stamp(t.at), _person(t.worker, file), t.title, stamp(t.acked_at) or "未签收") for t in record.tasks]
    parts = [(c.no, units.get(c.unit or "", ""), STAGE_NAMES[c.stage], stamp(c.due_at)) for c in record.children]
    whistles = [
        (
            units.get(w.unit, w.unit),
            stamp(w.called_at),
            w.why,
            stamp(w.answered_at) or "未应哨",
            stamp(w.arrived_at) or "未到场",
        )
        for w in record.whistles
    ]
    mediations = [
        (stamp(m.at), MEDIATION_KINDS.get(m.kind, m.kind), m.mediator, RESULTS.get(m.result, m.result), m.text)
        for m in record.mediations
    ]
    handoffs = [
        (
            KINDS[h.kind].name if h.kind in KINDS else h.kind,
            stamp(h.out_at),
            stamp(h.due_at),
            stamp(h.back_at) or "未回传",
            h.result,
        )
        for h in record.handoffs
    ]
    linked = [
        (link.other if link.case == file.case.no else link.case, link.kind, stamp(link.at)) for link in record.links
    ]
    links = [(other, "重复件" if kind == "repeat" else "相关", at) for other, kind, at in linked]
    return [
        sheet.table("下达任务", ("时间", "网格员", "任务", "签收"), tasks),
        sheet.table("子任务", ("编号", "单位", "阶段", "时限"), parts),
        sheet.table("吹哨报到", ("单位", "吹哨", "事由", "应哨", "到场"), whistles),
        sheet.table("调解", ("时间", "方式", "调解员", "结果", "记录"), mediations),
        sheet.table("对接移送", ("去向", "移送", "法定时限", "回传", "结果"), handoffs),
        sheet.table("关联案件", ("编号", "关系", "时间"), links),
    ]


def _looks(file: CaseFile) -> Markup | None:
    rows = [(stamp(at), _person(who, file), LOOKS.get(what, what)) for at, who, what in file.looks]
    return sheet.table("查阅、打印记录", ("时间", "账号", "事项"), rows)


def _signatures() -> Markup:
    return element(
        "div", [element("div", f"{who}：", element("span")) for who in ("承办人", "核查人", "归档人")], class_="sign"
    )
