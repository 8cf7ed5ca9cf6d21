"""Webhooks in SQL: subscriptions with their cursors, what they have yet to be told, what could not be delivered.

Nothing is written when something happens but the alerts' own order (`alert_changes`): events are read from the record.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cases.model import AlertNo
from cases.webhooks import Notice, Passed, Subscription, SubscriptionState, Unsent, of_alert, of_case
from storage.engine import Engine
from storage.instants import instant, micros
from storage.rows import alert_event_of, alert_of, case_of, codes_of, codes_to_json, event_of
from storage.tables import alert_changes, alert_events, alert_grids, alerts, cases, events, webhook_dead, webhooks

BATCH = 50


@dataclass(frozen=True, slots=True)
class SqlWebhooks:
    """A `cases.webhooks.Webhooks`, and the courier's book. Every method raises StoreUnavailable."""

    engine: Engine
    public_url: str = ""

    # people's side ------------------------------------------------------------------------------------------------

    def add(self, name: str, url: str, kinds: Sequence[str], area: str, salt: str, now: datetime) -> bool:
        """Enter a subscription that is told what happens from now on; False when there is one of that name."""
        with self.engine.write() as connection:
            if connection.execute(sa.select(webhooks.c.name).where(webhooks.c.name == name)).first():
                return False
            case_seq, alert_seq = (_newest(connection, each) for each in (events, alert_changes))
            row = {"name": name, "url": url, "events": codes_to_json(tuple(kinds)), "area": area, "salt": salt}
            begin = {"made_at": micros(now), "paused": 0, "case_seq": case_seq, "alert_seq": alert_seq}
            rest = {"tries": 0, "delivered": 0, "last_error": "", "edition": 0}
            connection.execute(webhooks.insert().values(**row, **begin, **rest))
        return True

    def all(self) -> list[Subscription]:
        """Every subscription, by name."""
        with self.engine.read() as connection:
            return [_subscription(row) for row in connection.execute(sa.select(webhooks).order_by(webhooks.c.name))]

    def states(self) -> list[SubscriptionState]:
        """Every subscription by name, with what waits behind its cursor and its dead letters."""
        counted = sa.select(webhook_dead.c.name, sa.func.count()).group_by(webhook_dead.c.name)
        with self.engine.read() as connection:
            rows = connection.execute(sa.select(webhooks).order_by(webhooks.c.name)).all()
            dead = {row[0]: row[1] for row in connection.execute(counted)}
            ends = [_newest(connection, each) for each in (events, alert_changes)]
        found = [_subscription(row) for row in rows]
        behind = [max(0, ends[0] - each.case_seq) + max(0, ends[1] - each.alert_seq) for each in found]
        return [SubscriptionState(s, lag, dead.get(s.name, 0)) for s, lag in zip(found, behind, strict=True)]

    def pause(self, name: str, *, paused: bool) -> bool:
        """Stop or go on; what happens meanwhile is told later. False when there is none of that name."""
        return self._change(name, paused=int(paused), tries=0, next_at=None)

    def rotate(self, name: str, salt: str, old_until: datetime) -> bool:
        """Sign by another secret, and by the one before as well until then; False when there is none of that name."""
        return self._change(name, old_salt=webhooks.c.salt, salt=salt, old_until=micros(old_until))

    def remove(self, name: str) -> bool:
        """Forget a subscription and its dead letters; False when there is none of that name."""
        with self.engine.write() as connection:
            connection.execute(webhook_dead.delete().where(webhook_dead.c.name == name))
            return connection.execute(webhooks.delete().where(webhooks.c.name == name)).rowcount > 0

    def dead(self, name: str) -> list[Unsent]:
        """What could not be delivered, oldest first."""
        mine = sa.select(webhook_dead).where(webhook_dead.c.name == name)
        with self.engine.read() as connection:
            rows = connection.execute(mine.order_by(webhook_dead.c.at, webhook_dead.c.seq)).all()
        return [Unsent(row.stream, row.seq, row.tries, row.why, instant(row.at)) for row in rows]

    def replay(self, name: str) -> int:
        """Let every dead letter be tried again, beside the order of what is new; how many there are."""
        with self.engine.write() as connection:
            mine = webhook_dead.c.name == name
            return connection.execute(webhook_dead.update().where(mine).values(again=1)).rowcount

    def rewind(self, name: str, since: datetime) -> bool:
        """Tell everything since an instant once more, in order; False when there is no such subscription."""
        first = [sa.select(sa.func.max(events.c.seq)).where(events.c.at < micros(since)), _alerts_before(since)]
        with self.engine.read() as connection:
            case_seq, alert_seq = (connection.execute(each).scalar() or 0 for each in first)
        return self._change(name, case_seq=case_seq, alert_seq=alert_seq, tries=0, next_at=None)

    def _change(self, name: str, **values: object) -> bool:
        """A person's change; whatever the courier has in hand for the older edition is then not kept."""
        change = webhooks.update().where(webhooks.c.name == name)
        with self.engine.write() as connection:
            return connection.execute(change.values(edition=webhooks.c.edition + 1, **values)).rowcount > 0

    # the courier's side -------------------------------------------------------------------------------------------

    def waiting(self, subscription: Subscription, most: int = BATCH) -> list[Passed]:
        """The next events behind its cursors, oldest first, each case's and each alert's in their own order."""
        with self.engine.read() as connection:
            streams = [
                self._cases(connection, subscription, events.c.seq > subscription.case_seq, most),
                self._alerts(connection, subscription, alert_changes.c.seq > subscription.alert_seq, most),
            ]
        merged = list(heapq.merge(*streams, key=lambda each: each.at))
        # What comes later in one stream may come after what was not read of the other.
        ends = [merged.index(stream[-1]) for stream in streams if len(stream) == most]
        return merged[: min(ends) + 1] if ends else merged

    def again(self, subscription: Subscription, most: int = BATCH) -> list[Notice]:
        """Dead letters that a person asked to try again, oldest first."""
        asked = sa.and_(webhook_dead.c.name == subscription.name, webhook_dead.c.again == 1)
        with self.engine.read() as connection:
            rows = connection.execute(
                sa.select(webhook_dead).where(asked).order_by(webhook_dead.c.at).limit(most)
            ).all()
            found: list[Passed] = []
            for row in rows:
                if row.stream == "case":
                    found += self._cases(connection, subscription, events.c.seq == row.seq, 1)
                else:
                    found += self._alerts(connection, subscription, alert_changes.c.seq == row.seq, 1)
        return [each.notice for each in found if each.notice is not None]

    def keep(self, after: Subscription) -> bool:
        """Write how far a subscription is; False when a person changed it meanwhile, and nothing is written."""
        values = {name: getattr(after, name) for name in ("case_seq", "alert_seq", "tries", "delivered", "last_error")}
        values |= {"next_at": micros(after.next_at), "last_at": micros(after.last_at), "paused": int(after.paused)}
        mine = sa.and_(webhooks.c.name == after.name, webhooks.c.edition == after.edition)
        with self.engine.write() as connection:
            return connection.execute(webhooks.update().where(mine).values(**values)).rowcount > 0

    def bury(self, name: str, unsent: Unsent) -> None:
        """Keep what is given up; one that was buried before says its newest reason and waits for a person again."""
        with self.engine.write() as connection:
            connection.execute(webhook_dead.delete().where(*_letter(name, unsent.stream, unsent.seq)))
            row = {"stream": unsent.stream, "seq": unsent.seq, "tries": unsent.tries, "why": unsent.why}
            connection.execute(webhook_dead.insert().values(name=name, **row, at=micros(unsent.at), again=0))

    def unbury(self, name: str, notice: Notice) -> None:
        """Forget a dead letter that was delivered."""
        with self.engine.write() as connection:
            connection.execute(webhook_dead.delete().where(*_letter(name, notice.stream, notice.seq)))

    def _cases(
        self, connection: sa.Connection, subscription: Subscription, which: sa.ColumnElement[bool], most: int
    ) -> list[Passed]:
        query = sa.select(events, *cases.columns).join(cases, cases.c.id == events.c.case_id).where(which)
        width, found = len(events.columns), []
        for row in connection.execute(query.order_by(events.c.seq).limit(most)):
            event, case = event_of(row[:width]), case_of(row[width:])
            told = subscription.wants(f"case.{event.action.value}", case.grids)
            notice = of_case(event, case, self.public_url) if told else None
            found.append(Passed("case", event.seq, event.at, notice))
        return found

    def _alerts(
        self, connection: sa.Connection, subscription: Subscription, which: sa.ColumnElement[bool], most: int
    ) -> list[Passed]:
        changes, steps = alert_changes, alert_events
        same = sa.and_(steps.c.alert == changes.c.alert, steps.c.version == changes.c.version)
        query = sa.select(changes.c.seq, *alerts.columns, *steps.columns)
        query = query.join(alerts, alerts.c.no == changes.c.alert).outerjoin(steps, same).where(which)
        width, found = len(alerts.columns) + 1, []
        for row in connection.execute(query.order_by(changes.c.seq).limit(most)).all():
            alert = alert_of(row[1:width])
            step = alert_event_of(row[width:]) if row[width] is not None else None
            notice = of_alert(row[0], alert, step, _reach(connection, alert.no), self.public_url)
            told = subscription.wants(notice.kind, notice.told["alert"]["grids"])  # type: ignore[index]
            found.append(Passed("alert", row[0], notice.at, notice if told else None))
        return found


def _newest(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.max(table.c.seq))).scalar() or 0


def _alerts_before(since: datetime) -> sa.Select[Any]:
    """The last change of an alert before an instant."""
    changes, steps = alert_changes, alert_events
    same = sa.and_(steps.c.alert == changes.c.alert, steps.c.version == changes.c.version)
    at = sa.func.coalesce(steps.c.at, alerts.c.received_at)
    joined = changes.join(alerts, alerts.c.no == changes.c.alert).outerjoin(steps, same)
    return sa.select(sa.func.max(changes.c.seq)).select_from(joined).where(at < micros(since))


def _reach(connection: sa.Connection, no: AlertNo) -> list[str]:
    return list(connection.execute(sa.select(alert_grids.c.code).where(alert_grids.c.alert == no)).scalars())


def _letter(name: str, stream: str, seq: int) -> tuple[sa.ColumnElement[bool], ...]:
    return webhook_dead.c.name == name, webhook_dead.c.stream == stream, webhook_dead.c.seq == seq


def _subscription(row: sa.Row[Any]) -> Subscription:
    return Subscription(
        row.name,
        row.url,
        codes_of(row.events),
        row.area,
        row.salt,
        instant(row.made_at),
        bool(row.paused),
        row.case_seq,
        row.alert_seq,
        row.tries,
        instant(row.next_at),
        row.delivered,
        instant(row.last_at),
        row.last_error,
        row.edition,
        row.old_salt or "",
        instant(row.old_until),
    )
