"""The lower part of the case pane: what came with the case, its file to print, and the code for its citizen."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from cases.model import CaseNo
from dashboard.attachments import Attachment

_NEW = {"target": "_blank", "rel": "noopener"}


def section(no: CaseNo, attachments: Sequence[Attachment]) -> Component:
    """Photos and sounds, 打印卷宗, and the QR; everything opens beside the desk, never in its place."""
    came = [html.Div([_attachment(each) for each in attachments], className="came-with")] if attachments else []
    picture = html.Img(src=f"/case/{no}/code.svg", alt="一案一码", **{"data-code": no})
    code = html.A(picture, href=f"/case/{no}/code", title="群众看到的页面", className="case-code", **_NEW)
    links = html.Div(
        [
            html.A("打印卷宗", href=f"/case/{no}/print", title="打印会被记录", **_NEW),
            html.Small("一案一码：群众扫码看进度、作评价"),
        ],
        className="paper-links",
    )
    return html.Section([*came, html.Div([links, code], className="papers")])


def _attachment(attachment: Attachment) -> Component:
    if attachment.is_picture:
        return html.A(html.Img(src=attachment.address, alt="照片"), href=attachment.address, **_NEW)
    if attachment.is_sound:
        return html.Audio(src=attachment.address, controls=True, preload="none")
    if attachment.kind:
        return html.A("PDF 附件", href=attachment.address, **_NEW)
    return html.Small("附件文件未找到")
