"""A page's scripts in two files: what draws its first picture, what Dash needs to take over from it; its styles in one.

Dash's index names two dozen scripts and a dozen styles, one request each, and nothing is drawn before the last has run.
Here the index gives them up (`taken_out`), `halves` sorts the scripts, and `Packs` makes one file of each half and one
of the styles, which `dressed` puts back.
docs/decisions/0007-first-picture-before-dash.md tells what each step is worth.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from dashboard.compress import SUITES, Bundles

FIRST_PICTURE = '<div id="first-picture" class="page" inert aria-hidden="true"></div>'
REST = "rest-of-page"

_SCRIPT = re.compile(r'<script(?! id="_dash-config")[^>]*?(?: src="([^"]*)")?[^>]*>(.*?)</script>\s*', re.DOTALL)
_STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)">\s*')
_MAPPED = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
_GEOMETRY = re.compile(r'"(/map/grids/[^"]+)"')

_REACT = f"{SUITES}dash/deps/"
_POLYFILL = f"{_REACT}polyfill@"  # for browsers of 2018; of ours only the drawing of charts still leans on it
_NEEDLESS = (_POLYFILL, f"{SUITES}dash/dash_table/")  # a table no page has
PLOTLY = f"{SUITES}plotly/"


@dataclass(frozen=True, slots=True)
class Script:
    """One script of an index: its address, or its text when it stands in the page."""

    address: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Halves:
    """Scripts in the order in which they run."""

    first: tuple[Script, ...]
    rest: tuple[Script, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """Dash's index without its scripts and styles, and what it named, in its order; of styles the addresses."""

    bare: str
    styles: tuple[str, ...]
    scripts: tuple[Script, ...]


def taken_out(index: str, libraries: Sequence[str] | None, late: Sequence[str] = ()) -> Index:
    """The index taken apart, without scripts and styles of libraries that the page does not use.

    `libraries` are the component libraries beside Dash's own, `late` what the page loads later; None keeps all.
    """
    has_charts = "plotly" in (libraries or ()) or any(address.startswith(PLOTLY) for address in late)
    found = [Script(address, text) for address, text in _SCRIPT.findall(index)]
    styles = [href for href in _STYLE.findall(index) if _is_needed(href, libraries)]
    kept = (_POLYFILL,) if has_charts else ()
    scripts = [s for s in found if _is_needed(s.address, libraries) or s.address.startswith(kept)]
    return Index(_STYLE.sub("", _SCRIPT.sub("", index)), tuple(styles), tuple(scripts))


def _is_wanted(library: str, libraries: Sequence[str] | None) -> bool:
    return libraries is None or library in ("dash", *libraries)


def _is_needed(address: str, libraries: Sequence[str] | None) -> bool:
    if not address.startswith(SUITES):
        return True
    library = address.removeprefix(SUITES).partition("/")[0]
    return _is_wanted(library, libraries) and not address.startswith(_NEEDLESS)


def halves(scripts: Sequence[Script], late: Sequence[str] = ()) -> Halves:
    """React, the component libraries and our assets first; Dash's own, what it loads `late`, and its start after."""
    first = [script for script in scripts if _is_first(script.address)]
    chunks = [Script(address) for address in late]
    return Halves(tuple(first), (*chunks, *(script for script in scripts if script not in first)))


def _is_first(address: str) -> bool:
    return address.startswith(_REACT) or (address != "" and not address.startswith(f"{SUITES}dash/"))


class Packs:
    """Files made of several, kept by what they hold: an asset that changes makes a new one."""

    def __init__(self, bundles: Bundles) -> None:
        self._bundles = bundles
        self._kept: dict[tuple[str, ...], str] = {}

    def scripts(self, name: str, scripts: Sequence[Script]) -> str:
        """The address of one file that runs these scripts in turn, cached for ever by its hash. Blocking at first."""
        known = [script.address or script.text for script in scripts]
        return self._put(name, known, lambda: [_placed(script.address, self._text(script)) for script in scripts])

    def styles(self, name: str, addresses: Sequence[str]) -> str:
        """The address of one sheet of all these; none of them may point beside itself by `url()`. Blocking at first."""
        return self._put(name, addresses, lambda: [self._body(address) for address in addresses])

    def _put(self, name: str, known: Sequence[str], read: Callable[[], list[str]]) -> str:
        key = (name, *known, *map(self._bundles.version, known))
        if key not in self._kept:
            self._kept[key] = self._bundles.put(name, "\n".join(read()).encode())
        return self._kept[key]

    def _text(self, script: Script) -> str:
        return self._body(script.address) if script.address else script.text

    def _body(self, address: str) -> str:
        bundle = self._bundles.at(address)
        if bundle is None:
            raise LookupError(f"the index names a file that is not there: {address}")
        return bundle.body.decode()


def _placed(address: str, text: str) -> str:
    """A script that believes it was loaded from its own address: libraries ask where they lie to load the rest."""
    text = _MAPPED.sub("", text)
    if not address.startswith(SUITES):
        return f"{text}\n;"
    told = json.dumps({"tagName": "SCRIPT", "src": address})
    tell = f'Object.defineProperty(document,"currentScript",{{configurable:true,value:{told}}});'
    return f"{tell}\n{text}\n;delete document.currentScript;"


def dressed(bare: str, sheet: str, first: str, rest: str, brought: Mapping[str, str], *, has_picture: bool) -> str:
    """The page: its files named where the browser finds them at once, and the answers Dash will ask for brought along.

    `brought` maps an address of ours to the JSON it would answer. A page with a first picture runs `rest` after it.
    """
    early = "".join(
        f'<link rel="preload" as="fetch" href="{escape(address)}" crossorigin>'  # without it fetch() would ask anew
        for address in dict.fromkeys(_GEOMETRY.findall("".join(brought.values())))
    )
    head = f'<link rel="stylesheet" href="{sheet}"><script defer src="{first}"></script>{early}'
    if has_picture:
        head += f'<link rel="preload" as="script" fetchpriority="low" id="{REST}" href="{rest}">'
        bare = bare.replace("<footer>", f"{FIRST_PICTURE}<footer>", 1)
    else:
        head += f'<script defer src="{rest}"></script>'
    answers = "".join(
        f'<script type="application/json" data-answer="{escape(address)}">{_inside(told)}</script>'
        for address, told in brought.items()
    )
    return bare.replace("</head>", f"{head}</head>", 1).replace("<footer>", f"<footer>{answers}", 1)


def _inside(told: str) -> str:
    """JSON that no text in it can end early when it stands in a page."""
    return told.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
