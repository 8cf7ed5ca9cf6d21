"""Who and what there is: workers, units, devices and accounts, and how they are entered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from cases.errors import BadAction
from cases.model import Account, Device, GridWorker, HandlingUnit, Loop, Role, Scope, UnitId, WorkerId
from storage import tables
from storage.engine import Engine
from storage.instants import instant, micros
from storage.passwords import Passwords, check_rules, digest
from storage.rows import codes_of, codes_to_json
from storage.scope import worker_in
from storage.tables import accounts, devices, sessions, units, worker_grids, workers

Lineage = Callable[[str], Sequence[str]]


def _itself(code: str) -> Sequence[str]:
    return (code,)


@dataclass(frozen=True, slots=True)
class SqlDirectory:
    """The directory in SQL (ports.Directory), with the writing that bootstrap and the command line need."""

    engine: Engine
    passwords: Passwords = field(default_factory=Passwords)

    def workers(self, scope: Scope) -> list[GridWorker]:
        """Grid workers whose grid lies in the scope, by id."""
        with self.engine.read() as connection:
            rows = connection.execute(
                sa.select(workers).where(worker_in(scope, workers.c.id)).order_by(workers.c.id)
            ).all()
        return [GridWorker(WorkerId(r.id), r.name, r.grid, r.phone, codes_of(r.skills), r.role) for r in rows]

    def units(self) -> list[HandlingUnit]:
        """Every handling unit, by id."""
        with self.engine.read() as connection:
            rows = connection.execute(sa.select(units).order_by(units.c.id)).all()
        return [_unit_of(row) for row in rows]

    def missing(self, units: Collection[str], workers: Collection[str]) -> frozenset[str]:
        """The ids of these units and workers that do not exist."""
        with self.engine.read() as connection:
            found = {
                *connection.execute(sa.select(tables.units.c.id).where(tables.units.c.id.in_(units))).scalars(),
                *connection.execute(sa.select(tables.workers.c.id).where(tables.workers.c.id.in_(workers))).scalars(),
            }
        return frozenset({*units, *workers} - found)

    def device(self, device: str) -> Device | None:
        """A device by id, disabled ones included."""
        found = self.device_and_key(device)
        return found and found[0]

    def live_devices(self, devices: Collection[str]) -> dict[str, tuple[Device, str]]:
        """Those of these devices that exist and are not disabled, each with the SHA-256 (hex) of its key."""
        live = sa.select(tables.devices).where(tables.devices.c.disabled == 0, tables.devices.c.id.in_(devices))
        with self.engine.read() as connection:
            return {row.id: (_device_of(row), str(row.key_hash)) for row in connection.execute(live)}

    def device_and_key(self, device: str) -> tuple[Device, str] | None:
        """A device by id, disabled ones included, with the SHA-256 (hex) of its key."""
        with self.engine.read() as connection:
            row = connection.execute(sa.select(devices).where(devices.c.id == device)).one_or_none()
        return None if row is None else (_device_of(row), str(row.key_hash))

    def devices(self) -> list[Device]:
        """Every device, by id."""
        with self.engine.read() as connection:
            return [_device_of(row) for row in connection.execute(sa.select(devices).order_by(devices.c.id))]

    def account(self, name: str) -> Account | None:
        """An account by name, disabled ones included."""
        with self.engine.read() as connection:
            row = connection.execute(sa.select(accounts).where(accounts.c.name == name)).one_or_none()
        return None if row is None else account_of(row)

    def accounts(self) -> list[Account]:
        """Every account, by name."""
        with self.engine.read() as connection:
            return [account_of(row) for row in connection.execute(sa.select(accounts).order_by(accounts.c.name))]

    def display_names(self, names: Collection[str]) -> dict[str, str]:
        """What these accounts are called on a screen, by name; names that are no accounts are left out."""
        if not names:
            return {}
        wanted = sa.select(accounts.c.name, accounts.c.display).where(accounts.c.name.in_(names))
        with self.engine.read() as connection:
            return {name: display or name for name, display in connection.execute(wanted)}

    def put_workers(self, staff: Iterable[GridWorker], lineage: Lineage = _itself) -> None:
        """Enter or renew workers; `lineage` gives a grid's code with its ancestors', by which areas see the worker."""
        with self.engine.write() as connection:
            for each in staff:
                values = {
                    "name": each.name,
                    "grid": each.grid,
                    "phone": each.phone,
                    "skills": codes_to_json(each.skills),
                    "role": each.role,
                }
                _put(connection, workers, {"id": each.id}, values)
                connection.execute(worker_grids.delete().where(worker_grids.c.worker == each.id))
                codes = [{"code": code, "worker": each.id} for code in dict.fromkeys(lineage(each.grid))]
                if codes:
                    connection.execute(worker_grids.insert(), codes)

    def put_units(self, offices: Iterable[HandlingUnit]) -> None:
        """Enter or renew handling units."""
        with self.engine.write() as connection:
            for each in offices:
                values = {
                    "name": each.name,
                    "kind": each.kind,
                    "area": each.area,
                    "categories": codes_to_json(each.categories),
                    "loops": codes_to_json(each.loops),
                    "founded": each.founded.isoformat() if each.founded else None,
                }
                _put(connection, units, {"id": each.id}, values)

    def put_device(self, device: Device, key: str) -> None:
        """Enter or renew a device with its whole key `<device>.<random>`, of which only the SHA-256 is kept."""
        values = _bindings(device) | {
            "key_hash": digest(key),
            "demo": int(device.demo),
            "disabled": int(device.disabled),
            "issued_at": None if device.issued_at is None else micros(device.issued_at),
        }
        with self.engine.write() as connection:
            _put(connection, devices, {"id": device.id}, values)

    def bind_device(self, device: Device) -> bool:
        """Give a device another worker, area or source; its key stays. False when there is none of that id."""
        with self.engine.write() as connection:
            done = connection.execute(devices.update().where(devices.c.id == device.id).values(**_bindings(device)))
            return done.rowcount > 0

    def revoke_device(self, device: str) -> bool:
        """Disable a device; False when there is none of that id."""
        with self.engine.write() as connection:
            done = connection.execute(devices.update().where(devices.c.id == device).values(disabled=1))
            return done.rowcount > 0

    def put_account(self, account: Account, password: str | None = None) -> Account:
        """Enter or renew an account, as kept.

        A change of role, area, unit or of being disabled moves `permission_version` on and ends the account's
        sessions, as a new password does; without one a renewed account keeps its own, a new one cannot sign in.
        BadAction for a password against the rules.
        """
        kept = None if password is None else self._hash(account.name, password)
        with self.engine.write() as connection:
            return keep_account(connection, account, kept)

    def set_password(self, name: str, password: str) -> bool:
        """Give an account a new password and end its sessions; False when there is none of that name."""
        kept = self._hash(name, password)
        with self.engine.write() as connection:
            done = connection.execute(accounts.update().where(accounts.c.name == name).values(password_hash=kept))
            _end_sessions(connection, name)
            return done.rowcount > 0

    def disable(self, name: str) -> bool:
        """Disable an account and end its sessions; False when there is none of that name."""
        moved = {"disabled": 1, "permission_version": accounts.c.permission_version + 1}
        with self.engine.write() as connection:
            done = connection.execute(accounts.update().where(accounts.c.name == name).values(moved))
            _end_sessions(connection, name)
            return done.rowcount > 0

    def _hash(self, name: str, password: str) -> str:
        check_rules(name, password)
        return self.passwords.hash(password)


def account_of(row: Any) -> Account:
    """The account of a row of `accounts`."""
    return Account(
        row.name,
        Role(row.role),
        row.area,
        row.display,
        row.permission_version,
        bool(row.disabled),
        row.unit,
        bool(row.demo),
    )


def keep_account(connection: sa.Connection, account: Account, password_hash: str | None) -> Account:
    """Write an account in an open transaction, as SqlDirectory.put_account says."""
    if not account.name.strip() or len(account.name) > 64:
        raise BadAction("账号名须为 1 到 64 个字符", "name")
    before = connection.execute(sa.select(accounts).where(accounts.c.name == account.name)).one_or_none()
    rights = (account.role.value, account.area, account.unit, account.disabled)
    had = None if before is None else (before.role, before.area, before.unit, bool(before.disabled))
    version = account.permission_version if before is None else before.permission_version + (rights != had)
    values: dict[str, object] = {
        "role": account.role.value,
        "area": account.area,
        "display": account.display,
        "unit": account.unit,
        "permission_version": version,
        "disabled": int(account.disabled),
        "demo": int(account.demo),
    }
    if password_hash is not None:
        values["password_hash"] = password_hash
    _put(connection, accounts, {"name": account.name}, values)
    if rights != had or password_hash is not None:
        _end_sessions(connection, account.name)
    return account_of(connection.execute(sa.select(accounts).where(accounts.c.name == account.name)).one())


def _end_sessions(connection: sa.Connection, name: str) -> None:
    connection.execute(sessions.delete().where(sessions.c.account == name))


def _device_of(row: Any) -> Device:
    flags = (bool(row.demo), bool(row.disabled))
    return Device(row.id, row.source, row.worker, *flags, row.area, instant(row.issued_at))


def _unit_of(row: sa.Row[tuple[object, ...]]) -> HandlingUnit:
    loops = tuple(Loop(loop) for loop in codes_of(row.loops))
    founded = date.fromisoformat(row.founded) if row.founded else None
    return HandlingUnit(UnitId(row.id), row.name, row.kind, row.area, codes_of(row.categories), loops, founded)


def _bindings(device: Device) -> dict[str, object]:
    return {"source": device.source, "worker": device.worker, "area": device.area}


def _put(connection: sa.Connection, table: sa.Table, key: Mapping[str, object], values: Mapping[str, object]) -> None:
    """Update the row of this key, or insert it; nobody else writes meanwhile."""
    [(name, value)] = key.items()
    done = connection.execute(table.update().where(table.c[name] == value).values(values))
    if not done.rowcount:
        connection.execute(table.insert().values({**key, **values}))
