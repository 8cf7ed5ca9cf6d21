"""What is kept beside the cases, put together for those who are handed it whole."""

from __future__ import annotations

from cases.ports import Registry
from cases.shifts import WatchRules
from storage.codes import SqlCodes
from storage.disclosures import SqlDisclosures
from storage.engine import Engine
from storage.figure_book import SqlFigureBook
from storage.grid_past import SqlGridPast
from storage.kiosks import SqlKiosks
from storage.meetings import SqlMeetings
from storage.past import SqlPast
from storage.records import SqlRecords
from storage.registers import SqlRegisters
from storage.shifts import SqlShifts
from storage.surveys import SqlSurveys
from storage.told import SqlTold

DEFAULT = WatchRules()


def registry_of(engine: Engine, watch: WatchRules = DEFAULT) -> Registry:
    """The registry of one database."""
    kept = (SqlCodes(engine), SqlRecords(engine), SqlTold(engine), SqlDisclosures(engine))
    return Registry(
        *kept,
        SqlShifts(engine, watch),
        SqlFigureBook(engine),
        SqlPast(engine),
        SqlGridPast(engine),
        SqlRegisters(engine),
        SqlKiosks(engine),
        SqlMeetings(engine),
        SqlSurveys(engine),
    )
