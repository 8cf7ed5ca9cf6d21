"""No scheme needs a detail that its action would not take."""

from __future__ import annotations

import pytest

from cases.particulars import taken_by
from cases.schemes import SCHEMES


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
def test_what_a_move_needs_it_takes(scheme: object) -> None:
    moves = SCHEMES[scheme.code].moves  # type: ignore[attr-defined]
    assert {(m.action, need) for m in moves for need in m.needs if need not in taken_by(m.action)} == set()
