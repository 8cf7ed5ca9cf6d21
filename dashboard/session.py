"""Who is looking: the guard sets it once per request, pages and callbacks read it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from cases.model import Account, Actor, Scope


@dataclass(frozen=True, slots=True)
class Visit:
    """One request's account and what it may see; made by the access guard from the session, never by a page."""

    account: Account
    scope: Scope

    @property
    def actor(self) -> Actor:
        """The same person as the desk knows them."""
        return Actor(self.account.name, self.account.role, "screen", self.account.unit)


CURRENT: ContextVar[Visit] = ContextVar("visit")


def visit() -> Visit:
    """The visit of the running request; LookupError outside one (then the guard was not in the way: a bug)."""
    return CURRENT.get()
