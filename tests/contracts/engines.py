"""Which engines a contract is tried on in the short run."""

from __future__ import annotations

import pytest

# Random histories take minutes: the short run tries them on SQLite, the long one on PostgreSQL too.
POSTGRES_WHEN_LONG = pytest.mark.parametrize(
    "url", ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.long])], indirect=True
)
