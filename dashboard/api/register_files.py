"""`POST /registers/files`: a file for a register becomes its account's draft; nothing is kept of it yet."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile

from cases.register_imports import RegisterFiles, UnreadableFile, check_importer
from dashboard.api.parameters import Refused
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import visit
from dashboard.shapes import Json

MOST_ROWS = 50_000  # more are for the command, which does not share a process with the live screens
MOST_NAME = 120


def add(router: APIRouter, services: Services) -> None:
    """Register the route; it has none where nothing reads such files."""
    files = services.register_files
    if files is None:
        return

    @router.post("/registers/files", status_code=201)
    async def hand_in(request: Request) -> Json:
        check_importer(visit().account)
        name, content = await _file(request)
        return await off_loop(keep_draft, services, files, visit().account.name, name, content)


async def _file(request: Request) -> tuple[str, bytes]:
    """Name and content of the form's file."""
    async with request.form(max_files=1, max_fields=1) as form:
        for value in form.values():
            if isinstance(value, UploadFile) and value.filename:
                return value.filename[-MOST_NAME:], await value.read()
    raise Refused(422, "MISSING_FIELD", "没有找到要导入的文件", "file")


def keep_draft(services: Services, files: RegisterFiles, account: str, name: str, content: bytes) -> Json:
    """Read the file and keep it as the account's draft; Refused in words when it cannot be. Blocking."""
    try:
        sheet = files.sheet(name, content)
    except UnreadableFile as problem:
        raise Refused(422, "BAD_FILE", str(problem), "file") from None
    if len(sheet.rows) > MOST_ROWS:
        raise Refused(413, "TOO_LARGE", f"超过 {MOST_ROWS} 行，请用命令行导入", "file")
    draft = services.drafts.put(account, name, sheet, services.clock())
    return {"id": draft.id, "file": draft.file, "rows": len(sheet.rows)}
