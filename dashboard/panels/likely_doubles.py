"""Likely doubles of a case or of a call being taken: which, how likely, why; one key merges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from cases.duplicates import NEAR_M, WINDOW, Likeness, Told, bare, likely, told_by_case
from cases.model import Case, CaseNo, Place, Scope
from cases.ports import Views
from dashboard.nearness import box_around, metres_between

Press = Callable[[str], Mapping[str, object]]
"""The id of the button that merges into a case, by that case."""

MERGE_KEY = "y"


@dataclass(frozen=True, slots=True)
class Double:
    """One likely double with the case as it stands."""

    case: Case
    likeness: Likeness


def find(new: Told, place: Place, phone: str, views: Views, scope: Scope) -> list[Double]:
    """The open cases that may be the same event, likeliest first; `phone` is the teller's, "" unknown. Blocking."""
    window = (new.at - WINDOW, new.at + WINDOW)
    near = views.open_near(scope, window, box_around(place, NEAR_M), place.address, phone)
    worth = [case for case in near if case.no != new.no and _worth(new, place, phone, case)]
    found = likely(new, [told_by_case(case) for case in worth], [metres_between(place, case.place) for case in worth])
    by_number: Mapping[CaseNo, Case] = {case.no: case for case in worth}
    return [Double(by_number[likeness.no], likeness) for likeness in found]


def of_case(case: Case, views: Views, scope: Scope) -> list[Double]:
    """The likely doubles of an open case; none of a closed one. Blocking."""
    if not case.is_open:
        return []
    return find(told_by_case(case), case.place, case.reporter.phone if case.reporter else "", views, scope)


def _worth(new: Told, place: Place, phone: str, other: Case) -> bool:
    """Cheap and generous: what `likely` would drop anyway need not be cut into grams first."""
    far = metres_between(place, other.place)
    return (
        (far is not None and far <= NEAR_M)
        or bare(other.place.address) == new.address != ""
        or bool(phone and other.reporter and other.reporter.phone)
    )


def section(doubles: Sequence[Double], press: Press | None, can_merge: bool = True) -> Component | None:
    """The rows under 疑似重复; the first one's merge has a key. None where there is nothing to say.

    Without `press` the rows only tell.
    """
    if not doubles:
        return None
    rows = [_row(double, press if can_merge else None, at == 0) for at, double in enumerate(doubles)]
    return html.Section([html.H3(["疑似重复", html.Small(f"{len(doubles)} 件")]), html.Ul(rows)], className="doubles")


def _row(double: Double, press: Press | None, is_first: bool) -> Component:
    case, likeness = double.case, double.likeness
    words = html.Div(
        [
            html.A(case.title, href=f"/case/{case.no}", **{"data-plain": ""}),
            html.Span(f"{likeness.score:.0%} · {likeness.why}"),
            html.Small(case.no),
        ]
    )
    if press is None:
        return html.Li(words)
    key = [html.Kbd(MERGE_KEY.upper())] if is_first else []
    button = html.Button(
        [*key, "并入"],
        id=press(case.no),
        className="action",
        **({"data-key": MERGE_KEY} if is_first else {}),
    )
    return html.Li([words, button])
