"""What one side of the house needs of another; bootstrap fills each port with the real thing."""

from cases.ports.live import CategorySuggestion, Classifier, FixesMoved, Intake, LiveFeed, LiveNews, RoleHealth
from cases.ports.people import Accounts, Directory, Kiosks, Positions, Shifts
from cases.ports.record import Change, Clock, Overview, Roll, Store, Tell, Transaction
from cases.ports.registry import Codes, Disclosures, FigureBook, GridPast, Registers, Registry
from cases.ports.views import AlertPage, CaseFilter, CaseRecord, Figures, GridCount, Page, Records, Told, Views

__all__ = [
    "Accounts",
    "AlertPage",
    "CaseFilter",
    "CaseRecord",
    "CategorySuggestion",
    "Change",
    "Classifier",
    "Clock",
    "Codes",
    "Directory",
    "Disclosures",
    "FigureBook",
    "Figures",
    "FixesMoved",
    "GridCount",
    "GridPast",
    "Intake",
    "Kiosks",
    "LiveFeed",
    "LiveNews",
    "Overview",
    "Page",
    "Positions",
    "Records",
    "Registers",
    "Registry",
    "RoleHealth",
    "Roll",
    "Shifts",
    "Store",
    "Tell",
    "Told",
    "Transaction",
    "Views",
]
