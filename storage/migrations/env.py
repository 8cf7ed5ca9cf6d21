"""Alembic's entry: runs the steps on the connection it is handed, inside the transaction that holds the write turn."""

from __future__ import annotations

from alembic import context

from storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=False)
context.run_migrations()
