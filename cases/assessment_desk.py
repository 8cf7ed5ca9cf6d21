"""The door of the monthly assessment: scores and places from the figures, what the rules propose, and a person's word.

A unit is a grid's centre, never a person. A month that a person signed or refused stays as it was ruled; the places of
the others are made of the record as it is now, and the page says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cases import assessment
from cases.assessment import (
    RULES,
    Measure,
    Month,
    Objection,
    Place,
    Proposal,
    Rules,
    Ruling,
    Score,
    Table,
    proposals,
    rank,
    refused_namings,
    score,
)
from cases.calendar import LOCAL
from cases.errors import BadAction, IllegalAction, NotAllowed, StillCounting
from cases.indicators import Figure, Period
from cases.model import Account, CaseNo, HandlingUnit, Role, Scope
from cases.ports import FigureBook
from cases.ports.meetings import Meetings

BASE = "received"  # the indicator that counts a unit's cases of a month
LOOKS_BACK = 12  # months; a run of namings may cross the new year


@dataclass(frozen=True, slots=True)
class Assessed:
    """A month of an area's units: scores and places, what is proposed and was ruled, objections; from when on it is.

    While the figures lack a part of the record there are no scores, and `counting` is the share that they know.
    """

    area: str
    month: Month
    scores: Mapping[str, Score]
    places: Table
    proposals: Sequence[Proposal]
    rulings: Mapping[str, Ruling]
    objections: Sequence[Objection]
    as_of: datetime
    is_over: bool
    counting: float | None = None

    def ruling(self, proposal: Proposal) -> Ruling | None:
        """What a person said to a proposal."""
        return self.rulings.get(proposal.key)


@dataclass(frozen=True, slots=True)
class AssessmentDesk:
    """Keeps nothing between calls. `founded` are the months in which units were founded, where that is known."""

    store: Meetings
    figures: FigureBook
    rules: Rules = RULES
    founded: Mapping[str, Month] | None = None

    def read(self, area: str, units: Sequence[str], month: Month, now: datetime) -> Assessed:
        """A month of these units, which lie in the area. Blocking; about 3 ms a unit and month."""
        rulings = {each.key: each for each in self.store.rulings(area)}
        objected = self.store.objections(area)
        mine = [each for each in objected if each.month == month]
        if (share := self.figures.counting()) is not None:
            return Assessed(area, month, {}, {}, (), rulings, mine, now, _is_over(month, now), share)
        scores: dict[Month, list[Score]] = {}
        for at in _months(month):
            scores[at] = self._scores(area, units, at, objected, now)
            if at != month and not any(each.base for each in scores[at]):
                break  # the record does not reach further back
        tables = {at: self._places(found, at, rulings) for at, found in scores.items()}
        proposed = proposals(tables, month, self.rules, refused_namings(list(rulings.values())))
        of_month = {each.unit: each for each in scores[month]}
        return Assessed(area, month, of_month, tables[month], proposed, rulings, mine, now, _is_over(month, now))

    def _scores(
        self, area: str, units: Sequence[str], month: Month, objected: Sequence[Objection], now: datetime
    ) -> list[Score]:
        period, scope = _period(month, now), Scope(area)
        ids = [BASE, *(weight.indicator for weight in self.rules.weights)]
        asked = self.figures.ask_many(ids, units, period, scope, now)
        made = []
        for unit in units:
            out = [each.case for each in objected if each.month == month and each.unit == unit and each.upheld]
            told: dict[str, Figure] = {id_: asked[id_, unit] for id_ in ids}
            if out:
                told = {id_: self.figures.ask(id_, unit, period, scope, now, without=out) for id_ in ids}
            made.append(score(unit, told[BASE].numerator, told, self.rules, len(out)))
        return made

    def _places(self, scores: Sequence[Score], month: Month, rulings: Mapping[str, Ruling]) -> Table:
        """The places of a month; who was named by a signature stays named, whatever the record says today."""
        places = rank(scores, month, self.rules, self.founded)
        return {unit: _as_signed(place, month, rulings) for unit, place in places.items()}

    # a person's word ------------------------------------------------------------------------------------------

    def rule(self, found: Assessed, key: str, signed: bool, account: Account, why: str, now: datetime) -> Ruling:
        """Sign or refuse a proposal of a month that is over. Raises as `rule` does, IllegalAction, StillCounting."""
        if found.counting is not None:
            raise StillCounting(found.counting)
        proposal = next((each for each in found.proposals if each.key == key), None)
        if proposal is None:
            raise BadAction("没有这条建议，或依据已变", "key")
        if account.area != found.area:
            raise NotAllowed("由本级领导签署")
        if not found.is_over:
            raise IllegalAction("当月未完，不能签署", "action")
        if signed and any(each.upheld is None and each.unit == proposal.unit for each in found.objections):
            raise IllegalAction("有异议尚未处理，先处理异议再签署", "action")
        ruling = assessment.rule(proposal, signed, account, why, now, list(found.rulings))
        with self.store.transaction() as tx:
            tx.add_ruling(found.area, ruling)
        return ruling

    def object(
        self, area: str, month: Month, unit: str, case: CaseNo, account: Account, why: str, now: datetime
    ) -> Objection:
        """A unit asks that a case be left out of its month. Raises NotAllowed, BadAction, IllegalAction."""
        if account.area != unit or account.role not in (Role.LEADER, Role.DUTY):
            raise NotAllowed("异议由被考评单位自己提出")
        if not why.strip():
            raise BadAction("请写明异议的理由", "why")
        if any((each.unit, each.case) == (unit, case) for each in self.store.objections(area, str(month))):
            raise IllegalAction("这件案件已提过异议", "case")
        made = Objection(month, unit, case, why.strip(), account.name, now)
        with self.store.transaction() as tx:
            tx.save_objection(area, made)
        return made

    def judge(
        self, objection: Objection, upheld: bool, account: Account, why: str, area: str, now: datetime
    ) -> Objection:
        """A leader of the area upholds an objection or not; once. Raises NotAllowed, BadAction, IllegalAction."""
        if account.role is not Role.LEADER or account.area != area:
            raise NotAllowed("异议由本级领导处理")
        if objection.upheld is not None:
            raise IllegalAction("这条异议已处理", "action")
        if not why.strip():
            raise BadAction("请写明理由", "why")
        ruled = replace(objection, upheld=upheld, ruled_by=account.name, ruled_at=now, ruled_why=why.strip())
        with self.store.transaction() as tx:
            tx.save_objection(area, ruled)
        return ruled


def _as_signed(place: Place, month: Month, rulings: Mapping[str, Ruling]) -> Place:
    letter = rulings.get(f"{month}/{place.unit}/{Measure.LETTER}")
    return replace(place, is_last=True) if letter is not None and letter.is_signed and place.rank else place


def _months(month: Month) -> list[Month]:
    """The month and those before it, newest first: at least the whole year so far, and what a run may need."""
    found = [month]
    while len(found) <= LOOKS_BACK:
        found.append(found[-1].before)
    return found


def _period(month: Month, now: datetime) -> Period:
    whole, today = Period.month(month.year, month.month), now.astimezone(LOCAL).date()
    return Period(whole.first, min(whole.last, max(today, whole.first)))


def _is_over(month: Month, now: datetime) -> bool:
    return Period.month(month.year, month.month).until <= now


def founded_of(units: Iterable[HandlingUnit]) -> Mapping[str, Month]:
    """{grid: the month in which its centre was founded}, by the unit list (kind `centre`), where it is said."""
    return {
        each.area: Month(each.founded.year, each.founded.month)
        for each in units
        if each.kind == "centre" and each.area and each.founded
    }


def last_month(now: datetime) -> Month:
    """The newest month that is over."""
    today = now.astimezone(LOCAL).date()
    return Month(today.year, today.month).before
