"""Who may sign in and the sessions they hold: random tokens, kept as hashes, that end by themselves.

Idle 30 min, 12 h in all; five wrong passwords close a name for 15 min. Every refusal has the same words and takes the
same road (one counted try, one argon2 check), whether the name exists or not.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from cases.errors import SignInRefused, StoreUnavailable
from cases.model import Account, Role
from storage.directory import account_of, keep_account
from storage.engine import Engine
from storage.instants import instant, micros
from storage.passwords import Passwords, check_rules, digest, new_token
from storage.tables import accounts, first_links, sessions, sign_in_tries

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
LINK_LASTS = timedelta(minutes=15)
TRIES, CLOSED_FOR = 5, timedelta(minutes=15)
SEEN_EVERY = timedelta(seconds=15)  # a session is noted as seen at most this often
AT_ONCE = 2  # argon2 takes 64 MiB a check: more wait in line

_REFUSED = "账号或密码不正确，或账号暂时不能登录"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SqlAccounts:
    """Sign-in and sessions in SQL (ports.Accounts)."""

    engine: Engine
    passwords: Passwords = field(default_factory=Passwords)
    _line: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))

    def sign_in(self, name: str, password: str, now: datetime) -> str:
        """A new session token (256-bit random), or SignInRefused in the same words and time for every cause."""
        may_try, kept = self._take_try(name, now)
        with self._line:
            is_right = self.passwords.is_right(kept, password)
        if not (may_try and is_right):
            raise SignInRefused(_REFUSED)
        with self.engine.write() as connection:
            connection.execute(sign_in_tries.delete().where(sign_in_tries.c.name_hash == digest(name)))
            return _open_session(connection, name, now)

    def session(self, token: str, now: datetime) -> Account | None:
        """The account behind a live session; None when unknown, idle 30 min, older than 12 h, ended or disabled."""
        return self.sessions([token], now).get(token)

    def sessions(self, tokens: Collection[str], now: datetime) -> Mapping[str, Account]:
        """The accounts behind those of the sessions that live, in one query and at most one write."""
        hashes = {digest(token): token for token in tokens}
        query = sa.select(accounts, sessions).join(sessions, sessions.c.account == accounts.c.name)
        with self.engine.read() as connection:
            rows = connection.execute(query.where(sessions.c.token_hash.in_(hashes))).all()
        live = [row for row in rows if not row.disabled and _is_live(row, now)]
        unseen = [row.token_hash for row in live if now - instant(row.seen_at) >= SEEN_EVERY]
        if unseen:
            self._note_seen(sessions.c.token_hash.in_(unseen), now)
        return {hashes[row.token_hash]: account_of(row) for row in live}

    def sign_out(self, token: str) -> None:
        """End one session."""
        with self.engine.write() as connection:
            connection.execute(sessions.delete().where(sessions.c.token_hash == digest(token)))

    def first_link(self, now: datetime) -> str | None:
        """A one-time secret for making the first account, good for 15 min; None once there is an account.

        A new one ends those before it; only its hash is kept.
        """
        with self.engine.write() as connection:
            if connection.execute(sa.select(accounts.c.name).limit(1)).first() is not None:
                return None
            link = new_token()
            connection.execute(first_links.delete())
            connection.execute(first_links.insert().values(link_hash=digest(link), expires_at=micros(now + LINK_LASTS)))
            return link

    def redeem(self, link: str, name: str, password: str, now: datetime) -> str:
        """Turn the one-time link of the first start into the first (admin) account; its session token.

        SignInRefused for a link that is unknown, used or expired; BadAction for a password against the rules.
        """
        check_rules(name, password)
        with self._line:
            kept = self.passwords.hash(password)
        good = sa.and_(first_links.c.link_hash == digest(link), first_links.c.expires_at > micros(now))
        with self.engine.write() as connection:
            used = connection.execute(first_links.delete().where(good)).rowcount
            if not used or connection.execute(sa.select(accounts.c.name).limit(1)).first() is not None:
                raise SignInRefused(_REFUSED)
            keep_account(connection, Account(name, Role.ADMIN, "", name), kept)
            return _open_session(connection, name, now)

    def forget_ended(self, now: datetime) -> int:
        """Delete sessions and tries that no longer matter; how many sessions."""
        with self.engine.write() as connection:
            ended = sa.or_(sessions.c.created_at <= micros(now - LONGEST), sessions.c.seen_at <= micros(now - IDLE))
            done = connection.execute(sessions.delete().where(ended))
            connection.execute(sign_in_tries.delete().where(sign_in_tries.c.until <= micros(now)))
            return done.rowcount

    def _take_try(self, name: str, now: datetime) -> tuple[bool, str | None]:
        """Count a try before it is made, so that many at once get no more than five; (may try, password hash)."""
        who = digest(name)
        with self.engine.write() as connection:
            row = connection.execute(sa.select(sign_in_tries).where(sign_in_tries.c.name_hash == who)).one_or_none()
            count = row.tries if row is not None and row.until > micros(now) else 0
            may_try = count < TRIES
            until = micros(now + CLOSED_FOR) if may_try or row is None else row.until
            connection.execute(sign_in_tries.delete().where(sign_in_tries.c.name_hash == who))
            connection.execute(sign_in_tries.insert().values(name_hash=who, tries=count + may_try, until=until))
            found = connection.execute(
                sa.select(accounts.c.password_hash, accounts.c.disabled).where(accounts.c.name == name)
            ).one_or_none()
        return may_try, None if found is None or found.disabled else found.password_hash

    def _note_seen(self, mine: sa.ColumnElement[bool], now: datetime) -> None:
        """Move the idle clocks; a database that cannot write now does not end anybody's session."""
        try:
            with self.engine.write() as connection:
                connection.execute(sessions.update().where(mine).values(seen_at=micros(now)))
        except StoreUnavailable:
            _log.warning("a session's idle clock was not moved: the database does not take writes")


def _open_session(connection: sa.Connection, name: str, now: datetime) -> str:
    token = new_token()
    at = micros(now)
    connection.execute(sessions.insert().values(token_hash=digest(token), account=name, created_at=at, seen_at=at))
    return token


def _is_live(row: sa.Row[Any], now: datetime) -> bool:
    return bool(now - instant(row.created_at) < LONGEST and now - instant(row.seen_at) < IDLE)
