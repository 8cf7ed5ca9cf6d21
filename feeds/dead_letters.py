"""Dead letters: what no desk could take in five tries, kept in a stream of its own to be looked at and filed again.

A message's case may exist meanwhile, because its sender tried again: filing twice is harmless, receipts are unique.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping

import msgspec
from redis import Redis

from cases.errors import StoreUnavailable
from feeds.filing import Clerk, Posted
from feeds.messages import from_canonical
from feeds.streams import DEAD, unpack_posted

log = logging.getLogger("feeds.dead_letters")


class Letter(msgspec.Struct, frozen=True):
    """One dead letter: `posted` is None when not even its bytes can be read."""

    id: str
    why: str
    posted: Posted | None

    @property
    def about(self) -> str:
        """Who sent it, when, and under which id; nothing that a person wrote."""
        if self.posted is None:
            return f"{self.id}  无法读取"
        try:
            message = from_canonical(self.posted.body)
        except msgspec.MsgspecError:
            return f"{self.id}  {self.posted.device}  无法读取"
        at = self.posted.received_at.isoformat(timespec="seconds")
        return f"{self.id}  {self.posted.device}  {at}  {message.__struct_config__.tag} {message.id}"


class DeadLetters:
    """The stream of dead letters. Blocking; raises what `streams.RedisGone` names."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def letters(self) -> list[Letter]:
        """All of them, oldest first."""
        found: list[tuple[bytes, Mapping[bytes, bytes]]] = self._redis.xrange(DEAD)  # type: ignore[assignment]
        return [_letter(id_, fields) for id_, fields in found]

    def file_again(self, clerk: Clerk) -> Iterator[tuple[Letter, str]]:
        """Each letter and why it stays, "" for one that is committed now and therefore gone from here.

        Raises StoreUnavailable; what was filed before stays filed.
        """
        for letter in self.letters():
            why = _stays(letter, clerk)
            if not why:
                self._redis.xdel(DEAD, letter.id)
            yield letter, why


def _stays(letter: Letter, clerk: Clerk) -> str:
    if letter.posted is None:
        return letter.why
    try:
        [answered] = clerk.file([letter.posted])
    except StoreUnavailable:
        raise
    except Exception:  # still poison: the next letter may not pay for it
        log.exception("dead letter %s cannot be filed", letter.id)
        return "仍然无法入库"
    return "" if answered.ok else str(msgspec.json.decode(answered.frame)["msg"])


def _letter(id_: bytes, fields: Mapping[bytes, bytes]) -> Letter:
    try:
        posted = unpack_posted(fields.get(b"posted", b""))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        posted = None
    return Letter(id_.decode(), fields.get(b"why", b"").decode(errors="replace"), posted)
