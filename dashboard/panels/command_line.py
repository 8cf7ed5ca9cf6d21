"""The command line of the desk: 派 0123 王, 并 0123 0119, 找 楼上噪声, 去 339921101200; refusals in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from cases.errors import BadAction, CaseError
from cases.lifecycle import ACTION_NAMES
from cases.model import Action, Case
from cases.model import State as CaseState
from cases.ports import CaseFilter
from cases.routing import suggest_unit
from dashboard import orders
from dashboard.grid_finder import GridFinder
from dashboard.offloop import off_loop
from dashboard.panels import command_units, who_goes
from dashboard.panels.command_words import VERBS, Asked, Seat, done, link, means, named, read
from dashboard.services import Services
from dashboard.session import visit

ID = "command-line"
WORDS, OFFERS, ANSWER = f"{ID}-words", f"{ID}-offers", f"{ID}-answer"
SHOWN, MOST = 8, 200
ALL = "全部"  # 找 全部 …: closed cases too


def layout() -> Component:
    """The line at the foot of the desk, hidden until /."""
    return html.Div(
        [
            html.Div(id=OFFERS, className="offers"),
            dcc.Input(id=WORDS, placeholder="命令或首字母，Tab 补全，Enter 执行", maxLength=MOST),
            html.Ul(_usage(), className="usage"),  # only while nothing is typed
            html.P(id=ANSWER, role="status"),
        ],
        id=ID,
        **{"aria-label": "命令行"},
    )


def _usage() -> list[Component]:
    """Every verb with its letter, and how it is used."""
    return [
        html.Li([html.B(verb), html.Kbd(letter), html.Span(use.removeprefix(f"{verb} "))])
        for verb, (letter, use) in VERBS.items()
    ]


def register(app: Dash, services: Services) -> None:
    """Offer completions while typing; carry out a line on Enter."""
    finder = GridFinder(services.grids)

    @app.callback(Output(OFFERS, "children"), Input(WORDS, "value"), prevent_initial_call=True)
    async def offer(words: object) -> list[Component]:
        seat = Seat(services, visit(), finder, await services.live.snapshot())
        found = await off_loop(completions, str(words or "")[:MOST], seat)
        return [html.Button(line, **{"data-complete": line}) for line in found]

    @app.callback(
        Output(ANSWER, "children"),
        Output(WORDS, "value"),
        Input(WORDS, "n_submit"),
        State(WORDS, "value"),
        prevent_initial_call=True,
    )
    async def carry_out(pressed: int | None, words: object) -> tuple[Component, object]:
        if not pressed or not str(words or "").strip():
            raise PreventUpdate
        seat = Seat(services, visit(), finder, await services.live.snapshot())
        answer = await off_loop(run, str(words)[:MOST], seat)
        return answer, no_update if getattr(answer, "className", "") == "refused" else ""


def run(line: str, seat: Seat) -> Component:
    """Carry out one line; what came of it, or why not, in words. Blocking."""
    asked = read(line)
    try:
        if not asked.verb:
            raise BadAction("不认识的命令；可用：" + "；".join(use for _, use in VERBS.values()))
        if not asked.first and asked.verb != "撤":
            raise BadAction("用法：" + VERBS[asked.verb][1])
        return _RUN[asked.verb](asked, seat)
    except CaseError as problem:
        return html.Span(f"未执行：{problem.msg}", className="refused")


def people(case: Case, who: str, seat: Seat) -> list[tuple[str, str]]:
    """(id, name) of those in a case's ranking whom the words may mean: a name's beginning, or its first letters."""
    names = {w.id: w.name for w in seat.services.directory.workers(seat.seen.scope)}
    units = seat.services.directory.units()
    rows = who_goes.rank_all(case, _candidates(case, seat), who_goes.squads(case, suggest_unit(case, units), units))
    shown = [(row.candidate.who.id, names.get(row.candidate.who.id, row.candidate.who.name)) for row in rows]
    return [(each, name) for each, name in shown if who in (each, "") or means(who, name)]


def _candidates(case: Case, seat: Seat) -> list[who_goes.Candidate]:
    services, scope = seat.services, seat.seen.scope
    workers, in_hand = services.directory.workers(scope), services.views.in_hand(scope)
    return who_goes.candidates(case, workers, seat.fixes, in_hand, services.grids, services.clock())


def _send(asked: Asked, seat: Seat) -> Component:
    case = named(asked.first, seat)
    found = people(case, asked.rest.split(" ")[0], seat) if asked.rest else []
    if not found:
        raise BadAction("请写明派给谁（姓名或单位的开头）" if not asked.rest else f"没有可派的“{asked.rest[:20]}”")
    to, name = found[0]
    form = orders.Form(case.version, to=to)
    after = orders.carry_out(Action.DISPATCH, case.no, form, seat.services, seat.seen, seat.fixes)
    others = f"（另有 {len(found) - 1} 位也符合，按推荐次序取第一位）" if len(found) > 1 else ""
    return done(after, f"已派 {name}{others}")


def _merge(asked: Asked, seat: Seat) -> Component:
    case, into = named(asked.first, seat), named(asked.rest, seat) if asked.rest else None
    if into is None:
        raise BadAction("用法：" + VERBS["并"][1])
    form = orders.Form(case.version, to=into.no)
    after = orders.carry_out(Action.MERGE, case.no, form, seat.services, seat.seen)
    return done(after, f"已并入 {into.no}，在本案按 U 撤销")


def _undo(asked: Asked, seat: Seat) -> Component:
    """One's own last step, or that on the case named: a merge is taken apart, anything else by the ten-second rule."""
    case = _recent(asked.first, seat)
    action = Action.UNMERGE if case.state is CaseState.MERGED else Action.UNDO
    form = orders.Form(case.version)
    after = orders.carry_out(action, case.no, form, seat.services, seat.seen)
    return done(after, f"已{ACTION_NAMES[action]}")


def _recent(digits: str, seat: Seat) -> Case:
    """The case of the officer's own newest step, or the one named among the open and those of the latest news."""
    views, scope, me = seat.services.views, seat.seen.scope, seat.seen.actor
    if digits and not digits.isascii():
        raise BadAction("用法：" + VERBS["撤"][1])
    news = views.recent_events(scope)
    own = [case.no for event, case in news if (event.by, event.role) == (me.name, me.role)]
    known = dict.fromkeys([*(case.no for _, case in news), *(case.no for case in views.board(scope))])
    found = [no for no in known if no.endswith(digits)] if digits else own[:1]
    if len(found) > 1:
        raise BadAction(f"{len(found)} 个案件的编号以 {digits[:20]} 结尾：{'、'.join(found[:3])}")
    case = views.case(found[0], scope) if found else None
    if case is None:
        raise BadAction(f"没有案件的编号以 {digits[:20]} 结尾" if digits else "近来没有您办的步骤可撤回")
    return case


def _search(asked: Asked, seat: Seat) -> Component:
    """Open cases first, and the whole record where none fits or when it is asked for; what finds is cases.finding."""
    whole = asked.first == ALL and bool(asked.rest)
    words = asked.rest if whole else f"{asked.first} {asked.rest}".strip()
    views, scope = seat.services.views, seat.seen.scope
    if not whole and (still := views.cases(scope, CaseFilter(text=words, open_only=True), size=SHOWN)).items:
        return _listed(f"在办 {still.total} 件；连已结的一起查：找 {ALL} {words}", still.items)
    page = views.cases(scope, CaseFilter(text=words), size=SHOWN)
    if not page.items:
        raise BadAction(f"没有找到“{words}”")
    return _listed(f"共 {page.total} 件" + (f"，列出最新 {SHOWN} 件" if page.total > SHOWN else ""), page.items)


def _listed(head: str, cases: Sequence[Case]) -> Component:
    return html.Div([html.Span(head), *(html.Div(link(case)) for case in cases)])


def _go(asked: Asked, seat: Seat) -> Component:
    words = f"{asked.first} {asked.rest}".strip()
    area = seat.seen.scope.area  # a completed line is a code with the name behind it
    found = seat.finder.find(asked.first, area, limit=1) or seat.finder.find(words, area, limit=1)
    if not found:
        raise BadAction(f"没有网格“{words}”，或不在您的辖区")
    west, south, east, north = found[0].geometry.bounds
    link = html.A(found[0].name, href=f"/grid/{found[0].code}")
    return html.Span(["已到 ", link], className="done", **{"data-go-to": f"{south},{west},{north},{east}"})


def _shelve(asked: Asked, seat: Seat) -> Component:
    """An alert put aside for some minutes, with the reason; it waits anew when they are over."""
    minutes, _, why = asked.rest.partition(" ")
    services, seen = seat.services, seat.seen
    ending = [alert for alert in services.views.alerts(seen.scope) if alert.no.endswith(asked.first)]
    if len(ending) != 1 or not (minutes.isascii() and minutes.isdigit()):
        raise BadAction(f"{len(ending)} 个预警的编号以 {asked.first[:20]} 结尾；用法：{VERBS['静'][1]}")
    details = {"minutes": int(minutes[:6]), "reason": why.strip()}
    services.desk.act_on_alert(ending[0].no, "shelve", details, seen.actor, seen.scope, services.clock())
    return html.Span(f"{ending[0].kind}静默 {minutes} 分钟：{why}", className="done")


_RUN: Mapping[str, Callable[[Asked, Seat], Component]] = {
    "派": _send,
    "并": _merge,
    "拆": command_units.split,
    "应": command_units.answer,
    "到": command_units.arrive,
    "找": _search,
    "去": _go,
    "撤": _undo,
    "静": _shelve,
}


def completions(line: str, seat: Seat) -> list[str]:
    """Whole lines that the words so far may become, likeliest first. Blocking."""
    asked = read(line)
    if not line.strip():
        return []
    if not asked.verb:
        return [f"{verb} " for verb, (letter, _) in VERBS.items() if letter.startswith(line.strip()[:1])]
    if asked.verb == "去":
        wanted = f"{asked.first} {asked.rest}".strip()
        return [f"去 {grid.code} {grid.name}" for grid in seat.finder.find(wanted, seat.seen.scope.area)]
    if asked.verb == "派" and " " in line.strip().partition(" ")[2] + line[-1:] and asked.first:
        return _whom(asked, seat)
    if asked.verb in command_units.VERBS and asked.first and " " in line.strip().partition(" ")[2] + line[-1:]:
        return command_units.completions(asked, seat)
    digits = asked.rest if asked.verb == "并" and asked.rest else asked.first
    before = f"并 {asked.first} " if asked.verb == "并" and asked.rest else f"{asked.verb} "
    return [before + case.no for case in _cases(digits, seat)] if asked.verb != "找" else []


def _whom(asked: Asked, seat: Seat) -> list[str]:
    try:
        case = named(asked.first, seat)
    except BadAction:
        return []
    return [f"派 {case.no} {name}" for _, name in people(case, asked.rest, seat)[:SHOWN]]


def _cases(digits: str, seat: Seat) -> list[Case]:
    if not digits:
        return []
    board = seat.services.views.board(seat.seen.scope)
    return [case for case in board if case.no.endswith(digits) or digits in case.title][:SHOWN]
