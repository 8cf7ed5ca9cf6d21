"""Who and what there is: workers, units, devices, accounts, posts, and where workers are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from cases.model import Account, Device, Fix, GridWorker, HandlingUnit, Kiosk, Scope, Task, WorkerId
from cases.shifts import Handing, SeatNow, Shift, WatchRules


class Directory(Protocol):
    """Who and what there is: workers, units, devices, accounts and their sessions. Blocking."""

    def workers(self, scope: Scope) -> list[GridWorker]:
        """Grid workers whose grid lies in the scope."""

    def units(self) -> list[HandlingUnit]:
        """Every handling unit."""

    def device(self, device: str) -> Device | None:
        """A device by id, disabled ones included."""

    def devices(self) -> list[Device]:
        """Every device, by id."""

    def live_devices(self, devices: Collection[str]) -> Mapping[str, tuple[Device, str]]:
        """Those of these devices that exist and are not disabled, each with the SHA-256 (hex) of its key."""

    def put_device(self, device: Device, key: str) -> None:
        """Enter or renew a device with its whole key `<device>.<random>`, of which only the SHA-256 is kept."""

    def bind_device(self, device: Device) -> bool:
        """Give a device another worker, area or source; its key stays. False when there is none of that id."""

    def revoke_device(self, device: str) -> bool:
        """Disable a device; False when there is none of that id."""

    def device_and_key(self, device: str) -> tuple[Device, str] | None:
        """A device by id, disabled ones included, with the SHA-256 (hex) of its key."""

    def display_names(self, names: Collection[str]) -> Mapping[str, str]:
        """What these accounts are called on a screen, by name; names that are no accounts are left out."""

    def account(self, name: str) -> Account | None:
        """An account by name, disabled ones included."""


class Positions(Protocol):
    """Where workers are and were. Blocking."""

    def keep(self, fixes: Sequence[Fix]) -> None:
        """Upsert the last fix per worker and append to the thinned track."""

    def last(self, scope: Scope) -> list[Fix]:
        """The newest kept fix per worker in the scope."""

    def track(self, worker: WorkerId, since: datetime, until: datetime, scope: Scope) -> list[Fix]:
        """The kept track of one worker, oldest first."""

    def open_tasks(self, worker: WorkerId) -> list[Task]:
        """Tasks not yet acknowledged."""

    def acknowledge(self, task: str, worker: WorkerId, at: datetime) -> bool:
        """Mark a task as received; False when it is not this worker's."""


class Accounts(Protocol):
    """Who may sign in, and the sessions they hold. Blocking."""

    def sign_in(self, name: str, password: str, now: datetime) -> str:
        """A new session token (256-bit random), or SignInRefused in the same words and time for every cause."""

    def session(self, token: str, now: datetime) -> Account | None:
        """The account behind a live session; None when unknown, idle 30 min, older than 12 h, ended or disabled."""

    def sessions(self, tokens: Collection[str], now: datetime) -> Mapping[str, Account]:
        """The accounts behind those of the sessions that live; all open screens are looked up at once."""

    def sign_out(self, token: str) -> None:
        """End one session."""

    def redeem(self, link: str, name: str, password: str, now: datetime) -> str:
        """Turn the one-time link of the first start into the first (admin) account; its session token."""


class Shifts(Protocol):
    """The watch at the seats: handovers, and whether anybody sits there. Blocking."""

    @property
    def rules(self) -> WatchRules:
        """When a seat is unmanned and a handover late."""

    def handing(self, scope: Scope, now: datetime) -> Handing:
        """All that the handover page of an area needs."""

    def shift(self, no: str, area: str) -> Shift | None:
        """One handover of an area's seat; None when absent or another area's."""

    def handed(self, area: str, since: datetime, until: datetime) -> Sequence[Shift]:
        """Handovers of an area's seat begun in a span, oldest first, those not signed for and withdrawn too."""

    def seat_now(self, areas: Sequence[str], now: datetime) -> SeatNow:
        """What is to be said of the seat that minds an area, given with those that hold it, innermost first."""

    def active(self, area: str, at: datetime) -> None:
        """Somebody did something at an area's seat."""

    def unmanned(self, area: str, since: str, until: str) -> dict[str, timedelta]:
        """值守空缺: how long nobody sat at a seat on each local day (YYYY-MM-DD), both ends included."""


class Kiosks(Protocol):
    """Screens that nobody signs in at. Blocking; StoreUnavailable when the database does not answer."""

    def add(self, name: str, area: str, now: datetime, *, visitor: bool = False) -> str:
        """The secret of a one-use link, good for 24 h; an older screen of that name ends."""

    def open(self, link: str, now: datetime) -> str:
        """Use a link up: the cookie of its screen. SignInRefused for one that is unknown, used or expired."""

    def screens(self, tokens: Collection[str]) -> Mapping[str, Account]:
        """The screens behind those cookies that are live, each as an account that may only look."""

    def all(self) -> list[Kiosk]:
        """Every kiosk by name."""

    def revoke(self, name: str) -> bool:
        """End a kiosk, its link and its screen; whether there was one."""
