"""Commands about the units at a case: 拆 0123 司法所 城管 makes sub-tasks, 应 and 到 0123 城管 say what was heard."""

from __future__ import annotations

from dash.development.base_component import Component

from cases.errors import BadAction
from cases.model import Action, Case, HandlingUnit
from dashboard import dossier, orders
from dashboard.grid_finder import initials
from dashboard.panels.command_words import VERBS as ALL_VERBS
from dashboard.panels.command_words import Asked, Seat, done, named

VERBS = ("拆", "应", "到")
SHOWN = 8


def split(asked: Asked, seat: Seat) -> Component:
    """A sub-task for each unit named beside the first, which leads."""
    case, units = named(asked.first, seat), [_unit(words, seat) for words in asked.rest.split()]
    if len(units) < 2:
        raise BadAction("用法：" + ALL_VERBS["拆"][1])
    form = orders.Form(case.version, unit=units[0].id, partners=[unit.id for unit in units[1:]])
    after = orders.carry_out(Action.SPLIT, case.no, form, seat.services, seat.seen)
    return done(after, f"已拆分，{units[0].name}牵头，{'、'.join(unit.name for unit in units[1:])}各有子任务")


def answer(asked: Asked, seat: Seat) -> Component:
    """A whistled unit answered; named where more than one is awaited."""
    return _heard(Action.ANSWER, asked, seat)


def arrive(asked: Asked, seat: Seat) -> Component:
    """A unit is there; named where more than one is awaited."""
    return _heard(Action.ARRIVE, asked, seat)


def _heard(action: Action, asked: Asked, seat: Seat) -> Component:
    case = named(asked.first, seat)
    unit = _awaited(action, case, asked.rest, seat)
    after = orders.carry_out(action, case.no, orders.Form(case.version, to=unit.id), seat.services, seat.seen)
    return done(after, f"{unit.name}已{'应哨' if action is Action.ANSWER else '到场'}")


def _awaited(action: Action, case: Case, words: str, seat: Seat) -> HandlingUnit:
    """The unit meant among those awaited; BadAction where none is, or more than one fits."""
    record = seat.services.registry.records.of(case.no, seat.seen.scope)
    waiting = dossier.awaited_of(case, record, seat.seen.actor).get(action, ())
    units = [unit for unit in seat.services.directory.units() if unit.id in waiting]
    if not units:
        raise BadAction(f"本案没有等待{'应哨' if action is Action.ANSWER else '到场'}的单位")
    fitting = [unit for unit in units if not words or _means(words, unit)]
    if len(fitting) == 1:
        return fitting[0]
    raise BadAction(f"请写明是哪个单位：{'、'.join(unit.name for unit in units)}")


def _unit(words: str, seat: Seat) -> HandlingUnit:
    units = seat.services.directory.units()
    exact = [unit for unit in units if words in (unit.id, unit.name)]
    found = exact or [unit for unit in units if _means(words, unit)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadAction(f"没有单位“{words[:20]}”")
    raise BadAction(f"“{words[:20]}”有 {len(found)} 个单位：{'、'.join(unit.name for unit in found[:4])}，请写全")


def _means(words: str, unit: HandlingUnit) -> bool:
    """A unit is named by its id, any part of its name, or first letters in a row (sfs is 青芝司法所)."""
    letters = words.isascii() and words.isalpha() and words.lower() in initials(unit.name)
    return words in (unit.id, unit.name) or words in unit.name or letters


def completions(asked: Asked, seat: Seat) -> list[str]:
    """Whole lines with the last unit's name written out; for what is heard only the units awaited."""
    *before, last = asked.rest.split(" ") if asked.rest else [""]
    units = seat.services.directory.units()
    if asked.verb != "拆":
        try:
            case = named(asked.first, seat)
        except BadAction:
            return []
        record = seat.services.registry.records.of(case.no, seat.seen.scope)
        action = Action.ANSWER if asked.verb == "应" else Action.ARRIVE
        waiting = dossier.awaited_of(case, record, seat.seen.actor).get(action, ())
        units = [unit for unit in units if unit.id in waiting]
    fitting = [unit.name for unit in units if (not last or _means(last, unit)) and unit.name not in before]
    return [" ".join([asked.verb, asked.first, *before, name]) for name in fitting[:SHOWN]]
