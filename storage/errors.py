"""What can be wrong with the database itself, found when a process starts.

SchemaNewer          a newer release has migrated this database: start that release
UnsafeLibrary        this SQLite can corrupt a WAL database
"""

from __future__ import annotations


class SchemaNewer(Exception):
    """The database belongs to a newer release than this one."""

    def __init__(self, found: str, known: str) -> None:
        super().__init__(
            f"数据库版本 {found} 比本程序的 {known} 新，请使用新版程序启动 / "
            f"the database is at version {found}, this program knows up to {known}: start the newer program"
        )
        self.found = found
        self.known = known


class UnsafeLibrary(Exception):
    """The SQLite library is one that may lose or corrupt commits in WAL mode."""

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(
            f"SQLite {found} 在 WAL 模式下可能损坏数据，需要 {needed} 或更新（pip install pysqlite3） / "
            f"SQLite {found} may corrupt a WAL database, {needed} or newer is needed"
        )
