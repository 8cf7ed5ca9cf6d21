"""The courier: takes each subscription's events from the record in order, posts, and keeps how far it came.

A subscription has a thread of its own while it posts, so a slow receiver costs only itself. What fails waits at the
head, longer each time; what is given up is a dead letter, and the next event has its turn. A crash repeats at most what
was delivered since the cursor was kept last, a few seconds of it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from cases.errors import StoreUnavailable
from cases.ports import Clock
from cases.webhooks import (
    GONE,
    Notice,
    Passed,
    Subscription,
    Unsent,
    headers_of,
    is_hopeless,
    wait_after,
)
from feeds.webhooks.post import Outcome

log = logging.getLogger("feeds.webhooks")

EVERY_S = 1.0
LONGEST_BATCH = timedelta(seconds=3)  # before the cursor is kept

Send = Callable[[str, dict[str, str], bytes], Outcome]


class Book(Protocol):
    """The subscriptions and what they have yet to be told (storage.webhooks). Blocking."""

    def all(self) -> Sequence[Subscription]:
        """Every subscription."""

    def waiting(self, subscription: Subscription) -> Sequence[Passed]:
        """The next events behind its cursors, in order."""

    def again(self, subscription: Subscription) -> Sequence[Notice]:
        """Dead letters that a person asked to try again."""

    def keep(self, after: Subscription) -> bool:
        """Write how far it is; False when a person changed it meanwhile."""

    def bury(self, name: str, unsent: Unsent) -> None:
        """Keep what is given up."""

    def unbury(self, name: str, notice: Notice) -> None:
        """Forget a dead letter that was delivered."""


@dataclass(slots=True)
class Courier:
    """Delivers for all subscriptions; `secrets` gives those that sign for one now."""

    book: Book
    send: Send
    secrets: Callable[[Subscription, datetime], Sequence[str]]
    now: Clock
    chance: Callable[[], float] = random.random
    _busy: dict[str, threading.Thread] = field(default_factory=dict)
    _stopped: bool = False

    async def run(self, leads: Callable[[], bool]) -> None:
        """Until cancelled, while this process leads: give every subscription its turn, each in a thread of its own."""
        try:
            while True:
                await asyncio.to_thread(self.look, leads)
                await asyncio.sleep(EVERY_S)
        finally:
            self._stopped = True

    def look(self, leads: Callable[[], bool]) -> None:
        """Begin a turn for whoever has none running. Blocking, but for no receiver."""
        try:
            found = self.book.all() if leads() else ()
        except StoreUnavailable as problem:
            log.warning("webhooks wait for the store: %s", problem)
            return
        self._busy = {name: turn for name, turn in self._busy.items() if turn.is_alive()}
        for each in found:
            if each.name not in self._busy and not each.paused:
                turn = threading.Thread(target=self.turn, args=(each,), name=f"webhook-{each.name}", daemon=True)
                self._busy[each.name] = turn
                turn.start()

    def turn(self, subscription: Subscription) -> None:
        """One subscription's turn: what a person wants tried again, then what is new until one fails. Blocking."""
        try:
            self._try_again(subscription)
            if subscription.next_at is None or subscription.next_at <= self.now():
                while self._batch(subscription) and not self._stopped:
                    subscription = next(each for each in self.book.all() if each.name == subscription.name)
        except (StoreUnavailable, StopIteration) as problem:
            log.warning("webhook %s waits: %s", subscription.name, problem)
        except Exception:  # one subscription may not stop the others
            log.exception("webhook %s", subscription.name)

    def _batch(self, before: Subscription) -> bool:
        """Deliver the next events; whether there may be more to deliver at once."""
        after, until = before, self.now() + LONGEST_BATCH
        for each in self.book.waiting(before):
            if self._stopped or self.now() > until:
                break
            outcome = self._post(after, each.notice) if each.notice is not None else None
            if outcome is not None and not outcome.is_taken:
                after = self._failed(after, each, outcome)
                break
            after = _past(after, each)
            if outcome is not None:
                after = replace(after, delivered=after.delivered + 1, last_at=self.now())
                after = replace(after, tries=0, next_at=None, last_error="")
        moved = (after.case_seq, after.alert_seq) != (before.case_seq, before.alert_seq)
        return after != before and self.book.keep(after) and moved and after.next_at is None and not after.paused

    def _failed(self, before: Subscription, each: Passed, outcome: Outcome) -> Subscription:
        """The subscription after a try that failed: it waits, or the notice is buried and the next one may be tried.

        Who says that he is gone is not written to again until a person lets us (`resume`), and has missed nothing.
        """
        tries, now = before.tries + 1, self.now()
        if outcome.status == GONE:
            log.warning("webhook %s says that it is gone: paused", before.name)
            return replace(before, paused=True, tries=0, next_at=None, last_error="对方已不再接收（410），已暂停")
        waits = now + wait_after(tries, self.chance(), outcome.retry_after)
        if not is_hopeless(tries, outcome.status):
            return replace(before, tries=tries, next_at=waits, last_error=outcome.why)
        self.book.bury(before.name, Unsent(each.stream, each.seq, tries, outcome.why, now))
        pause = timedelta(0) if 400 <= outcome.status < 500 else waits - now
        return replace(_past(before, each), tries=0, next_at=now + pause, last_error=outcome.why)

    def _try_again(self, subscription: Subscription) -> None:
        for notice in self.book.again(subscription):
            outcome = self._post(subscription, notice)
            if outcome.is_taken:
                self.book.unbury(subscription.name, notice)
            else:
                self.book.bury(subscription.name, Unsent(notice.stream, notice.seq, 1, outcome.why, self.now()))

    def _post(self, subscription: Subscription, notice: Notice) -> Outcome:
        body = notice.body(subscription.name)
        id_ = f"{subscription.name}-{notice.stream}-{notice.seq}"
        now = self.now()
        return self.send(subscription.url, headers_of(self.secrets(subscription, now), id_, now, body), body)


def trial(at: datetime) -> Notice:
    """What `webhook test` sends: a notice of nothing, by which a receiver can try its check of the signature."""
    return Notice("test", 0, "room.test", at, {"exercise": True})


def _past(subscription: Subscription, each: Passed) -> Subscription:
    """The subscription with its cursor behind an event."""
    if each.stream == "case":
        return replace(subscription, case_seq=each.seq)
    return replace(subscription, alert_seq=each.seq)
