"""What a role may see: one scope and one audience an account, made once per request."""

from __future__ import annotations

from collections.abc import Collection

from cases.model import Account, Role, Scope
from dashboard.picture import Audience

REVEALING = frozenset({Role.DUTY, Role.LEADER})  # the seats that call people back; everybody else sees masks


def scope_of(account: Account) -> Scope:
    """The account's area and mask profile as every query takes it."""
    return Scope(account.area, account.name, account.role in REVEALING)


def audience_of(account: Account, with_unplaced: Collection[str] = ()) -> Audience:
    """The audience whose live picture this account shares.

    One of an area that has open 待定 cases of its own (`with_unplaced` names such accounts) is an audience by itself.
    """
    own = account.name if account.area and account.name in with_unplaced else ""
    return Audience(account.area, account.role in REVEALING, account.visitor, own)
