"""The memory: SQLAlchemy Core tables, migrations, stores and read models."""
