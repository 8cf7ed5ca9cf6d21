"""登记册导入: a file handed in, how its columns are understood, what would come of it, and then 入库 or 弃置.

The same reading, rules and transaction as `python app.py register import`; nothing is kept before 入库 is pressed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dash import Dash, html
from dash.development.base_component import Component

from cases.errors import BadAction
from cases.register_imports import RegisterFiles, check_importer, load_of, mapping_of
from cases.registers import REGISTERS, Reading, Record, Register, meanings, missing, shown_value
from dashboard.components import chart, forms, frame
from dashboard.components.forms import Order, said
from dashboard.components.words import moment_words
from dashboard.register_drafts import Draft
from dashboard.services import Services
from dashboard.session import Visit
from geo.crs import CRS_NAMES

ID, ORDER, TITLE = "register-intake", "register-intake-order", "导入登记册"
MAP = "map."  # before a field's name in the form
SHOWN, REFUSED = 8, 100  # records shown in a preview; refusals told one by one
KIND_NAMES = {code: each.name for code, each in REGISTERS.items()}
CRS_WORDS = {"": "文件里没有坐标", **dict(zip(CRS_NAMES, CRS_NAMES, strict=True))}


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form: the register, {field: title} of the columns, coordinate system, source, day."""

    kind: Register
    mapping: Mapping[str, str]
    crs: str = ""
    source: str = ""
    as_of: str = ""

    @property
    def meant(self) -> str:
        """All that decides how rows are read, as one text: what was previewed must be what is kept."""
        return f"{self.kind.code}|{self.crs}|{sorted(self.mapping.items())}"


def layout(content: Sequence[Component] = ()) -> Component:
    """The panel with what stands when the page was made."""
    return forms.panel(ID, ORDER, TITLE, content)


def register(app: Dash, services: Services) -> None:
    """Do what was pressed, and read anew."""
    forms.obeys(app, services, ID, ORDER, carry_out)


def carry_out(order: Order, services: Services, seen: Visit) -> list[Component]:
    """Open, preview, keep or throw away; the panel afterwards, with what came of it above. Blocking."""
    act = _DO.get(said(order, "do"))
    told: list[Component] = []

    def done() -> str:
        check_importer(seen.account)
        words, parts = act(order, services, seen) if act else ("", [])
        told.extend(parts)
        return words

    words = forms.attempt(done)
    refused = getattr(words, "className", "") == "refused"
    return [words, *(content_of(services, seen, order) if refused else told)]


# what is done -----------------------------------------------------------------------------------------------

Done = tuple[str, list[Component]]


def _open(order: Order, services: Services, seen: Visit) -> Done:
    """A file, or another register for it: its columns are as they were kept, or guessed."""
    chosen = {name: value for name, value in order.items() if not name.startswith(MAP)}
    return "", content_of(services, seen, chosen)


def _preview(order: Order, services: Services, seen: Visit) -> Done:
    draft, filled = _asked(order, services, seen)
    reading = _read(services, draft, filled)
    return "以下为预览，数据库没有改变", _draft(draft, filled, services, _previewed(draft, filled, reading))


def _keep(order: Order, services: Services, seen: Visit) -> Done:
    """入库, of what was previewed and nothing else."""
    draft, filled = _asked(order, services, seen)
    if said(order, "meant") != filled.meant:
        raise BadAction("对应关系在预览后改过，请再看一次预览", "map")
    reading, kept = _read(services, draft, filled), services.registry.registers
    why = reading.why_wrong(in_part=order.get("rest") is True)
    if why is not None:
        raise BadAction(why, "draft")
    load = load_of(reading, draft.file, filled.source, filled.as_of, seen.account.name, services.clock())
    kept.keep(load, reading.records)
    kept.save_mapping(filled.kind.code, draft.sheet.titles, filled.mapping)
    services.drafts.drop(seen.account.name)
    rest = f"，{load.refused} 行不合格未入库" if load.refused else ""
    look = html.A(f"查看{filled.kind.name}登记册", href=f"/registers?kind={filled.kind.code}")
    return f"已入库 {load.rows} 条{rest}", [html.P(look), *content_of(services, seen)]


def _drop(order: Order, services: Services, seen: Visit) -> Done:
    services.drafts.drop(seen.account.name)
    return "已弃置，数据库没有改变", content_of(services, seen)


_DO: Mapping[str, Callable[[Order, Services, Visit], Done]] = {
    "open": _open,
    "preview": _preview,
    "keep": _keep,
    "drop": _drop,
}


def _asked(order: Order, services: Services, seen: Visit) -> tuple[Draft, Filled]:
    """The draft that an order is about and the form as it was filled in. Raises BadAction."""
    kind = REGISTERS.get(said(order, "kind"))
    if kind is None:
        raise BadAction("没有这种登记册", "kind")
    draft = services.drafts.of(seen.account.name, said(order, "draft"), services.clock())
    given = {name.removeprefix(MAP): str(title) for name, title in order.items() if name.startswith(MAP) and title}
    wrong = missing(kind, given, draft.sheet.titles)
    if wrong:
        raise BadAction("；".join(wrong), "map")
    return draft, Filled(kind, given, said(order, "crs"), said(order, "source"), said(order, "as_of"))


def _read(services: Services, draft: Draft, filled: Filled) -> Reading:
    return _files(services).read(filled.kind, draft.sheet, filled.mapping, filled.crs)


def _files(services: Services) -> RegisterFiles:
    if services.register_files is None:
        raise BadAction("这个进程不收登记册文件", "draft")
    return services.register_files


# what stands there ------------------------------------------------------------------------------------------


def content_of(services: Services, seen: Visit, order: Order | None = None) -> list[Component]:
    """The way to hand in a file, or the account's draft with its columns. Blocking."""
    draft = services.drafts.newest(seen.account.name, services.clock())
    if draft is None:
        return _empty()
    return _draft(draft, _guessed(draft, order or {}, services), services)


def _empty() -> list[Component]:
    hint = "CSV、CSV.GZ、XLSX 或 GeoJSON，不超过 10 MB；第一行是列名。更大的文件用命令行：python app.py register import"
    which = html.Div(_kinds(next(iter(REGISTERS.values()))), className="page-form")
    return [which, _picker("选择文件"), html.P(hint, className="note")]


def _kinds(chosen: Register) -> Component:
    return forms.choice("导入到哪个登记册", "kind", KIND_NAMES, chosen.code)


def _picker(words: str) -> Component:
    """The button behind which assets/register_intake.js opens the file dialog."""
    state = html.Span(className="register-sent", role="status")
    return html.P([html.Button(words, className="order", **{"data-register-file": ""}), " ", state])


def _guessed(draft: Draft, order: Order, services: Services) -> Filled:
    """The form as it was filled in, else as kept for these titles, else as the titles say."""
    kind = REGISTERS.get(said(order, "kind"), next(iter(REGISTERS.values())))
    titles = draft.sheet.titles
    given = {name.removeprefix(MAP): str(title) for name, title in order.items() if name.startswith(MAP) and title}
    kept = services.registry.registers.mapping(kind.code, titles)
    fitting = {name: title for name, title in given.items() if kind.field(name) is not None and title in titles}
    try:
        mapping = fitting or mapping_of(kind, titles, {}, kept)
    except BadAction:  # some required field has no column yet: the form asks for it
        mapping = meanings(kind, titles)
    return Filled(kind, mapping, said(order, "crs"), said(order, "source"), said(order, "as_of"))


def _draft(draft: Draft, filled: Filled, services: Services, below: Sequence[Component] = ()) -> list[Component]:
    """The file, what each field is read from, what must be said of the data; below it what a press sends it with."""
    counts = f"{len(draft.sheet.rows)} 行，{len(draft.sheet.titles)} 列"
    about = f"{draft.file}：{counts} · {moment_words(draft.at, services.clock())} 收到"
    said_of = [
        forms.choice("坐标系", "crs", CRS_WORDS, filled.crs),
        forms.line("来源（谁的数据）", "source", filled.source, hint="如 民政办", most=60),
        forms.line("数据日期", "as_of", filled.as_of, hint="2026-11-01", most=10),
    ]
    told = {"draft": draft.id}
    ways = (
        forms.press("预览", "preview", **told),
        forms.press("换登记册", "open", **told),
        forms.press("弃置", "drop"),
    )
    form = forms.form([_kinds(filled.kind), *_columns(draft, filled), *said_of], *ways, key=_key(draft, filled))
    return [html.Div([html.P(about, **{"data-draft": draft.id}), form, *below], **{"data-form": ""})]


def _key(draft: Draft, filled: Filled) -> str:
    return f"{draft.id}-{filled.kind.code}"


def _columns(draft: Draft, filled: Filled) -> list[Component]:
    """A choice of the file's columns for each field."""
    titles = {"": "（不取用）", **{title: title for title in draft.sheet.titles if title}}
    return [
        forms.choice(
            f"{each.label}{'（必有）' if each.is_required else ''}",
            f"{MAP}{each.name}",
            titles,
            filled.mapping.get(each.name, ""),
        )
        for each in filled.kind.fields
    ]


def _previewed(draft: Draft, filled: Filled, reading: Reading) -> list[Component]:
    """What would come of it, and the buttons that do it."""
    counts = f"{reading.rows} 行，合格 {len(reading.records)}，不合格 {len(reading.refusals)}"
    unused = [f"没有取用的列：{'、'.join(reading.unused)}"] if reading.unused else []
    notes = [html.Li(note) for note in [*unused, *reading.notes]]
    return [
        html.H3(f"预览：{filled.kind.name}，{counts}", **{"data-previewed": str(len(reading.records))}),
        html.Ul(notes) if notes else html.P("没有提示", className="note"),
        _refusals(reading),
        _records(filled.kind, reading.records),
        *_verdict(draft, filled, reading),
    ]


def _verdict(draft: Draft, filled: Filled, reading: Reading) -> list[Component]:
    asked = {"draft": draft.id, "meant": filled.meant}
    if reading.why_wrong(in_part=False) is None:
        return [forms.press(f"入库 {len(reading.records)} 条", "keep", **asked)]
    why = reading.why_wrong(in_part=True)
    if why is not None:
        return [html.P(f"不能入库：{why}", className="refused")]
    words = f"其余入库：{len(reading.records)} 条，{len(reading.refusals)} 行不合格的留下"
    return [forms.press(words, "keep", rest=True, **asked)]


def _refusals(reading: Reading) -> Component:
    if not reading.refusals:
        return frame.nothing("没有不合格的行")
    rows = [(f"第 {each.row} 行", each.why) for each in reading.refusals[:REFUSED]]
    more = len(reading.refusals) - REFUSED
    told = [html.P(f"另有 {more} 行不合格", className="note")] if more > 0 else []
    words = html.Summary(f"不合格 {len(reading.refusals)} 行及原因")
    return html.Details([words, chart.table(("行", "原因"), rows, "不合格的行"), *told], open=True)


def _records(kind: Register, records: Sequence[Record]) -> Component:
    """The first records as they would stand, persons masked."""
    if not records:
        return frame.nothing("没有一行合格")
    shown = [each for each in kind.fields if each.name not in ("lon", "lat")]
    rows = [
        [
            *(shown_value(each, record.values.get(each.name, ""), reveal=False) for each in shown),
            record.grids[-1] if record.grids else "待定",
        ]
        for record in records[:SHOWN]
    ]
    return chart.table([*(each.label for each in shown), "落入网格"], rows, f"前 {len(rows)} 条")
