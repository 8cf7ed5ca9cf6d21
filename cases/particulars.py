"""Which details each action takes; any other is refused: a misspelt name must never pass for a detail left out."""

from __future__ import annotations

from collections.abc import Mapping

from cases.model import Action

WORDS = frozenset({"reason", "text"})
"""Why, in words: every action takes them, and they stand in its event."""

BESIDES: Mapping[Action, frozenset[str]] = {
    Action.DISPATCH: frozenset({"unit", "worker"}),
    Action.TRANSFER: frozenset({"unit", "worker"}),
    Action.CLOSE: frozenset({"outcome"}),
    Action.EVALUATE: frozenset({"score"}),
    Action.EXTEND: frozenset({"days"}),
    Action.REOPEN: frozenset({"repeat"}),
    Action.MERGE: frozenset({"into"}),
    Action.LINK: frozenset({"to", "kind"}),
    Action.SPLIT: frozenset({"units", "lead"}),
    Action.WHISTLE: frozenset({"units", "answer_by", "arrive_by"}),
    Action.ANSWER: frozenset({"unit"}),
    Action.ARRIVE: frozenset({"unit"}),
    Action.MEDIATE: frozenset({"result", "kind", "mediator"}),
    Action.HAND_OFF: frozenset({"kind"}),
    Action.PROMISE: frozenset({"by"}),
    Action.ASSESS: frozenset({"risk"}),
}
"""What an action takes besides words."""


def taken_by(action: Action) -> frozenset[str]:
    """The names of every detail an action takes."""
    return WORDS | BESIDES.get(action, frozenset())
