"""From posted messages to committed answers: the same work in intake, in the gateway's fallback and over HTTP."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from cases.desk import Desk
from cases.errors import StoreUnavailable
from cases.model import Answer, Device, Receipt
from cases.ports import Clock
from feeds.entry import enter
from feeds.frames import Filed
from feeds.messages import fingerprint, from_canonical
from feeds.refusals import Refusal, refuse
from feeds.session import stamp
from geo.grids import GridBook

log = logging.getLogger("feeds.filing")


class Posted(msgspec.Struct, array_like=True, frozen=True):
    """One message on its way to the desk: its canonical form, who sent it, and whom to answer."""

    token: int  # the gateway's own number for whoever waits
    device: str
    worker: str
    demo: bool
    received_at: datetime
    body: bytes
    area: str = ""

    def sender(self) -> Device:
        """What of the device matters to a record."""
        return Device(self.device, "", self.worker, self.demo, area=self.area)


class Answered(msgspec.Struct, array_like=True, frozen=True):
    """The ack of one posted message, ready to send; `ok` when it is committed."""

    token: int
    ok: bool
    frame: bytes


@dataclass(frozen=True, slots=True)
class Clerk:
    """Files whole batches through one desk. Blocking; keeps nothing between calls, so threads may share it."""

    desk: Desk
    book: GridBook
    now: Clock

    def file(self, batch: Sequence[Posted]) -> list[Answered]:
        """Commit a batch in one transaction and write its acks, in order.

        Raises StoreUnavailable when nothing was saved; any other exception is one message's poison.
        """
        said = self.answers([(p.sender(), p.received_at, from_canonical(p.body), fingerprint(p.body)) for p in batch])
        return [
            Answered(p.token, isinstance(a, Answer) and a.ok, ack_frame(a)) for p, a in zip(batch, said, strict=True)
        ]

    def answers(self, messages: Sequence[tuple[Device, datetime, Filed, str]]) -> list[Answer | Refusal]:
        """The desk's answer, or our refusal, for each (device, received_at, message, fingerprint)."""
        entered = [enter(message, device, print_, at, self.book) for device, at, message, print_ in messages]
        arrivals = [each for each in entered if not isinstance(each, Refusal)]
        filed = iter(self.desk.file(arrivals, self.now()) if arrivals else ())
        return [each if isinstance(each, Refusal) else next(filed) for each in entered]

    def file_each(self, batch: Sequence[Posted]) -> tuple[list[Answered], list[Posted]]:
        """File a batch that failed as a whole one by one: the answers, and the poison that no desk can take.

        Raises StoreUnavailable; what was committed before is answered as a duplicate next time.
        """
        answered: list[Answered] = []
        poison: list[Posted] = []
        for posted in batch:
            try:
                answered += self.file([posted])
            except StoreUnavailable:
                raise
            except Exception:  # one message may not stop the others
                log.exception("cannot file one message of device %s", posted.device)
                poison.append(posted)
        return answered, poison


def ack_frame(said: Answer | Refusal) -> bytes:
    """What goes back over the wire for one report, alert or status."""
    if isinstance(said, Refusal):
        return said.frame()
    return msgspec.json.encode({"type": "ack", **ack(said)})


def ack(said: Answer) -> dict[str, object]:
    """The fields of an ack without `type`; a number stands under `case` or `alert`."""
    receipt = said.receipt
    if receipt is None:
        refusal = refuse(said.code, said.msg, said.field)
        return {"id": said.id} | refusal.answer()
    return {"id": said.id, "ok": True} | _numbered(receipt) | {"duplicate": said.duplicate, "at": stamp(receipt.at)}


def _numbered(receipt: Receipt) -> dict[str, object]:
    if receipt.kind == "status":
        return {}
    key = "alert" if receipt.kind == "alert" else "case"
    return {key: receipt.number, "grids": receipt.grids, "flags": receipt.flags}


def unavailable(message_id: str | None, kind: str) -> Refusal:
    """STORE_UNAVAILABLE: nothing was saved, and whoever sent it must send it again."""
    return refuse("STORE_UNAVAILABLE", "暂时无法保存，请稍后重发同一消息", retry_after_s=2.0).of(kind, message_id)
