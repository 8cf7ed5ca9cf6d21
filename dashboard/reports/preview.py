"""How a document will read, as a page: every figure is a link to its rows."""

from __future__ import annotations

from collections.abc import Sequence

from cases.documents import Block, Document, Heading, Paragraph, Run, Table, dated_words
from dashboard.markup import Markup, element, fragment


def body(document: Document) -> Markup:
    """The document's parts in their order; an annex follows its rule."""
    title = element("h1", *_lines(document.title))
    to = element("p", f"{document.to}：", class_="to") if document.to else None
    signed = element("div", element("p", document.issuer), element("p", dated_words(document.dated)), class_="signed")
    annex = element("section", element("h2", "附件"), _blocks(document.annex)) if document.annex else None
    head = element("p", document.head, class_="red-head") if document.head else None
    return element("article", head, title, to, _blocks(document.blocks), signed, annex, class_="document")


def _lines(words: str) -> list[object]:
    lines: list[object] = []
    for each in words.splitlines():
        lines += [element("br"), each] if lines else [each]
    return lines


def _blocks(blocks: Sequence[Block]) -> Markup:
    return fragment(*(_block(block) for block in blocks))


def _block(block: Block) -> Markup:
    if isinstance(block, Heading):
        return element(f"h{block.level + 1}", block.text)
    if isinstance(block, Paragraph):
        return element("p", *(_run(run) for run in block.runs))
    return _table(block)


def _table(table: Table) -> Markup:
    head = element("thead", element("tr", [element("th", each) for each in table.heads]))
    rows = [element("tr", [element("td", _run(run)) for run in row]) for row in table.rows]
    caption = element("caption", table.title) if table.title else None
    return element("div", element("table", caption, head, element("tbody", rows), class_="ruled"), class_="wide")


def _run(run: Run) -> Markup:
    words = element("a", run.text, href=run.link) if run.link else run.text
    return fragment(words, element("sup", run.note) if run.note else None)
