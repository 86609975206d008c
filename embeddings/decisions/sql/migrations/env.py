"""Run by Alembic: migrate over the connection, and in the transaction, that ``schema`` gives."""

from __future__ import annotations

from alembic import context

from embeddings.decisions.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite's too, since our transactions begin explicitly
)
with context.begin_transaction():
    context.run_migrations()
