"""提醒函, 督办单 and 整改函 as DOCX in the official layout, to whoever may see the matter; each taking is recorded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cases.assessment import Month
from cases.documents import Document
from cases.minutes import rectification_letter, reminder, supervision_slip
from cases.model import Role
from cases.supervision import Target
from dashboard import answers
from dashboard.minutes_door import DOCX
from dashboard.offloop import off_loop
from dashboard.panels import assessment_table
from dashboard.services import Services
from dashboard.session import Visit, visit

READERS = frozenset({Role.LEADER, Role.DUTY, Role.ADMIN, Role.ANALYST, Role.UNIT, Role.VERIFIER})
ASSESSORS = frozenset({Role.LEADER, Role.DUTY, Role.ADMIN, Role.ANALYST})
Find = Callable[[str, Visit], Document | None]


@dataclass(frozen=True, slots=True)
class LettersDoor:
    """The routes of letters."""

    services: Services

    def routes(self) -> list[Route]:
        """The slip of a supervision, the letter of a ledger entry, the notice of a signed proposal."""
        ways: dict[str, Find] = {
            "/supervision/{no}/slip": self._slip,
            "/rectification/{no}/letter": self._letter,
            "/assessment/letter/{no}": self._notice,
        }
        return [Route(path, self._given(find), methods=["GET"]) for path, find in ways.items()]

    def _given(self, find: Find) -> Callable[[Request], Awaitable[Response]]:
        async def give(request: Request) -> Response:
            seen, no = visit(), request.path_params["no"]
            if seen.account.role not in READERS:
                return answers.refuse(403, "FORBIDDEN", "您的岗位不能取这份文书")
            found = await off_loop(self._write, find, no, seen)
            if found is None:
                return answers.refuse(404, "NOT_FOUND", "没有这份文书，或不在您的辖区内")
            name, content = found
            told = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
            return Response(content, media_type=DOCX, headers=told)

        return give

    def _write(self, find: Find, no: str, seen: Visit) -> tuple[str, bytes] | None:
        """Name and content; None where there is no such matter or nobody writes papers here. Blocking."""
        papers, document = self.services.papers, find(no, seen)
        if document is None or papers is None:
            return None
        self.services.registry.disclosures.record(seen.account.name, "letter", no, self.services.clock())
        return f"{document.title}-{no}.docx", papers.docx(document)

    def _slip(self, no: str, seen: Visit) -> Document | None:
        one = self.services.registry.meetings.supervision(no)
        if one is None or not _may_see(one.target, seen):
            return None
        return supervision_slip(one, self.services.title)

    def _letter(self, no: str, seen: Visit) -> Document | None:
        one = self.services.registry.meetings.rectification(no)
        if one is None or not _may_see(one.target, seen):
            return None
        return rectification_letter(one, self.services.title)

    def _notice(self, no: str, seen: Visit) -> Document | None:
        """Of a proposal's key with points for strokes: `2026-10.330106.letter`; to the area that signed it."""
        key = no.replace(".", "/")
        month = key.partition("/")[0]
        sheet = assessment_table.read(self.services, seen.scope.area, Month.read(month))
        if seen.account.role not in ASSESSORS or sheet is None:
            return None
        proposal = next((each for each in sheet.found.proposals if each.key == key), None)
        ruling = sheet.found.ruling(proposal) if proposal else None
        if proposal is None or ruling is None or not ruling.is_signed:
            return None
        return reminder(proposal, ruling, sheet.names[proposal.unit], self.services.title)


def _may_see(target: Target, seen: Visit) -> bool:
    """A unit its own; others what their area supervises or is meant by."""
    if seen.account.role is Role.UNIT:
        return target.is_of(seen.account)
    return seen.scope.area in ("", target.area, target.grid)
