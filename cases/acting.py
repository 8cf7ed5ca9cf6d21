"""One action on one case inside one transaction: what it does to other rows, and the events and bells it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cases import mediation, whistles
from cases.calendar import LOCAL
from cases.clocks import Clocks
from cases.errors import BadAction, CaseError, IllegalAction, NotAllowed, StaleCase
from cases.lifecycle import ACTION_NAMES, Details, advance, names_of, told
from cases.mediation import KINDS, HandoffKind
from cases.model import (
    Action,
    Actor,
    Case,
    CaseNo,
    Event,
    Link,
    Role,
    Scope,
    Stage,
    State,
    Task,
    WorkerId,
)
from cases.ports import Change, Transaction
from cases.stages import is_moved, promised_at
from cases.undoing import undo_until

REPEAT_WITHIN = timedelta(days=30)  # after closing, the same complaint is a repeat (domain.md G24)
SUB_TASK = "（子任务）"

About = Mapping[str, object]


@dataclass(slots=True)
class Acting:
    """One person's action at one moment."""

    tx: Transaction
    actor: Actor
    scope: Scope
    now: datetime
    clocks: Clocks
    handoffs: Mapping[str, HandoffKind] = field(default_factory=lambda: KINDS)
    whistle_times: whistles.WhistleTimes = whistles.WhistleTimes()
    changes: list[Change] = field(default_factory=list)
    last_of: dict[CaseNo, Event] = field(default_factory=dict)  # the newest event left on each case

    def act(self, case: Case, action: Action, details: Details, seen: int) -> Case:
        """The case after the action and everything that goes with it; refusals in the contract's order."""
        try:
            after, event = self._step(case, action, details)
        except NotAllowed:
            raise
        except CaseError:
            self._refuse_stale(case, seen)
            raise
        self._refuse_stale(case, seen)
        about: About = {}
        effect = _EFFECTS.get(action)
        if effect is not None:
            after, about = effect(self, case, after, details)
        after = self.clocks.moved(case, after, action, self.now)
        self.leave(case, after, replace(event, about={**event.about, **about}))
        return after

    def leave(self, before: Case, after: Case, event: Event) -> None:
        """Save a case as it now is, with the event that says so, and ring its bell."""
        self.tx.save_case(after)
        if is_moved(before, after, event.action):
            self.tx.save_clocks(self.clocks.stages.follow(self.tx.clocks(after.no), before, after, event.action))
        self.last_of[after.no] = told(replace(event, seq=self.tx.next("event", 1)), before, after)
        self.tx.add_events([self.last_of[after.no]])
        self.changes.append(Change("case", after.no, after.version))

    def _step(self, case: Case, action: Action, details: Details) -> tuple[Case, Event]:
        if action is Action.UNDO:
            return self._undone(case)
        foreign = self.actor.role is Role.UNIT and self.actor.unit != case.unit
        called = {w.unit for w in self.tx.whistles(case.no)} if foreign else ()
        return advance(case, action, details, self.actor, self.now, called)

    def _refuse_stale(self, case: Case, seen: int) -> None:
        if case.version != seen and not self._only_time_passed(case, seen):
            last = self.tx.last_event(case.no)
            raise StaleCase(case.version, last.by if last else "", ACTION_NAMES[last.action] if last else "更新")

    def _only_time_passed(self, case: Case, seen: int) -> bool:
        """Whether nobody did anything since: a light that turned beside a person's hand does not make it stale."""
        missed = [event for event in self.tx.events(case.no) if event.version > seen] if 0 < seen < case.version else []
        return bool(missed) and all(event.action is Action.CLOCK for event in missed)

    def _undone(self, case: Case) -> tuple[Case, Event]:
        """One's own last step taken back: the old values stand again, the event of the step stays."""
        last = self.tx.last_event(case.no)
        if last is None:
            raise IllegalAction("本案还没有可撤回的步骤", "action")
        undo_until(case, last, self.actor, self.now)
        name = ACTION_NAMES[last.action]
        back = replace(case, version=case.version + 1, updated_at=self.now, **last.before)  # type: ignore[arg-type]
        return back, self._event(back, Action.UNDO, f"撤回“{name}”", {"undone": last.version})

    def _event(self, case: Case, action: Action, why: str = "", about: About | None = None) -> Event:
        actor = self.actor
        return Event(
            0, case.no, case.version, self.now, actor.name, actor.role, action, why, actor.origin, about=about or {}
        )

    def _other(self, number: object, but: CaseNo, field: str) -> Case:
        """The other case that an action names; absent and outside the scope look the same."""
        found = self.tx.case(CaseNo(str(number)), self.scope)
        if found is None:
            raise BadAction(f"没有案件 {number}，或不在您的辖区内", field)
        if found.no == but:
            raise BadAction("不能是本案自己", field)
        return found

    def _note_on(self, other: Case, action: Action, about: About, why: str = "") -> None:
        """The other case learns of it: nothing of it changes but its version."""
        after = replace(other, version=other.version + 1, updated_at=self.now)
        self.leave(other, after, self._event(after, action, why, about))

    def _no_open_children(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        if after.is_open:
            return after, {}  # it only waits for approval
        left = [child for child in self.tx.children(case.no) if child.is_open]
        if left:
            raise IllegalAction(f"还有 {len(left)} 个子任务未结：{'、'.join(c.no for c in left)}", "action")
        return after, {}

    def _merge(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        self._void(case, after, details)
        into = self._other(details["into"], case.no, "into")
        if not into.is_open:
            raise BadAction(f"案件 {into.no} 已不在办理中，不能并入", "into")
        self._note_on(into, Action.MERGE, {"merged": case.no})
        return after, {}

    def _unmerge(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        merged = [event for event in self.tx.events(case.no) if event.changes.get("merged_into") is not None]
        was = State(str(merged[-1].before.get("state", State.ACTIVE))) if merged else State.ACTIVE
        into = self.tx.case(CaseNo(str(case.merged_into)), Scope())
        if into is not None:
            self._note_on(into, Action.UNMERGE, {"unmerged": case.no})
        return replace(after, state=was), {}

    def _link(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        other = self._other(details["to"], case.no, "to")
        kind = str(details.get("kind") or "related")
        if kind not in ("related", "repeat"):
            raise BadAction("关联的种类须是 related（相关）或 repeat（重复）", "kind")
        return after, self._tie(case, other, kind)

    def _tie(self, case: Case, other: Case, kind: str) -> About:
        first, second = sorted((case.no, other.no))
        if any((link.case, link.other, link.kind) == (first, second, kind) for link in self.tx.links(case.no)):
            raise IllegalAction(f"本案与 {other.no} 已经关联", "action")
        self.tx.add_links([Link(first, second, kind, self.now, self.actor.name)])
        self._note_on(other, Action.LINK, {"to": case.no, "kind": kind})
        return {"to": other.no, "kind": kind}

    def _reopen(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        """A repeat within thirty days of the closing may be what reopens a case; the two are tied."""
        if not details.get("repeat"):
            return after, {}
        repeat = self._other(details["repeat"], case.no, "repeat")
        if case.closed_at is None or repeat.received_at - case.closed_at > REPEAT_WITHIN:
            raise BadAction(f"重复件须在结案后 {REPEAT_WITHIN.days} 天内收到", "repeat")
        return after, self._tie(case, repeat, "repeat")

    def _split(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        units = [unit for unit in names_of(details["units"]) if unit != details["lead"]]
        running = {child.unit for child in self.tx.children(case.no) if child.is_open}
        twice = [unit for unit in units if unit in running]
        if twice:
            raise BadAction(f"{'、'.join(twice)}已有未结的子任务", "units")
        day = self.now.astimezone(LOCAL).strftime("%Y%m%d")
        first = self.tx.next(f"case:{day}", len(units))
        children = [self._child(after, CaseNo(f"{day}-{first + n:06d}"), unit) for n, unit in enumerate(units)]
        self.tx.add_cases(children)
        self.tx.save_clocks([clock for child in children for clock in self.clocks.stages.start(child)])
        seq = self.tx.next("event", len(children))
        born = [self._event(child, Action.SPLIT, about={"parent": case.no}) for child in children]
        self.tx.add_events([replace(event, seq=seq + n) for n, event in enumerate(born)])
        self.changes += [Change("case", child.no, 1) for child in children]
        return after, {"children": [child.no for child in children], "lead": details["lead"]}

    def _child(self, parent: Case, no: CaseNo, unit: str) -> Case:
        """A sub-task: the same matter and deadline, one unit, its own road from 派遣 on."""
        return replace(
            parent,
            no=no,
            version=1,
            title=parent.title[: 200 - len(SUB_TASK)] + SUB_TASK,
            parent=parent.no,
            unit=unit,
            worker=None,
            stage=Stage.DISPATCHED,
            state=State.ACTIVE,
            received_at=self.now,
            updated_at=self.now,
            accepted_at=self.now,
            dispatched_at=self.now,
            **dict.fromkeys(("signed_at", "arrived_at", "pending", "handler", "outcome", "score"), None),  # type: ignore[arg-type]
            failed_mediations=0,
            reopened=0,
        )

    def _whistle(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        so_far = self.tx.whistles(case.no)
        called = whistles.call(after, details, self.actor, self.now, so_far, self.whistle_times)
        self.tx.save_whistles(called)
        first = called[0]
        times = {"answer_by": first.answer_by.isoformat(), "arrive_by": first.arrive_by.isoformat()}
        return after, {"units": [whistle.unit for whistle in called], **times}

    def _answer(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        unit = self._unit_meant(details)
        answered = whistles.answer(
            self.tx.whistles(case.no), unit, str(details.get("text") or ""), self.actor, self.now
        )
        self.tx.save_whistles([answered])
        return after, {"unit": unit}

    def _arrive(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        """The arrival of a whistled unit is its own; the case's own unit arrives on the case."""
        unit = self._unit_meant(details) if self.actor.role is Role.UNIT or details.get("unit") else case.unit
        if case.stage is Stage.DISPATCHED and unit in (case.unit, None):
            return after, {}
        there = whistles.arrive(self.tx.whistles(case.no), str(unit or ""), self.actor, self.now)
        self.tx.save_whistles([there])
        return replace(after, arrived_at=case.arrived_at), {"unit": unit}

    def _mediate(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        tried = mediation.attempt(after, details, self.actor, self.now)
        self.tx.add_mediations([tried])
        return after, {"kind": tried.kind, "result": tried.result}

    def _hand_off(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        out = mediation.hand_out(after, details, self.actor, self.now, self.clocks.calendar, self.handoffs)
        self.tx.save_handoffs([out])
        return after, {"kind": out.kind}

    def _hand_back(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        back = mediation.take_back(self.tx.handoffs(case.no), str(details["text"]), self.actor, self.now)
        self.tx.save_handoffs([back])
        return after, {"kind": back.kind}

    def _prolong(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        longer = mediation.prolong(self.tx.handoffs(case.no), self.clocks.calendar, self.handoffs)
        self.tx.save_handoffs([longer])
        return after, {"kind": longer.kind, "due_at": longer.due_at.isoformat() if longer.due_at else ""}

    def _promise(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        """不能当场答复的，作出承诺 (G14): an instant, or so many working days; another one only with a reason."""
        if case.promised_at is not None and not details.get("reason"):
            raise BadAction("已有承诺，更改需填写“理由”", "reason")
        return replace(after, promised_at=promised_at(details["by"], self.now, self.clocks.calendar)), {}

    def _not_out(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        if mediation.is_out(self.tx.handoffs(case.no)):
            raise IllegalAction("案件正在对接单位办理，须先回传", "action")
        return after, {}

    def _void(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        self._not_out(case, after, details)
        return self._no_open_children(case, after, details)

    def _unit_meant(self, details: Details) -> str:
        """The actor's own unit; the seat names the one it heard from."""
        unit = self.actor.unit if self.actor.role is Role.UNIT else details.get("unit")
        if not unit:
            raise BadAction("请指明是哪个单位", "unit")
        return str(unit)

    def _send_task(self, case: Case, after: Case, details: Details) -> tuple[Case, About]:
        """A case given to a worker is a task for the worker's device (protocol.md §1)."""
        if after.worker is not None:
            place = after.place
            number, worker = f"T{after.no}-{after.version}", WorkerId(after.worker)
            what = (after.title, after.text, place.lon, place.lat, self.actor.name, self.now)
            self.tx.add_tasks([Task(number, after.no, after.version, worker, *what)])
            self.changes.append(Change("task", after.worker, after.version))
        return after, {}


_Effect = Callable[[Acting, Case, Case, Details], tuple[Case, About]]

_EFFECTS: Mapping[Action, _Effect] = {
    Action.DISPATCH: Acting._send_task,
    Action.TRANSFER: Acting._send_task,
    Action.CLOSE: Acting._no_open_children,
    Action.VOID: Acting._void,
    Action.APPROVE: Acting._no_open_children,
    Action.RESUME: Acting._not_out,
    Action.MEDIATE: Acting._mediate,
    Action.HAND_OFF: Acting._hand_off,
    Action.HAND_BACK: Acting._hand_back,
    Action.PROLONG: Acting._prolong,
    Action.PROMISE: Acting._promise,
    Action.MERGE: Acting._merge,
    Action.UNMERGE: Acting._unmerge,
    Action.LINK: Acting._link,
    Action.REOPEN: Acting._reopen,
    Action.SPLIT: Acting._split,
    Action.WHISTLE: Acting._whistle,
    Action.ANSWER: Acting._answer,
    Action.ARRIVE: Acting._arrive,
}
