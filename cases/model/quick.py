"""Records that are made by the thousand: frozen to the type checker and to every reader, as quick to make as others."""

from __future__ import annotations

from dataclasses import field, fields, make_dataclass
from typing import Any, TypeVar

Record = TypeVar("Record")


def quick(record: type[Record]) -> type[Record]:
    """A frozen dataclass without its guard at run time; mypy still refuses to write to it.

    The guard makes each field cost a call: 8 µs for a case, 1.5 without it. A report on its way in makes six records,
    a board two thousand.
    """
    unguarded: Any = record
    alike = [(f.name, f.type, field(default=f.default, default_factory=f.default_factory)) for f in fields(unguarded)]
    plain: Any = make_dataclass(record.__name__, alike)
    unguarded.__init__ = plain.__init__
    del unguarded.__setattr__, unguarded.__delattr__
    return record
