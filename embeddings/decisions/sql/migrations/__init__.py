"""Alembic's migrations of the decision store, run by ``embeddings.decisions.sql.schema``."""
