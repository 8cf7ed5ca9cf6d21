"""What is kept beside the cases, put together for those who are handed it whole."""

from __future__ import annotations

from cases.ports import Registry
from storage.codes import SqlCodes
from storage.disclosures import SqlDisclosures
from storage.engine import Engine
from storage.records import SqlRecords
from storage.told import SqlTold


def registry_of(engine: Engine) -> Registry:
    """The registry of one database."""
    return Registry(SqlCodes(engine), SqlRecords(engine), SqlTold(engine), SqlDisclosures(engine))
