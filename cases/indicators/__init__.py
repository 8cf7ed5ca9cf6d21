"""指标: what is counted (facts), how figures are made of it (the register), and how a figure is said (domain.md K)."""

from cases.indicators.answering import Counts, answer, quantile, time_words
from cases.indicators.facts import MARKED, Earlier, Fact, History, Mark, facts_of, running
from cases.indicators.figure import Figure, FigureRows, Period, link_of
from cases.indicators.narrowing import DAYS, Narrowing
from cases.indicators.rates import (
    Rate,
    Span,
    change,
    closed_by_loop,
    counted,
    covered,
    handed_back_on_time,
    is_overdue,
    mediated,
    on_time,
    resolved,
    satisfied,
    step_on_time,
    whistles_on_time,
)
from cases.indicators.register import REGISTER, Indicator, NamedSet, Register, RegisterError, read_register

__all__ = [
    "DAYS",
    "MARKED",
    "REGISTER",
    "Counts",
    "Earlier",
    "Fact",
    "Figure",
    "FigureRows",
    "History",
    "Indicator",
    "Mark",
    "NamedSet",
    "Narrowing",
    "Period",
    "Rate",
    "Register",
    "RegisterError",
    "Span",
    "answer",
    "change",
    "closed_by_loop",
    "counted",
    "covered",
    "facts_of",
    "handed_back_on_time",
    "is_overdue",
    "link_of",
    "mediated",
    "on_time",
    "quantile",
    "read_register",
    "resolved",
    "running",
    "satisfied",
    "step_on_time",
    "time_words",
    "whistles_on_time",
]
