"""XML from strangers as a bounded tree: no DTD, no entities, nothing fetched, limits on size, depth and count.

Straight on expat: what the standard library's tree builder would expand (billion laughs, quadratic blow-up, external
entities) is refused at its first sign, before a byte of it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from cases.cap.message import CapProblem

MOST_BYTES = 256 << 10
MOST_DEPTH = 16
MOST_ELEMENTS = 20_000


@dataclass(slots=True)
class Element:
    """One element: its namespace, its name, the words in it, what stands under it, and its line."""

    namespace: str
    name: str
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)


def tree(body: bytes) -> Element:
    """The root of a document in UTF-8, UTF-16, ISO-8859-1 or ASCII. Raises CapProblem."""
    if len(body) > MOST_BYTES:
        raise CapProblem("TOO_LONG", f"报文过大，最多 {MOST_BYTES >> 10} KB")
    builder = _Builder()
    try:
        builder.parser.Parse(body, True)
    except expat.ExpatError as problem:
        raise CapProblem("BAD_XML", f"第 {problem.lineno} 行不是合法的 XML，请检查后重发") from None
    except (ValueError, LookupError):
        raise CapProblem("BAD_XML", "字符编码不能识别，请用 UTF-8") from None
    return builder.root


class _Builder:
    """What expat tells, as elements."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._no_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._words
        self.root = Element("", "", 0)
        self._open: list[Element] = []
        self._count = 0

    def _no_doctype(self, *_: object) -> None:
        line = self.parser.CurrentLineNumber
        raise CapProblem("BAD_XML", f"第 {line} 行有 DOCTYPE：不接受文档类型和实体声明，请去掉")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) >= MOST_DEPTH:
            raise CapProblem("TOO_LONG", f"元素过多或嵌套过深：最多 {MOST_ELEMENTS} 个，{MOST_DEPTH} 层")
        namespace, _, plain = name.rpartition(" ")
        element = Element(namespace, plain, self.parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _words(self, words: str) -> None:
        self._open[-1].text += words
