"""Plain HTML for pages outside Dash: every text is escaped unless it is markup already; policies without 'unsafe'."""

from __future__ import annotations

import base64
import hashlib
import html

VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def fragment(*children: object) -> Markup:
    """Children one after the other; None vanishes, lists open up, plain text is escaped."""
    return Markup("".join(_written(child) for child in children))


def element(name: str, /, *children: object, **attributes: object) -> Markup:
    """One element. `class_` is `class`, `data_x` is `data-x`; True is a bare attribute, None and False none at all."""
    given = "".join(_attribute(key, value) for key, value in attributes.items())
    return Markup(f"<{name}{given}>" if name in VOID else f"<{name}{given}>{fragment(*children)}</{name}>")


def document(title: str, style: str, body: Markup, script: str = "") -> str:
    """A whole page with its own style and script, so that it is still itself as a file on a disk."""
    run = Markup(f"<script>{script}</script>") if script else None
    head = fragment(
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width,initial-scale=1"),
        element("meta", name="robots", content="noindex,nofollow"),
        element("title", title),
        element("link", rel="icon", href="data:,"),  # else the browser asks for one that is not there
        Markup(f"<style>{style}</style>"),
    )
    page = element("html", element("head", head), element("body", body, run), lang="zh-CN")
    return f"<!doctype html>\n{page}"


def policy(style: str, script: str = "") -> str:
    """The Content-Security-Policy of such a page: this style, this script, pictures within it, forms to us, no more."""
    scripts = f"'{_hash(script)}'" if script else "'none'"
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src {scripts}; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _written(child: object) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, list | tuple):
        return fragment(*child)
    return html.escape(str(child))


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{html.escape(str(value), quote=True)}"'
