"""What a report says, as data: sentences with figures in braces, a table of the grids below, a list of cases."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cases.indicators import REGISTER, Register

FOLDER = Path(__file__).parent / "templates"
ORDER = ("daily", "weekly", "monthly", "half_year", "annual", "special", "selection")
SELECTION = "selection"  # the special brief of a part of the cases: of one kind, of an area drawn by hand
PLAIN = frozenset({"area", "period", "centre", "below", "part"})  # words that are no figures
IN_BRACES = re.compile(r"\{([\w.]+)\}")


class TemplateError(ValueError):
    """A template that cannot be used, and why."""


@dataclass(frozen=True, slots=True)
class GridTable:
    """A table with a row for each grid below, a column for each figure under its head."""

    title: str
    columns: tuple[str, ...]
    heads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseList:
    """At most so many of the cases behind a figure; `words` say which cases these are."""

    of: str
    most: int
    words: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with sentences, a table or a list under it."""

    heading: str
    sentences: tuple[str, ...] = ()
    table: GridTable | None = None
    cases: CaseList | None = None


@dataclass(frozen=True)
class Template:
    """A kind of report."""

    kind: str
    name: str
    title: str
    sections: tuple[Section, ...]
    head: str = ""
    to: str = ""

    @cached_property
    def figures(self) -> tuple[str, ...]:
        """The figures its sentences name, each once, in the order they come."""
        return tuple(dict.fromkeys(id for section in self.sections for each in section.sentences for id in named(each)))


def named(sentence: str) -> list[str]:
    """The figures a sentence names."""
    return [id for id in IN_BRACES.findall(sentence) if id not in PLAIN]


def read_templates(folder: Path = FOLDER, register: Register = REGISTER) -> Mapping[str, Template]:
    """All kinds in the order of the menu; TemplateError names the file and what is wrong with it."""
    found = {kind: _read(folder / f"{kind}.toml", kind) for kind in ORDER if (folder / f"{kind}.toml").is_file()}
    for template in found.values():
        _check(template, register)
    return found


def _read(file: Path, kind: str) -> Template:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        sections = tuple(_section(row) for row in content.pop("section"))
        return Template(kind, sections=sections, **content)
    except (KeyError, TypeError, ValueError) as problem:
        raise TemplateError(f"{file.name}: {problem}") from problem


def _section(row: Mapping[str, Any]) -> Section:
    table, cases = row.get("table"), row.get("cases")
    return Section(
        row["heading"],
        tuple(row.get("sentences", ())),
        _table(table) if table else None,
        CaseList(**cases) if cases else None,
    )


def _table(row: Mapping[str, Any]) -> GridTable:
    columns = tuple(row["columns"])
    heads = tuple(row.get("heads", (REGISTER[id].name if id in REGISTER else id for id in columns)))
    if len(heads) != len(columns):
        raise ValueError(f"{row['title']}: {len(columns)} columns, {len(heads)} heads")
    return GridTable(row["title"], columns, heads)


def _check(template: Template, register: Register) -> None:
    columns = [id for section in template.sections if section.table for id in section.table.columns]
    lists = [section.cases.of for section in template.sections if section.cases]
    unknown: Sequence[str] = [id for id in (*template.figures, *columns, *lists) if id not in register]
    if unknown:
        raise TemplateError(f"{template.kind}: 指标库中没有 {'、'.join(unknown)} / not in the register")
