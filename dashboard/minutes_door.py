"""`/meeting/<no>/minutes`: a meeting's minutes as DOCX in the official layout, to whoever may see the meeting."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cases.minutes import minutes
from cases.model import Role
from dashboard import answers
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import Visit, visit

READERS = frozenset({Role.LEADER, Role.DUTY, Role.ADMIN, Role.ANALYST})
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class MinutesDoor:
    """The route of minutes; every copy taken away is recorded."""

    services: Services

    def routes(self) -> list[Route]:
        """One: the file."""
        return [Route("/meeting/{no}/minutes", self._show, methods=["GET"])]

    async def _show(self, request: Request) -> Response:
        seen = visit()
        if seen.account.role not in READERS:
            return answers.refuse(403, "FORBIDDEN", "您的岗位不能取会议纪要")
        content = await off_loop(self._write, request.path_params["no"], seen)
        if content is None:
            return answers.refuse(404, "NOT_FOUND", "没有这次会议，或不在您的辖区内")
        name = quote(f"会议纪要-{request.path_params['no']}.docx")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
        return Response(content, media_type=DOCX, headers=headers)

    def _write(self, no: str, seen: Visit) -> bytes | None:
        """The file, None where there is no such meeting or nobody writes papers here. Blocking."""
        kept, papers, now = self.services.registry.meetings, self.services.papers, self.services.clock()
        meeting = kept.meeting(no, seen.scope.area)
        if meeting is None or papers is None:
            return None
        names = {grid.code: grid.name for grid in self.services.grids.grids()}
        paper = minutes(meeting, kept.decisions(seen.scope, meeting=no), names, self.services.title, now)
        self.services.registry.disclosures.record(seen.account.name, "minutes", no, now)
        return papers.docx(paper)
