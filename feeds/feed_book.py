"""The feeds' own book as a page reads it: refusals of the day and dead letters, kept in Redis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from redis import Redis

from cases.errors import StoreUnavailable
from cases.feed_ports import DeadLetter, RefusalCount
from feeds.dead_letters import DeadLetters
from feeds.filing import Clerk
from feeds.streams import RedisGone
from feeds.tallies import counts_of, key_of

_PATIENCE_S = 2.0


class RedisFeedBook:
    """A `cases.feed_ports.Feeds`; `clerk` files dead letters again."""

    def __init__(self, redis_url: str, clerk: Clerk) -> None:
        self._url, self._clerk = redis_url, clerk

    def refusals(self, now: datetime) -> list[RefusalCount]:
        """Today's, most frequent first."""
        with self._redis() as redis:
            kept: dict[bytes, bytes] = redis.hgetall(key_of(now))  # type: ignore[assignment]
            return counts_of(kept)

    def dead(self) -> Sequence[DeadLetter]:
        """All dead letters, oldest first."""
        with self._redis() as redis:
            return [DeadLetter(each.id, each.about, each.why) for each in DeadLetters(redis).letters()]

    def file_again(self) -> tuple[int, int]:
        """File every dead letter again: how many are committed now, how many stay."""
        with self._redis() as redis:
            stays = [bool(why) for _, why in DeadLetters(redis).file_again(self._clerk)]
        return stays.count(False), stays.count(True)

    @contextmanager
    def _redis(self) -> Iterator[Redis]:
        """A connection of one look: this is asked by people, seldom."""
        try:
            with Redis.from_url(self._url, socket_timeout=_PATIENCE_S, socket_connect_timeout=_PATIENCE_S) as client:
                yield client
        except RedisGone as problem:
            raise StoreUnavailable(f"redis: {type(problem).__name__}") from problem
