"""Which part of a figure's cases is meant: those of one kind, of one hour of the week, of one address, of one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from cases.calendar import LOCAL
from cases.categories import category_of
from cases.happenings import address_key

DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What is asked for; None does not narrow.

    `weekday` is 0 (Monday) to 6, `hour` 0 to 23, both of the instant of the report in Asia/Shanghai, while the days of
    the figure stay those of the receipt. Two writings of an address are one (happenings.address_key). `ring` is an area
    drawn by hand, `lon,lat;lon,lat;…` in WGS-84 degrees (geo.rings); who knows the cases' places looks which lie in it.
    """

    category: str | None = None
    weekday: int | None = None
    hour: int | None = None
    address: str | None = None
    ring: str | None = None

    @classmethod
    def read(cls, said: Mapping[str, str]) -> Narrowing:
        """That of an address's texts, other names ignored; ValueError for an hour or a weekday that is none."""
        numbers = {name: int(said[name]) for name in ("weekday", "hour") if said.get(name)}
        if not (0 <= numbers.get("weekday", 0) < 7 and 0 <= numbers.get("hour", 0) < 24):
            raise ValueError(f"no such hour of the week: {numbers}")
        category, address, ring = (said.get(name) or None for name in ("category", "address", "ring"))
        return cls(category, address=address, ring=ring, **numbers)

    def __bool__(self) -> bool:
        return bool(self.asked)

    @property
    def asked(self) -> dict[str, object]:
        """What narrows, by the names an address has for it."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @property
    def words(self) -> str:
        """类别“道路破损” · 周三 · 8 时上报."""
        told = [f"类别“{category_of(self.category).name}”"] if self.category else []
        told += [DAYS[self.weekday]] if self.weekday is not None else []
        told += [f"{self.hour} 时上报"] if self.hour is not None else []
        told += [f"地址“{self.address}”"] if self.address else []
        told += ["圈定范围内"] if self.ring else []
        return " · ".join(told)

    def holds(self, category: str, reported_at: datetime, address: str) -> bool:
        """Whether a case of that kind, instant and address is meant, wherever it is."""
        local = reported_at.astimezone(LOCAL)
        return (
            self.category in (None, category)
            and self.weekday in (None, local.weekday())
            and self.hour in (None, local.hour)
            and (self.address is None or address_key(address) == address_key(self.address))
        )
