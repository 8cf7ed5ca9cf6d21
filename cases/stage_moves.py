"""Which step takes a case to a stage: what a card dropped on a column of the board means."""

from __future__ import annotations

from cases.errors import CaseError, IllegalAction, NotAllowed
from cases.lifecycle import STATE_NAMES, find_move, may
from cases.model import Actor, Case, Stage, State
from cases.schemes import SCHEMES, Move


def move_to(case: Case, stage: Stage, actor: Actor) -> Move:
    """The first row of the scheme's table that leads the case there and that the actor may take.

    Raises NotAllowed where only others may, IllegalAction with the stages that can be reached where no row leads.
    """
    scheme = SCHEMES[case.scheme]
    refusal: CaseError | None = None
    for move in _leading(case, stage):
        try:
            may(find_move(case, move.action), case, actor)
        except (NotAllowed, IllegalAction) as problem:
            refusal = refusal or problem
        else:
            return move
    if refusal is not None:
        raise refusal
    here = scheme.step_name(case) + ("" if case.state is State.ACTIVE else f"·{STATE_NAMES[case.state]}")
    onward = [scheme.stage_name(each) for each in Stage if each is not case.stage and _leading(case, each)]
    can = f"；可以到：{'、'.join(onward)}" if onward else "，此刻不能移动"
    raise IllegalAction(f"案件在“{here}”，不能直接到“{scheme.stage_name(stage)}”{can}", "action")


def _leading(case: Case, stage: Stage) -> list[Move]:
    """The rows from where the case is to a stage, in the table's order; a split opens other cases and is left out."""
    moves = SCHEMES[case.scheme].moves
    fitting = [m for m in moves if m.to is stage and case.stage in m.stages and case.state in m.states]
    return [move for move in fitting if "units" not in move.needs]
