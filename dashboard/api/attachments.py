"""`/cases/{no}/uploads/{id}`: a file that came with a case, for who may see the case."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse

from cases.model import CaseNo
from dashboard import attachments
from dashboard.api.parameters import Refused
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import Visit, visit


def add(router: APIRouter, services: Services) -> None:
    """Register the route."""

    @router.get("/cases/{no}/uploads/{id_}", response_class=FileResponse)
    async def attachment(no: str, id_: str) -> FileResponse:
        path = await off_loop(_file, services, visit(), CaseNo(no), id_)
        kind = attachments.TYPES[path.suffix]
        how = "attachment" if path.suffix == ".pdf" else "inline"
        name = f"{no}-{id_[:8]}{path.suffix}"
        headers = {"Cache-Control": "private, no-store"}
        return FileResponse(path, headers=headers, media_type=kind, filename=name, content_disposition_type=how)


def _file(services: Services, who: Visit, no: CaseNo, id_: str) -> Path:
    """The file; Refused alike for a case outside the area, another case's file and a file that is gone. Blocking."""
    case = services.views.case(no, who.scope)
    path = attachments.find(services.uploads, id_) if case is not None and id_ in case.attachments else None
    if path is None:
        raise Refused(404, "NOT_FOUND", "没有这个附件，或不在您的辖区内")
    return path
