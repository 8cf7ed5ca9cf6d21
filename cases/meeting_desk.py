"""The door through which meetings and their decisions change: load, apply one rule, save, ring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cases import decisions, meetings
from cases.agenda import Matters, propose
from cases.calendar import LOCAL, WorkCalendar
from cases.decisions import Answerable, Decision
from cases.errors import IllegalAction, UnknownCase
from cases.lifecycle import told
from cases.meetings import Meeting, MeetingKind
from cases.model import Account, Action, CaseNo, Event, Scope
from cases.ports import Change, Tell
from cases.ports.meetings import Meetings, MeetingTransaction


class UnknownMeeting(UnknownCase):
    """A meeting or decision that is absent or not in the area."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.msg = "没有这次会议或这项任务，或不在您的辖区内"


@dataclass(frozen=True, slots=True)
class MeetingDesk:
    """Keeps nothing between calls; a meeting that is closed never changes again."""

    store: Meetings
    calendar: WorkCalendar
    tell: Tell

    # the meeting ----------------------------------------------------------------------------------------------

    def open(self, kind: MeetingKind, by_grid: Mapping[str, Matters], chair: Account, now: datetime) -> Meeting:
        """Begin a meeting with the proposed agenda; nobody is called yet. Raises NotAllowed, IllegalAction."""
        decisions.refuse_who_cannot_chair(chair)
        day = _day(now)
        with self.store.transaction() as tx:
            if tx.open_meeting(chair.area) is not None:
                raise IllegalAction("本辖区已有会议正在进行，请先结束", "action")
            no = f"M{day}-{tx.next(f'meeting:{day}', 1):02d}"
            agenda = propose(kind.agenda, by_grid, now)
            meeting = Meeting(no, 1, kind.id, chair.area, chair.name, now, agenda)
            tx.save_meeting(meeting)
        self.tell([Change("meeting", no, 1)])
        return meeting

    def call(self, no: str, grid: str, chair: Account) -> Meeting:
        """Call a grid. Raises UnknownMeeting, NotAllowed, IllegalAction, BadAction."""
        return self._change(no, chair, lambda meeting: meetings.call(meeting, grid))

    def show(self, no: str, case: str, chair: Account) -> Meeting:
        """Put a case on the second screen. Raises UnknownMeeting, NotAllowed, IllegalAction."""
        return self._change(no, chair, lambda meeting: meetings.show(meeting, case))

    def reorder(self, no: str, grid: str, by: int, chair: Account) -> Meeting:
        """Move a grid in the agenda. Raises UnknownMeeting, NotAllowed, IllegalAction, BadAction."""
        return self._change(no, chair, lambda meeting: meetings.reorder(meeting, grid, by))

    def note_presence(self, no: str, who: str, presence: str, chair: Account) -> Meeting:
        """Say how a grid or unit came. Raises UnknownMeeting, NotAllowed, IllegalAction, BadAction."""
        return self._change(no, chair, lambda meeting: meetings.note_presence(meeting, who, presence))

    def close(self, no: str, chair: Account, now: datetime) -> Meeting:
        """End a meeting. Raises UnknownMeeting, NotAllowed, IllegalAction."""
        return self._change(no, chair, lambda meeting: meetings.close(meeting, chair, now))

    def _change(self, no: str, chair: Account, change: Callable[[Meeting], Meeting]) -> Meeting:
        decisions.refuse_who_cannot_chair(chair)
        with self.store.transaction() as tx:
            after = change(self._meeting(tx, no, chair))
            tx.save_meeting(after)
        self.tell([Change("meeting", no, after.version)])
        return after

    def _meeting(self, tx: MeetingTransaction, no: str, chair: Account) -> Meeting:
        meeting = tx.meeting(no)
        if meeting is None or meeting.area != chair.area:
            raise UnknownMeeting(no)
        return meeting

    # its decisions --------------------------------------------------------------------------------------------

    def decide(
        self,
        no: str,
        line: str,
        case: str,
        known: Sequence[Answerable],
        chair: Account,
        scope: Scope,
        now: datetime,
    ) -> Decision:
        """Make a line a task of the called grid, and of a case where one is named: its story then says so.

        Raises UnknownMeeting, UnknownCase, NotAllowed, IllegalAction, BadAction.
        """
        said = decisions.read_line(line, known, self.calendar, now)
        day = _day(now)
        with self.store.transaction() as tx:
            meeting = self._meeting(tx, no, chair)
            if not meeting.is_open:
                raise IllegalAction("会议已结束", "action")
            number = f"D{day}-{tx.next(f'decision:{day}', 1):03d}"
            about = CaseNo(case) if case else None
            made = decisions.decide(number, no, meeting.area, meeting.called, about, said, chair, now)
            changes = [self._note(tx, about, made, chair, scope, now)] if about else []
            tx.save_decision(made)
        self.tell([*changes, Change("decision", number, 1)])
        return made

    def _note(
        self, tx: MeetingTransaction, no: CaseNo, made: Decision, chair: Account, scope: Scope, now: datetime
    ) -> Change:
        case = tx.case(no, scope)
        if case is None:
            raise UnknownCase(no)
        after = replace(case, version=case.version + 1, updated_at=now)
        due = made.due_at.astimezone(LOCAL).strftime("%m-%d %H:%M")
        why = f"会议议定 {made.no}：{made.who} 办 {made.text}，{due} 前"
        about = {"decision": made.no, "unit": made.unit or made.who_grid}
        event = Event(tx.next("event", 1), case.no, after.version, now, chair.name, chair.role, Action.NOTE, why)
        tx.save_case(after)
        tx.add_events([told(replace(event, origin="meeting", about=about), case, after)])
        return Change("case", case.no, after.version)

    def finish(self, no: str, account: Account, result: str, now: datetime) -> Decision:
        """Say that a task is done. Raises UnknownMeeting, NotAllowed, IllegalAction, BadAction."""
        return self._judge(no, lambda one: decisions.finish(one, account, result, now))

    def verify(self, no: str, account: Account, now: datetime) -> Decision:
        """Find a task done. Raises UnknownMeeting, NotAllowed, IllegalAction."""
        return self._judge(no, lambda one: decisions.verify(one, account, now), account)

    def send_back(self, no: str, account: Account, now: datetime) -> Decision:
        """Find a task not done. Raises UnknownMeeting, NotAllowed, IllegalAction."""
        return self._judge(no, lambda one: decisions.send_back(one, account, now), account)

    def _judge(self, no: str, change: Callable[[Decision], Decision], judge: Account | None = None) -> Decision:
        with self.store.transaction() as tx:
            before = tx.decision(no)
            if before is None or (judge is not None and judge.area not in ("", before.area)):
                raise UnknownMeeting(no)
            after = change(before)
            tx.save_decision(after)
        self.tell([Change("decision", no, after.version)])
        return after


def _day(now: datetime) -> str:
    return now.astimezone(LOCAL).strftime("%Y%m%d")
