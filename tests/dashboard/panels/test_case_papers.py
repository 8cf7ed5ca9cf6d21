"""What hangs at the foot of a case: pictures to open, the file to print, the code to scan."""

from __future__ import annotations

from cases.model import CaseNo
from dashboard.attachments import Attachment
from dashboard.panels import case_papers

NO = CaseNo("20261121-000001")


def test_every_case_has_its_file_and_its_code() -> None:
    shown = str(case_papers.section(NO))
    assert f"/case/{NO}/print" in shown
    assert f"/case/{NO}/code.svg" in shown
    assert case_papers.came_with(()) == []


def test_each_kind_of_attachment_opens_in_its_own_way() -> None:
    came = [
        Attachment(str(n), f"/at/{n}", kind)
        for n, kind in enumerate(("image/jpeg", "audio/mpeg", "application/pdf", ""))
    ]
    shown = str(case_papers.came_with(came))
    assert "src='/at/0'" in shown
    assert "Audio(controls=True, preload='none', src='/at/1'" in shown
    assert "href='/at/2'" in shown
    assert "附件文件未找到" in shown
    assert "/at/3" not in shown
