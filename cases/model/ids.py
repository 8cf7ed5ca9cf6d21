"""Names of things by their own types, so that one is never given for another."""

from __future__ import annotations

from typing import NewType

CaseNo = NewType("CaseNo", str)  # 20261121-000123
AlertNo = NewType("AlertNo", str)  # A20261121-0007
WorkerId = NewType("WorkerId", str)  # W-0001
UnitId = NewType("UnitId", str)
GridCode = NewType("GridCode", str)
