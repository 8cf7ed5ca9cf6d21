"""A printed sheet: its running head on every page, tables that repeat their heads, and a page that is itself a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from dashboard.markup import Markup, document, element, policy

STYLE = (Path(__file__).parent / "sheet.css").read_text(encoding="utf-8")
SCRIPT = 'document.getElementById("print").addEventListener("click",()=>window.print())'
POLICY = policy(STYLE, SCRIPT)


def page(title: str, links: Sequence[tuple[str, str]], *sheets: Markup) -> str:
    """The whole document; `links` (words, address) stand beside the print button and are never printed."""
    bar = element(
        "nav",
        element("button", "打印", type="button", id="print"),
        element("span", title),
        [element("a", words, href=address) for words, address in links],
    )
    return document(title, STYLE, Markup(bar + "".join(sheets)), SCRIPT)


def sheet(left: str, right: str, *content: object, class_: str = "") -> Markup:
    """Content under a running head that every printed page repeats: what it is, and as of when from where."""
    head = element("tr", element("td", element("div", element("b", left), element("span", right), class_="running")))
    body = element("tr", element("td", *content))
    inside = element("table", element("thead", head), element("tbody", body), class_="sheet")
    return element("section", inside, class_=f"page {class_}".strip())


def facts(rows: Iterable[tuple[str, object]]) -> Markup:
    """Names and values, two columns."""
    return element(
        "table",
        [element("tr", element("th", name), element("td", value)) for name, value in rows],
        class_="ruled facts",
    )


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]], class_: str = "") -> Markup | None:
    """A titled table; nothing at all without rows."""
    if not rows:
        return None
    head = element("thead", element("tr", [element("th", name) for name in heads]))
    body = [element("tr", [element("td", cell) for cell in row]) for row in rows]
    ruled = element("table", head, element("tbody", body), class_=f"ruled {class_}".strip())
    return element("section", element("h2", f"{title}（{len(rows)}）"), ruled)
