"""Brings a database to this program's schema, or refuses one that is ahead of it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.engine import Engine
from storage.errors import SchemaNewer

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> str:
    """Run the missing migrations in one transaction, several processes at once allowed; the version reached.

    Raises SchemaNewer for a database of a newer release, StoreUnavailable when the database does not answer.
    """
    with engine.write() as connection:
        config = _config(connection)
        known = ScriptDirectory.from_config(config)
        head = known.get_current_head() or ""
        found = MigrationContext.configure(connection).get_current_revision()
        if found == head:
            return head
        if found is not None and found not in {script.revision for script in known.walk_revisions()}:
            raise SchemaNewer(found, head)
        command.upgrade(config, "head")
        return head


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
