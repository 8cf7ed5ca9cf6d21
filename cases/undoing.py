"""Taking one's own last step back: whether it may be, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.errors import IllegalAction
from cases.lifecycle import ACTION_NAMES, find_move, may
from cases.model import Action, Actor, Case, Event
from cases.schemes import SCHEMES


def undo_until(case: Case, last: Event, actor: Actor, now: datetime) -> datetime:
    """The instant until which the actor may take back `last`, the newest event of the case.

    Raises NotAllowed and IllegalAction in words: not in this state, not the actor's own step, told to others, too late.
    """
    may(find_move(case, Action.UNDO), case, actor)
    if last.by != actor.name or last.role is not actor.role:
        raise IllegalAction("最后一步不是您办的，不能撤回", "action")
    scheme, name = SCHEMES[case.scheme], ACTION_NAMES[last.action]
    if not any(move.undo for move in scheme.moves if move.action is last.action) or last.changes.get("worker"):
        raise IllegalAction(f"“{name}”已通知他人，不能撤回", "action")
    until = last.at + timedelta(seconds=scheme.undo_s)
    if now > until:
        raise IllegalAction(f"“{name}”已超过 {scheme.undo_s:g} 秒，不能撤回", "action")
    return until
