"""The one door through which cases and alerts change: load, apply an action, save row and event together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cases import alerts, deadlines, rule_turns, turning
from cases.acting import Acting
from cases.bulletins import BulletinFiling
from cases.calendar import LOCAL, WorkCalendar
from cases.categories import category_of
from cases.clocks import Clocks
from cases.errors import CaseError, NotAllowed, UnknownAlert, UnknownCase, UnknownCode
from cases.lifecycle import Details, advance, names_of, told
from cases.limits import DEFAULT_TABLE, LimitTable
from cases.loops import NEVER, LoopRules
from cases.mediation import KINDS, HandoffKind
from cases.model import (
    EVERYWHERE,
    SELF_PROBE,
    Account,
    Action,
    Actor,
    Alert,
    AlertNo,
    AlertReport,
    AlertState,
    Answer,
    Arrival,
    Bulletin,
    Case,
    CaseNo,
    Event,
    IncidentReport,
    Loop,
    Receipt,
    Role,
    Scope,
    Stage,
    StageClock,
    Standing,
    State,
    StatusReport,
    WorkerStatus,
)
from cases.ports import Change, Roll, Store, Tell, Transaction
from cases.rule_turns import Move
from cases.schemes import DEFAULT
from cases.whistles import WhistleTimes

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One action in a past case's life."""

    at: datetime
    action: Action
    actor: Actor
    details: Details = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Past:
    """A past case as it will be relived: its report, then its steps, oldest first."""

    report: IncidentReport
    steps: tuple[Step, ...]


class NobodyKnown:
    """A roll for rooms without a directory: no name is doubted, and there is nobody to tell (ports.Roll)."""

    def missing(self, units: Collection[str], workers: Collection[str]) -> frozenset[str]:
        """Nothing is missing."""
        return frozenset()

    def accounts(self) -> list[Account]:
        """Nobody."""
        return []


@dataclass(frozen=True, slots=True)
class Desk:
    """Keeps nothing between calls; every instant is an argument."""

    store: Store
    calendar: WorkCalendar
    tell: Tell
    limits: LimitTable = DEFAULT_TABLE
    scheme: str = DEFAULT
    loops: LoopRules = NEVER
    handoffs: Mapping[str, HandoffKind] = field(default_factory=lambda: KINDS)
    roll: Roll = NobodyKnown()
    patience: alerts.Patience = alerts.Patience()
    whistle_times: WhistleTimes = WhistleTimes()

    @property
    def clocks(self) -> Clocks:
        """The rules for all clocks of a case."""
        return Clocks(self.calendar, self.limits)

    def file(self, arrivals: Sequence[Arrival], now: datetime) -> list[Answer]:
        """Commit many arrivals in one transaction; one answer each, in order.

        A repeat gets its first receipt again, the same id with other content CONFLICT.
        Raises StoreUnavailable when nothing was saved.
        """
        with self.store.transaction() as tx:
            filing = _Filing(self, tx, now)
            answers = [filing.answer(arrival) for arrival in filing.known(arrivals)]
            filing.write()
        self.tell(filing.changes)
        return answers

    def act(
        self,
        no: CaseNo,
        action: Action,
        details: Details,
        actor: Actor,
        scope: Scope,
        seen: int,
        now: datetime,
    ) -> Case:
        """Apply one action to the case as the actor saw it.

        Raises UnknownCase, NotAllowed, StaleCase, IllegalAction, BadAction, UnknownCode, in this order.
        """
        nobody = self._nobody(details)  # looked up before the write turn, said after the graver refusals
        with self.store.transaction() as tx:
            case = tx.case(no, scope)
            if case is None:
                raise UnknownCase(no)
            acting = Acting(tx, actor, scope, now, self.clocks, self.handoffs, self.whistle_times)
            after = acting.act(case, action, details, seen)
            if nobody is not None:
                raise nobody
            after = turning.rise(acting, self.loops, case, after, acting.last_of[no])
        self.tell(acting.changes)
        return after

    def _nobody(self, details: Details) -> UnknownCode | None:
        """The refusal of a unit or worker that an action names and that there is not."""
        units = {*names_of(details.get("units") or ()), *_named(details, "unit", "lead")}
        workers = set(_named(details, "worker"))
        missing = self.roll.missing(units, workers) if units or workers else frozenset()
        if missing & units:
            return UnknownCode("没有这个单位", "units" if details.get("units") else "unit")
        return UnknownCode("没有这个网格员", "worker") if missing else None

    def act_on_alert(
        self, no: AlertNo, action: str, details: Details, actor: Actor, scope: Scope, now: datetime
    ) -> Alert:
        """acknowledge, shelve (minutes, reason), unshelve or raise_case; a second acknowledgement answers the first.

        Raises UnknownAlert, NotAllowed, BadAction, IllegalAction, in this order.
        """
        with self.store.transaction() as tx:
            alert = tx.alert(no, scope)
            if alert is None:
                raise UnknownAlert(no)
            step = alerts.act(alert, action, details, actor, now)
            if step is None:
                return alert
            changes = [Change("alert", step.after.no, step.after.version)]
            if step.report is not None:
                filing = _Filing(self, tx, now)
                answer = filing.answer(step.report)
                filing.write()
                changes += filing.changes
                step = alerts.became(step, CaseNo(answer.receipt.number if answer.receipt else ""))
            tx.save_alert(step.after)
            tx.add_alert_events([step.event])
        self.tell(changes)
        return step.after

    def turn_alerts(self, now: datetime, limit: int = 200) -> int:
        """Let unanswered alerts rise and shelved ones come back, each step once; how many alerts took one."""
        with self.store.overview() as seen:
            if not any(alerts.is_due(alert, now, self.patience) for alert in seen.restless_alerts(now, limit)):
                return 0
        with self.store.transaction() as tx:
            waiting = tx.restless_alerts(now, limit)
            due = [alert for alert in waiting if alerts.is_due(alert, now, self.patience)]
            accounts = self.roll.accounts() if due else ()
            turned = [alerts.turn(alert, now, self.patience, accounts) for alert in due]
            for steps in turned:
                tx.save_alert(steps[-1].after)
                tx.add_alert_events([step.event for step in steps])
        if turned:
            self.tell([Change("alert", steps[-1].after.no, steps[-1].after.version) for steps in turned])
        return len(turned)

    def turn_rules(self, moves: Sequence[Move], now: datetime) -> int:
        """Let alert rules ring, clear and forget as they found (cases.rule_turns); how many did.

        A move counts only while its watch is as it was seen: two leaders ring once, and so does a restart.
        """
        with self.store.transaction() as tx:
            due = [move for move in moves if tx.watch(move.rule, move.subject) == move.before]
            raised = [report for move in due if (report := move.report(now)) is not None]
            filing = _Filing(self, tx, now)
            numbers = {a.id: AlertNo(a.receipt.number) for a in map(filing.answer, filing.known(raised)) if a.receipt}
            filing.write()
            changes = filing.changes + [each for move in due for each in rule_turns.settle(tx, move, numbers, now)]
        if changes:
            self.tell(changes)
        return len(due)

    def backfill(self, pasts: Sequence[Past]) -> None:
        """Store whole past cases, made by the same rules, in one transaction; rings no bell.

        A past report that has its receipt already is left alone, so a broken-off backfill can start again.
        """
        with self.store.transaction() as tx:
            known = tx.receipts((p.report.source, p.report.id) for p in pasts)
            fresh = [p for p in pasts if (p.report.source, p.report.id) not in known]
            lived = [self._relive(past, _past_number(tx, past.report)) for past in fresh]
            events = [event for _, past, _ in lived for event in past]
            first = tx.next("event", len(events)) if events else 0
            tx.add_cases([case for case, _, _ in lived])
            tx.save_clocks([clock for _, _, steps in lived for clock in steps])
            tx.add_events([replace(event, seq=first + i) for i, event in enumerate(events)])
            tx.add_receipts(
                [
                    _receipt(p.report, "report", c.no, p.report.received_at)
                    for p, (c, _, _) in zip(fresh, lived, strict=True)
                ]
            )

    def case_of(self, report: IncidentReport, no: CaseNo, now: datetime) -> Case:
        """The case that a report opens, its clock running since it was received."""
        category = category_of(report.category)
        limit = self.limits.total(category.code, category.difficulty, report.place.grids)
        warn_at, due_at = deadlines.due(report.received_at, limit, self.calendar, self.limits.yellow_at)
        return Case(
            no=no,
            version=1,
            stage=Stage.REPORTED,
            state=State.ACTIVE,
            standing=Standing.ON_TIME,
            severity=report.severity,
            difficulty=category.difficulty,
            loop=Loop.MICRO,
            title=report.title,
            text=report.text,
            category=category.code,
            channel=report.channel,
            place=report.place,
            source=report.source,
            reported_at=report.at,
            received_at=report.received_at,
            updated_at=now,
            due_at=due_at,
            warn_at=warn_at,
            reporter=report.reporter,
            people=report.people,
            attachments=report.attachments,
            original_category=report.original_category,
            flags=report.flags,
            exercise=report.exercise,
            demo=report.demo,
            scheme=self.scheme,
        )

    def _relive(self, past: Past, no: CaseNo) -> tuple[Case, list[Event], list[StageClock]]:
        """A past case from its report through its steps, with all its clocks' changes between them."""
        case = self.case_of(past.report, no, past.report.received_at)
        events = [_first_event(past.report, case)]
        steps: dict[tuple[str, datetime], StageClock] = {}
        for step in past.steps:
            case, spoken = deadlines.watch(case, step.at)
            events += [spoken] if spoken else []
            after, event = advance(case, step.action, step.details, step.actor, step.at)
            clocked = self.clocks.moved(case, after, step.action, step.at)
            events.append(told(event, case, clocked))
            moved = self.clocks.stages.follow(list(steps.values()), case, clocked, step.action)
            steps |= {(clock.step, clock.since): clock for clock in moved}
            case = clocked
        return case, events, list(steps.values()) or self.clocks.stages.start(case)

    def turn_clocks(self, now: datetime, limit: int = 200) -> int:
        """Let every clock that has something new to say speak once; how many did.

        What there is to do is looked for outside the write turn: who waits for an ack does not wait for that.
        """
        self._start_clocks(limit)
        with self.store.overview() as seen:
            if not turning.is_due(seen, now):
                return 0
        with self.store.transaction() as tx:
            acting = Acting(tx, Actor("system", Role.SYSTEM), EVERYWHERE, now, self.clocks)
            spoken = turning.turn(acting, self.loops, limit)
        if acting.changes:
            self.tell(acting.changes)
        return spoken

    def _start_clocks(self, limit: int) -> None:
        """Start the step clocks of cases that came in since the last time: not the business of who waits for an ack."""
        with self.store.overview() as seen:
            fresh, last = seen.unclocked(limit)
        if last is not None:
            started = [clock for case in fresh for clock in self.clocks.stages.start(case)]
            with self.store.transaction() as tx:
                tx.start_clocks(started, last)

    def recompute_clocks(self, now: datetime) -> int:
        """Give every open case the due times that today's calendar and limits say; how many it moved."""
        with self.store.transaction() as tx:
            changes = turning.recompute(tx, self.clocks, now)
        if changes:
            self.tell(changes)
        return len(changes)


class _Filing:
    """One transaction's worth of arrivals on their way into rows."""

    def __init__(self, desk: Desk, tx: Transaction, now: datetime) -> None:
        self._desk, self._tx, self._now, self._today = desk, tx, now, _day_of(now)
        self._receipts: dict[Key, Receipt] = {}
        self._new: list[Receipt] = []
        self._cases: list[Case] = []
        self._alerts: list[Alert] = []
        self._alert_steps: list[alerts.Step] = []
        self._reach: dict[AlertNo, frozenset[str]] = {}
        self._events: list[Event] = []
        self._statuses: list[StatusReport] = []
        self._free: dict[str, int] = {}
        self._left: dict[str, int] = {}
        self.changes: list[Change] = []

    def known(self, arrivals: Sequence[Arrival]) -> Sequence[Arrival]:
        """Look up all receipts and take all numbers that this batch can need, in one go each."""
        self._receipts = dict(self._tx.receipts((a.source, a.id) for a in arrivals))
        fresh = [a for a in arrivals if (a.source, a.id) not in self._receipts and a.source != SELF_PROBE]
        cases = sum(isinstance(a, IncidentReport) for a in fresh)
        if cases:
            self._reserve("event", cases)
            self._reserve(self._case_counter(), cases)
        return arrivals

    def answer(self, arrival: Arrival) -> Answer:
        """File one arrival, or find what it was answered before."""
        if arrival.source == SELF_PROBE:
            return Answer(arrival.id, self._rehearse(arrival))
        key = (arrival.source, arrival.id)
        before = self._receipts.get(key)
        if before is not None:
            if before.fingerprint != arrival.fingerprint:
                return Answer(
                    arrival.id,
                    code="CONFLICT",
                    msg="同一编号的内容与第一次不同，已保留第一次的内容",
                    field="id",
                )
            return Answer(arrival.id, before, duplicate=True)
        try:
            receipt = self._enter(arrival)
        except CaseError as problem:
            code = "NOT_YOURS" if isinstance(problem, NotAllowed | UnknownCase) else "CONFLICT"
            code = problem.code if isinstance(problem, UnknownCode) else code
            return Answer(arrival.id, code=code, msg=problem.msg, field=problem.field)
        self._receipts[key] = receipt
        self._new.append(receipt)
        return Answer(arrival.id, receipt)

    def write(self) -> None:
        """Put everything into the transaction."""
        tx = self._tx
        if self._cases:
            tx.add_cases(self._cases)
        if self._alerts:
            tx.add_alerts(self._alerts)
        for no, codes in self._reach.items():
            tx.reach_alert(no, codes)
        if self._alert_steps:
            self._take_steps()
        if self._events:
            tx.add_events(self._events)
        if self._statuses:
            tx.add_statuses(self._statuses)
        if self._new:
            tx.add_receipts(self._new)

    def _take_steps(self) -> None:
        """Steps that new alerts took as they came in."""
        for step in self._alert_steps:
            self._tx.alert(step.after.no, EVERYWHERE)  # read back, as whoever saves must have
            self._tx.save_alert(step.after)
            self.changes.append(Change("alert", step.after.no, step.after.version))
        self._tx.add_alert_events([step.event for step in self._alert_steps])

    def _enter(self, arrival: Arrival) -> Receipt:
        if isinstance(arrival, IncidentReport):
            return self._open_case(arrival)
        if isinstance(arrival, AlertReport):
            return self._raise_alert(arrival)
        if isinstance(arrival, Bulletin):
            return self._take_bulletin(arrival)
        return self._note_status(arrival)

    def _open_case(self, report: IncidentReport) -> Receipt:
        no = CaseNo(f"{self._today}-{self._take(self._case_counter()):06d}")
        case = self._desk.case_of(report, no, self._now)
        self._cases.append(case)
        self._events.append(_first_event(report, case, self._take("event")))
        self.changes.append(Change("case", no, 1))
        return _receipt(report, "report", no, self._now)

    def _rehearse(self, arrival: Arrival) -> Receipt:
        """The self-probe: a row is written and committed like a case's, and that is a counter's."""
        return _receipt(arrival, "report", f"probe-{self._tx.next(SELF_PROBE, 1)}", self._now)

    def _raise_alert(self, report: AlertReport) -> Receipt:
        alert = self._new_alert(report)
        return _receipt(report, "alert", alert.no, self._now)

    def _new_alert(self, report: AlertReport) -> Alert:
        day = self._today
        alert = Alert(
            AlertNo(f"A{day}-{self._tx.next(f'alert:{day}', 1):04d}"),
            1,
            report.level,
            AlertState.NEW,
            report.origin,
            report.kind,
            report.text,
            report.place,
            report.at,
            report.received_at,
            report.source,
            exercise=report.exercise,
            rule=report.rule,
        )
        self._alerts.append(alert)
        self.changes.append(Change("alert", alert.no, 1))
        return alert

    def _take_bulletin(self, said: Bulletin) -> Receipt:
        filing = BulletinFiling(self._tx, self._now)
        number, spoken = filing.take(said, self._warn)
        self._alert_steps += spoken
        self.changes += filing.changes
        return _receipt(said, "alert", number, self._now)

    def _warn(self, said: Bulletin, replaces: tuple[AlertNo, ...]) -> Alert:
        """The alert that a bulletin becomes, seen in every grid that it touches."""
        told = (said.level, "cap", said.event, said.text, said.place, said.exercise, said.flags)
        report = AlertReport(said.device, said.id, said.fingerprint, said.at, said.received_at, *told)
        alert = self._new_alert(report)
        alert = replace(alert, expires_at=said.expires_at, replaces=replaces, outline=said.outline)
        self._alerts[-1] = alert
        self._reach[alert.no] = said.reach - frozenset(alert.place.grids)
        return alert

    def _note_status(self, report: StatusReport) -> Receipt:
        if report.case is not None:
            self._arrive(report, report.case)
        self._statuses.append(report)
        self.changes.append(Change("worker", report.worker, 0))
        return _receipt(report, "status", "", self._now)

    def _arrive(self, report: StatusReport, no: CaseNo) -> None:
        """A status against a case is committed against it; `on_scene` is the case's arrival."""
        case = self._tx.case(no, EVERYWHERE)
        if case is None or case.worker != report.worker:
            raise NotAllowed("这个案件没有派给该网格员", "case")
        if report.status is not WorkerStatus.ON_SCENE or case.stage is not Stage.DISPATCHED or case.arrived_at:
            return
        actor = Actor(report.worker, Role.WORKER, report.source)
        after, event = advance(case, Action.ARRIVE, {}, actor, self._now)
        self._tx.save_case(after)
        self._events.append(replace(event, seq=self._take("event")))
        self.changes.append(Change("case", after.no, after.version))

    def _case_counter(self) -> str:
        return f"case:{self._today}"

    def _reserve(self, counter: str, count: int) -> None:
        self._free[counter] = self._tx.next(counter, count)
        self._left[counter] = count

    def _take(self, counter: str) -> int:
        if not self._left.get(counter):
            self._reserve(counter, 1)
        number = self._free[counter]
        self._free[counter] += 1
        self._left[counter] -= 1
        return number


def _named(details: Details, *fields: str) -> list[str]:
    return [str(details[name]) for name in fields if details.get(name)]


def _day_of(at: datetime) -> str:
    return at.astimezone(LOCAL).strftime("%Y%m%d")


def _past_number(tx: Transaction, report: IncidentReport) -> CaseNo:
    day = _day_of(report.received_at)
    return CaseNo(f"{day}-{tx.next(f'case:{day}', 1):06d}")


def _first_event(report: IncidentReport, case: Case, seq: int = 0) -> Event:
    by = report.worker or report.source
    return Event(seq, case.no, 1, case.updated_at, by, Role.SYSTEM, Action.REPORT, "", report.source)


def _receipt(arrival: Arrival, kind: str, number: str, at: datetime) -> Receipt:
    grids = () if isinstance(arrival, StatusReport) else arrival.place.grids
    if isinstance(arrival, Bulletin) and not grids:
        grids = arrival.ground  # no grid holds all of it: those it lies in
    flags = () if isinstance(arrival, StatusReport) else arrival.flags
    return Receipt(arrival.source, arrival.id, arrival.fingerprint, kind, number, grids, flags, at)
