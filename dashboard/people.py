"""What people are called on a screen: the record keeps account names, a screen shows the names behind them."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.services import Services

SYSTEM = {"system": "系统"}


def account_names(services: Services, names: Iterable[str | None]) -> dict[str, str]:
    """Display names by account name, of those that are accounts; the rest is left to whoever asks. Blocking."""
    return dict(services.directory.display_names({name for name in names if name}))
