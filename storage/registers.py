"""The registers in SQL: an import is one transaction, each record keeps its source and the day its data are of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from cases.model import Scope
from cases.registers import REGISTERS, Load, Record, RegisterState
from storage.engine import Engine
from storage.instants import instant, micros
from storage.tables import register_grids, register_loads, register_maps, registers

_BATCH = 2_000
_R = registers.c


@dataclass(frozen=True, slots=True)
class SqlRegisters:
    """Registers of 人地物事组织 (ports.Registers). StoreUnavailable means: nothing was saved."""

    engine: Engine

    def keep(self, load: Load, records: Sequence[Record], progress: Callable[[int], None] = lambda _: None) -> None:
        """Put a file's records in place of those of the same number, all or none; `progress` hears how many so far."""
        kind = REGISTERS[load.kind]
        with self.engine.write() as connection:
            kept = 0
            for batch in _batches(records):
                self._replace(connection, load, batch, [record.filled(kind) for record in batch])
                kept += len(batch)
                progress(kept)
            connection.execute(register_loads.insert().values(**_load_row(load)))

    def _replace(self, connection: sa.Connection, load: Load, batch: Sequence[Record], filled: Sequence[int]) -> None:
        keys = [record.key for record in batch]
        for table in (registers, register_grids):
            connection.execute(table.delete().where(table.c.kind == load.kind, table.c.key.in_(keys)))
        connection.execute(
            registers.insert(), [_row(load, record, many) for record, many in zip(batch, filled, strict=True)]
        )
        grids = [{"code": code, "kind": load.kind, "key": each.key} for each in batch for code in each.grids]
        if grids:
            connection.execute(register_grids.insert(), grids)

    def states(self, scope: Scope, now: datetime) -> list[RegisterState]:
        """How each register stands in a scope, in the order of the registers; those without a record too."""
        limit = sa.case(
            {code: micros(now - timedelta(days=kind.stale_days)) for code, kind in REGISTERS.items()}, value=_R.kind
        )
        late = sa.func.sum(sa.case((_R.as_of < limit, 1), else_=0))
        of = (_R.kind, sa.func.count(), sa.func.sum(_R.filled), sa.func.min(_R.as_of), sa.func.max(_R.as_of), late)
        query = sa.select(*of).where(_in(scope)).group_by(_R.kind)
        with self.engine.read() as connection:
            found = {row[0]: row for row in connection.execute(query)}
        return [_state(code, found.get(code)) for code in REGISTERS]

    def records(self, kind: str, scope: Scope, page: int = 1, size: int = 50) -> tuple[int, list[tuple[Record, Load]]]:
        """How many records of a kind lie in a scope, and one page of them by number, each with where it is from."""
        wanted = sa.and_(_R.kind == kind, _in(scope))
        query = sa.select(registers).where(wanted).order_by(_R.key).limit(size).offset((page - 1) * size)
        with self.engine.read() as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(registers).where(wanted)).scalar_one()
            return total, [_record(row) for row in connection.execute(query)]

    def loads(self, limit: int = 20) -> list[Load]:
        """The newest imports, newest first."""
        c = register_loads.c
        query = sa.select(register_loads).order_by(c.at.desc()).limit(limit)
        with self.engine.read() as connection:
            return [
                Load(r.kind, r.file, r.source, instant(r.as_of), instant(r.at), r.by, r.rows, r.refused)
                for r in connection.execute(query)
            ]

    def mapping(self, kind: str, titles: Sequence[str]) -> dict[str, str] | None:
        """How a file with these titles was understood last time; None when there was none."""
        c = register_maps.c
        query = sa.select(c.mapping).where(c.kind == kind, c.titles == _title_key(titles))
        with self.engine.read() as connection:
            kept = connection.execute(query).scalar_one_or_none()
        return None if kept is None else dict(json.loads(kept))

    def save_mapping(self, kind: str, titles: Sequence[str], mapping: Mapping[str, str]) -> None:
        """Remember how a file with these titles is understood."""
        key, c = _title_key(titles), register_maps.c
        with self.engine.write() as connection:
            connection.execute(register_maps.delete().where(c.kind == kind, c.titles == key))
            row = {"kind": kind, "titles": key, "mapping": json.dumps(dict(mapping), ensure_ascii=False)}
            connection.execute(register_maps.insert().values(**row))


def _in(scope: Scope) -> sa.ColumnElement[bool]:
    """Whether a record lies in the scope; records in no grid are only everywhere's."""
    if not scope.area:
        return sa.true()
    c = register_grids.c
    return sa.exists().where(c.code == scope.area, c.kind == _R.kind, c.key == _R.key)


def _batches(records: Sequence[Record]) -> Iterator[list[Record]]:
    left = iter(records)
    while batch := list(islice(left, _BATCH)):
        yield batch


def _row(load: Load, record: Record, filled: int) -> dict[str, object]:
    return {
        "kind": load.kind,
        "key": record.key,
        "name": record.values.get("name", ""),
        "grids": json.dumps(record.grids),
        "lon": record.lon,
        "lat": record.lat,
        "fields": json.dumps(dict(record.values), ensure_ascii=False),
        "filled": filled,
        "source": load.source,
        "as_of": micros(load.as_of),
        "loaded_at": micros(load.at),
    }


def _load_row(load: Load) -> dict[str, object]:
    return {
        "at": micros(load.at),
        "kind": load.kind,
        "file": load.file,
        "source": load.source,
        "as_of": micros(load.as_of),
        "by": load.by,
        "rows": load.rows,
        "refused": load.refused,
    }


def _record(row: sa.Row[Any]) -> tuple[Record, Load]:
    record = Record(row.key, json.loads(row.fields), row.lon, row.lat, tuple(json.loads(row.grids)))
    return record, Load(row.kind, "", row.source, instant(row.as_of), instant(row.loaded_at), "")


def _state(code: str, row: sa.Row[Any] | None) -> RegisterState:
    if row is None:
        return RegisterState(code, 0, 0.0, None, None, 0)
    count, filled, oldest, newest, late = (row[at] for at in range(1, 6))
    most = count * len(REGISTERS[code].optional)
    return RegisterState(code, count, filled / most if most else 1.0, instant(oldest), instant(newest), int(late))


def _title_key(titles: Sequence[str]) -> str:
    return json.dumps(sorted(titles), ensure_ascii=False)
