"""The menu shows a role only what it may open."""

from __future__ import annotations

import pytest

from cases.model import Role
from dashboard import pages
from dashboard.callbacks import STAFF
from dashboard.components import menu
from dashboard.reports import door


@pytest.mark.parametrize("role", sorted(STAFF))
def test_every_entry_that_a_role_sees_opens_for_it(role: Role) -> None:
    for href, name in menu.ENTRIES:
        found = pages.find(href)
        allowed = found[0].ROLES if found else door.READERS
        assert (role in allowed) == (role not in menu.NOT_FOR.get(href, ())), (role, name)
