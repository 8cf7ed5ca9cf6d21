"""Kiosks: screens that nobody signs in at; a one-use link becomes a cookie that lasts until somebody revokes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from cases.errors import SignInRefused
from cases.model import Account, Kiosk, Role
from storage.engine import Engine
from storage.instants import instant, micros
from storage.passwords import digest, new_token
from storage.tables import kiosks

LINK_LASTS = timedelta(hours=24)
COOKIE_BEGINS = "k."  # a kiosk's cookie, told from a person's without a look-up


@dataclass(frozen=True, slots=True)
class SqlKiosks:
    """Kiosks in SQL (ports.Kiosks); of links and cookies only hashes are kept."""

    engine: Engine

    def add(self, name: str, area: str, now: datetime, *, visitor: bool = False) -> str:
        """The secret of a one-use link, good for 24 h. A name in use gets a new one, and its old screen ends."""
        link = new_token()
        row = {"area": area, "visitor": int(visitor), "created_at": micros(now), "token_hash": None, "opened_at": None}
        row |= {"link_hash": digest(link), "link_until": micros(now + LINK_LASTS)}
        with self.engine.write() as connection:
            connection.execute(kiosks.delete().where(kiosks.c.name == name))
            connection.execute(kiosks.insert().values(name=name, **row))
        return link

    def open(self, link: str, now: datetime) -> str:
        """Use a link up: the cookie of its screen. SignInRefused for one that is unknown, used or older than 24 h."""
        token = COOKIE_BEGINS + new_token()
        good = sa.and_(kiosks.c.link_hash == digest(link), kiosks.c.link_until > micros(now))
        used = {"link_hash": None, "link_until": None, "token_hash": digest(token), "opened_at": micros(now)}
        with self.engine.write() as connection:
            if not connection.execute(kiosks.update().where(good).values(**used)).rowcount:
                raise SignInRefused("链接已用过、已过期或不存在")
        return token

    def screens(self, tokens: Collection[str]) -> Mapping[str, Account]:
        """The screens behind those cookies that are live, each as an account that may only look."""
        hashes = {digest(token): token for token in tokens if token.startswith(COOKIE_BEGINS)}
        if not hashes:
            return {}
        with self.engine.read() as connection:
            rows = connection.execute(sa.select(kiosks).where(kiosks.c.token_hash.in_(hashes))).all()
        return {hashes[row.token_hash]: _account(row) for row in rows}

    def all(self) -> list[Kiosk]:
        """Every kiosk by name."""
        with self.engine.read() as connection:
            rows = connection.execute(sa.select(kiosks).order_by(kiosks.c.name)).all()
        return [
            Kiosk(row.name, row.area, bool(row.visitor), instant(row.created_at), instant(row.opened_at))
            for row in rows
        ]

    def revoke(self, name: str) -> bool:
        """End a kiosk, its link and its screen; whether there was one."""
        with self.engine.write() as connection:
            return bool(connection.execute(kiosks.delete().where(kiosks.c.name == name)).rowcount)


def _account(row: Any) -> Account:
    return Account(f"kiosk:{row.name}", Role.KIOSK, row.area, row.name, visitor=bool(row.visitor))
