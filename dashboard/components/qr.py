"""The QR code of a case's page (一案一码): the address of its secret and nothing else, no personal data."""

from __future__ import annotations

import segno

from cases.model import CaseNo, Scope
from dashboard.services import Services

UNDER = "/c/"


def address_of(services: Services, no: CaseNo, scope: Scope) -> str:
    """Where the case's citizen looks; empty outside the scope. Blocking."""
    token = services.registry.codes.token(no, scope)
    return f"{services.public_url}{UNDER}{token}" if token else ""


def picture(address: str) -> str:
    """The code as an SVG data address: black on white with its quiet zone, readable with 15 % of it soiled."""
    return str(segno.make_qr(address, error="m").svg_data_uri(border=4, light="#fff", encode_minimal=True))
