"""What leaves or came with a case, in its pane: photos and sounds, the file to print, the code for its citizen."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from cases.model import CaseNo
from dashboard.attachments import Attachment

_NEW = {"target": "_blank", "rel": "noopener"}


def came_with(attachments: Sequence[Attachment]) -> list[Component]:
    """Photos and sounds, beside what was told; nothing where nothing came. They open beside the desk."""
    return [html.Div([_attachment(each) for each in attachments], className="came-with")] if attachments else []


def section(no: CaseNo, is_refused: bool = False) -> Component:
    """打印卷宗, of a refused case 告知书 besides, and the QR; all open beside the desk, never in its place."""
    picture = html.Img(src=f"/case/{no}/code.svg", alt="一案一码", **{"data-code": no})
    code = html.A(picture, href=f"/case/{no}/code", title="群众看到的页面", className="case-code", **_NEW)
    notice = html.A("不予受理告知书", href=f"/case/{no}/notice", title="打印会被记录", **_NEW)
    links = html.Div(
        [
            html.A("打印卷宗", href=f"/case/{no}/print", title="打印会被记录", **_NEW),
            *([notice] if is_refused else []),
            html.Small("一案一码：群众扫码看进度、作评价"),
        ],
        className="paper-links",
    )
    return html.Section(html.Div([links, code], className="papers"))


def _attachment(attachment: Attachment) -> Component:
    if attachment.is_picture:
        return html.A(html.Img(src=attachment.address, alt="照片"), href=attachment.address, **_NEW)
    if attachment.is_sound:
        return html.Audio(src=attachment.address, controls=True, preload="none")
    if attachment.kind:
        return html.A("PDF 附件", href=attachment.address, **_NEW)
    return html.Small("附件文件未找到")
