"""An officer's order about a case on its way to the desk: from what was shown and written to what the rules take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cases.errors import BadAction, CaseError, StaleCase, UnknownCase
from cases.lifecycle import ACTION_NAMES
from cases.model import Action, Case, CaseNo, Fix
from cases.routing import suggest_unit
from dashboard import dossier
from dashboard.components.words import moment_words
from dashboard.panels import who_goes
from dashboard.people import SYSTEM, account_names
from dashboard.services import Services
from dashboard.session import Visit


@dataclass(frozen=True, slots=True)
class Form:
    """What a person sees and wrote when a button is pressed: the version shown, and the fields, None where absent.

    `partners` are units beside the first: whom else a whistle calls, who else gets a sub-task of a split. `to` is whom
    or what the button itself names: a worker, a unit, another case.
    """

    version: object = None
    words: object = None
    unit: object = None
    days: object = None
    partners: object = None
    to: str = ""


def carry_out(
    action: Action, number: CaseNo, form: Form, services: Services, seen: Visit, fixes: Sequence[Fix] = ()
) -> Case:
    """Take a pressed button or a command to the desk; CaseError as the desk says. Blocking."""
    given = details(action, form)
    if action is Action.DISPATCH and form.to:
        given |= _chosen(number, form.to, services, seen, fixes)
    elif action is Action.DISPATCH and not given.get("unit"):
        given |= suggested(number, services, seen)
    shown = form.version if isinstance(form.version, int) else 0
    return services.desk.act(number, action, given, seen.actor, seen.scope, shown, services.clock())


def details(action: Action, form: Form) -> dict[str, object]:
    """The fields of the pane as the desk takes them: the words are a reason or a text."""
    given: dict[str, object] = {}
    if isinstance(form.words, str) and form.words.strip():
        given |= {"reason": form.words.strip(), "text": form.words.strip()}
    given |= _units(action, form)
    if isinstance(form.days, int | float) and action in _DAYS:
        given[_DAYS[action]] = int(form.days)
    if form.to and action in _PICKED:
        given[_PICKED[action]] = int(form.to) if action is Action.EVALUATE and form.to.isdigit() else form.to
    if form.to and action is Action.REOPEN:
        given = {"reason": "结案后三十天内重复反映", **given, "repeat": form.to}
    if action is Action.LINK:
        given["kind"] = "repeat"
    return given


def _units(action: Action, form: Form) -> dict[str, object]:
    """The units a step takes. A whistle calls the partners, or the first unit alone; of a split the first one leads."""
    first = [form.unit] if isinstance(form.unit, str) and form.unit else []
    listed = form.partners if isinstance(form.partners, list | tuple) else ()
    partners = [str(each) for each in listed if each][:MOST_UNITS]
    if action in (Action.DISPATCH, Action.TRANSFER) and first:
        return {"unit": first[0]}
    if action is Action.WHISTLE and (partners or first):
        return {"units": partners or first}
    if action is Action.SPLIT and first:
        return {"units": list(dict.fromkeys([*first, *partners])), "lead": first[0]}
    return {}


MOST_UNITS = 20
_DAYS: Mapping[Action, str] = {Action.EXTEND: "days", Action.PROMISE: "by"}
_PICKED: Mapping[Action, str] = {
    Action.MERGE: "into",
    Action.LINK: "to",
    Action.ASSESS: "risk",
    Action.EVALUATE: "score",
    Action.MEDIATE: "result",
    Action.HAND_OFF: "kind",
    Action.REFUSE: "reason",
    Action.RETURN: "reason",
    Action.ANSWER: "unit",
    Action.ARRIVE: "unit",
}
"""The detail that a pressed button's own value is: another case, a risk, a score, a listed reason's code, a unit."""


def suggested(number: CaseNo, services: Services, seen: Visit) -> dict[str, object]:
    """The unit that answers for a case and why; BadAction where the responsibility lists name none. Blocking."""
    case = services.views.case(number, seen.scope)
    suggestion = suggest_unit(case, services.directory.units()) if case else None
    if suggestion is None:
        raise BadAction("没有可建议的单位，请选择承办单位", "unit")
    return {"unit": suggestion.unit.id, "reason": suggestion.why}


def _chosen(number: CaseNo, to: str, services: Services, seen: Visit, fixes: Sequence[Fix]) -> dict[str, object]:
    """A dispatch to somebody of the ranking: whom, the unit that answers for the matter, and the reasons to keep."""
    case = services.views.case(number, seen.scope)
    if case is None:
        raise UnknownCase(number)
    rows = dossier.going(case, seen, services, fixes, services.clock())
    because = {"reason": who_goes.chosen_because(to, rows)}
    if any(unit.id == to for unit in services.directory.units()):
        return {"unit": to, **because}
    if all(worker.id != to for worker in services.directory.workers(seen.scope)):
        raise BadAction("没有这位网格员，或不在您的辖区", "worker")
    return {"worker": to, **suggested(number, services, seen), **because}


def missed_since(problem: CaseError, number: CaseNo, shown: object, services: Services, seen: Visit) -> list[str]:
    """What happened to the case after the version shown, newest last, for a refusal because of that. Blocking."""
    if not isinstance(problem, StaleCase) or not isinstance(shown, int):
        return []
    missed = [event for event in services.views.events(number, seen.scope) if event.version > shown]
    now, people = services.clock(), SYSTEM | account_names(services, (event.by for event in missed))
    told = (
        (moment_words(event.at, now), people.get(event.by, event.by), ACTION_NAMES[event.action], event.why)
        for event in missed[-3:]
    )
    return [" ".join(filter(None, words)) for words in told]
