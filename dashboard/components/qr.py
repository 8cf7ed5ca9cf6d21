"""The QR code of a case's page (一案一码): the address of its secret and nothing else, no personal data."""

from __future__ import annotations

import io

import segno

from cases.model import CaseNo, Scope
from dashboard.services import Services

UNDER = "/c/"
_LOOK = {"border": 4, "light": "#fff"}


def address_of(services: Services, no: CaseNo, scope: Scope) -> str:
    """Where the case's citizen looks; empty outside the scope. Blocking."""
    token = services.registry.codes.token(no, scope)
    return f"{services.public_url}{UNDER}{token}" if token else ""


def picture(address: str) -> str:
    """The code as an SVG data address: black on white with its quiet zone, readable with 15 % of it soiled."""
    return str(_code(address).svg_data_uri(**_LOOK, encode_minimal=True))


def svg(address: str) -> bytes:
    """The same code as an SVG file of its own."""
    out = io.BytesIO()
    _code(address).save(out, kind="svg", **_LOOK)
    return out.getvalue()


def _code(address: str) -> segno.QRCode:
    return segno.make_qr(address, error="m")
