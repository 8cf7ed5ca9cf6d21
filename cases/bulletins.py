"""Warnings of other systems (CAP) and the alerts they become: new ones, ones in the place of others, ones taken back.

An update withdraws what it replaces and comes as an alert of its own. Where the replaced one was answered and the new
one is no graver, of the same kind and reaches no further, it carries that answer; else it waits and calls anew.
Only who brought a warning may change it, and an exercise never touches a real one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cases import alerts
from cases.cap.levels import is_graver
from cases.errors import BadAction, NotAllowed, UnknownCode
from cases.model import EVERYWHERE, Actor, Alert, AlertNo, Bulletin, BulletinKind, Role
from cases.ports import Change, Transaction

Raise = Callable[[Bulletin, tuple[AlertNo, ...]], Alert]  # numbers and enters the alert that a bulletin becomes


@dataclass(slots=True)
class BulletinFiling:
    """One bulletin inside one transaction; `changes` are the alerts it touched besides a new one."""

    tx: Transaction
    now: datetime
    changes: list[Change] = field(default_factory=list)

    def take(self, said: Bulletin, raises: Raise) -> tuple[AlertNo, list[alerts.Step]]:
        """The alert that the receipt names, and the steps of the new one. Raises NotAllowed, BadAction, UnknownCode."""
        earlier = self._earlier(said)
        if said.kind is BulletinKind.CANCEL:
            if not earlier:
                raise UnknownCode("没有收到过要解除的预警，请先发送原报文", "references")
            self._withdraw(earlier, said, "发布者已解除")
            return earlier[0].no, []
        before = {alert.no: self.tx.alert_reach(alert.no) for alert in earlier}
        alert = raises(said, tuple(each.no for each in earlier))
        self._withdraw(earlier, said, f"已由 {alert.no} 更新替代")
        spoken = answered(alert, said, earlier, before.values(), self.now)
        return alert.no, [spoken] if spoken else []

    def _earlier(self, said: Bulletin) -> list[Alert]:
        """The alerts of this room that a bulletin speaks of, by number."""
        numbers = {receipt.number for receipt in self.tx.receipts(said.earlier).values() if receipt.number}
        found = [self.tx.alert(AlertNo(no), EVERYWHERE) for no in sorted(numbers)]
        known = [alert for alert in found if alert is not None]
        if any(alert.source != said.device for alert in known):
            raise NotAllowed("只有原来报送该预警的设备可以更新或解除它", "references")
        if any(alert.exercise != said.exercise for alert in known):
            raise BadAction("演练报文不能改动真实预警，真实报文也不能改动演练预警", "status")
        return known

    def _withdraw(self, earlier: Sequence[Alert], said: Bulletin, why: str) -> None:
        sender = Actor(said.source.removeprefix("cap:"), Role.SYSTEM, said.device)
        steps = [alerts.withdrawn(alert, sender, self.now, why) for alert in earlier]
        taken = [step for step in steps if step is not None]
        for step in taken:
            self.tx.save_alert(step.after)
            self.changes.append(Change("alert", step.after.no, step.after.version))
        self.tx.add_alert_events([step.event for step in taken])


def answered(
    alert: Alert, said: Bulletin, earlier: Sequence[Alert], reached: Collection[frozenset[str]], now: datetime
) -> alerts.Step | None:
    """The answer that a new alert carries over from those it replaces; None when it must be answered anew."""
    live = [each for each in earlier if not alerts.is_gone(each)]
    if not live or any(alerts.is_waiting(each, now) for each in live):
        return None
    further = (said.reach | frozenset(alert.place.grids)) - frozenset().union(*reached)
    if further or any(is_graver(alert.level, each.level) or alert.kind != each.kind for each in live):
        return None
    return alerts.carried(alert, live[-1], now)
