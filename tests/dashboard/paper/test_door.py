"""What is printed comes from one's own area, masked by one's role, and is recorded before it is shown."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image

from cases.model import EVERYWHERE, Action, Actor, CaseNo, Reporter, Role
from dashboard.api.uploads import keep
from tests.dashboard.rig import Rig

DUTY = Actor("duty", Role.DUTY, "screen")


@pytest.fixture(scope="module")
def photo(room: Rig) -> str:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    return keep(out.getvalue(), Path(room.services.uploads))


@pytest.fixture(scope="module")
def case(room: Rig, photo: str) -> CaseNo:
    """A case in A1 with a photo, a worker and a reporter."""
    told = Reporter("张三丰", "13800001234")
    no = CaseNo(
        room.report("占道 <b>经营</b>", text="两家\n争执", reporter=told, attachments=(photo, "gone", "../../x"))
    )
    steps: list[tuple[Action, dict[str, object]]] = [
        (Action.ACCEPT, {}),
        (Action.DISPATCH, {"unit": "U-city", "worker": "W-A1", "reason": "最近"}),
        (Action.WHISTLE, {"units": ["U-city"], "reason": "需到场"}),
        (Action.MEDIATE, {"result": "failed", "kind": "people"}),
        (Action.HAND_OFF, {"kind": "court", "reason": "调解未成"}),
    ]
    for seen, (action, details) in enumerate(steps, 1):
        room.services.desk.act(no, action, details, DUTY, EVERYWHERE, seen, room.now())
    return no


def test_the_file_holds_the_whole_case(room: Rig, case: CaseNo) -> None:
    text = room.browser("duty").get(f"{room.url}/case/{case}/print").text
    for words in (
        "占道 &lt;b&gt;经营",
        "城管中队",
        "王建国",
        "张** 138****1234",
        "办理经过（6）",
        "各步时限",
        "席位",
        "最近",
        "吹哨报到（1）",
        "人民调解",
        "调解未成",
        "诉调对接",
        "下达任务（1）",
        "附件（3）",
        "data:image/svg+xml",
        "扫码看进度",
    ):
        assert words in text, words
    assert f"案件卷宗 {case}" in text
    assert re.search(r"来源：案件库 · 截至 \d{4}-\d\d-\d\d \d\d:\d\d · duty 打印", text)


def test_paper_is_a_page_of_its_own_under_a_strict_policy(room: Rig, case: CaseNo) -> None:
    answer = room.browser("duty").get(f"{room.url}/case/{case}/print")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert " style=" not in answer.text


def test_who_may_not_know_reads_masks_and_cannot_ask_for_more(room: Rig, case: CaseNo) -> None:
    text = room.browser("analyst").get(f"{room.url}/case/{case}/print?reveal=1").text
    assert "张** 138****1234" in text
    assert "张三丰" not in text
    assert "王建国" not in text
    assert "王**" in text
    assert "reveal=1" not in text


def test_who_may_know_asks_for_it_and_the_asking_is_kept(room: Rig, case: CaseNo) -> None:
    leader, version = room.browser("leader"), room.services.views.case(case, EVERYWHERE)
    before = len(room.services.registry.disclosures.of(case))
    masked = leader.get(f"{room.url}/case/{case}/print").text
    assert "张三丰" not in masked
    assert "reveal=1" in masked
    shown = leader.get(f"{room.url}/case/{case}/print?reveal=1").text
    assert "张三丰 13800001234" in shown
    assert "查看报告人" in shown
    kept = [(who, what) for _, who, what in room.services.registry.disclosures.of(case)[before:]]
    assert kept == [("leader", "print"), ("leader", "print"), ("leader", "reveal")]
    assert room.services.views.case(case, EVERYWHERE) == version


@pytest.mark.parametrize("no", ["20200101-000001", "nonsense", "<script>"])
def test_no_file_of_a_case_that_is_not(room: Rig, no: str) -> None:
    answer = room.browser("duty").get(f"{room.url}/case/{no}/print")
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text


def test_another_areas_case_is_no_case(room: Rig, case: CaseNo, photo: str) -> None:
    stranger = room.browser("duty-b")
    assert stranger.get(f"{room.url}/case/{case}/print").status_code == 404
    assert stranger.get(f"{room.url}/api/v1/cases/{case}/uploads/{photo}").status_code == 404
    assert case not in stranger.get(f"{room.url}/print/open").text


def test_a_photo_opens_in_scope_and_only_as_that_cases(room: Rig, case: CaseNo, photo: str) -> None:
    own, other = room.browser("duty-a"), room.report("别案")
    answer = own.get(f"{room.url}/api/v1/cases/{case}/uploads/{photo}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert Image.open(io.BytesIO(answer.content)).size == (40, 30)
    for path in (
        f"{other}/uploads/{photo}",
        f"{case}/uploads/gone",
        f"{case}/uploads/..%2f..%2fx",
        f"{case}/uploads/{'0' * 32}",
    ):
        assert own.get(f"{room.url}/api/v1/cases/{path}").status_code == 404, path


def test_the_open_list_is_ones_own_area_and_recorded(room: Rig, case: CaseNo) -> None:
    room.report("乙区的案", area="B1")
    text = room.browser("duty-a").get(f"{room.url}/print/open").text
    assert case in text
    assert "乙区的案" not in text
    whole = room.browser("duty").get(f"{room.url}/print/open").text
    assert "乙区的案" in whole
    kept = room.services.registry.disclosures
    assert ("duty-a", "print_open") in [(who, what) for _, who, what in kept.of("A")]
    assert ("duty", "print_open") in [(who, what) for _, who, what in kept.of("*")]


def test_the_code_is_a_picture_that_leads_to_the_citizens_page(room: Rig, case: CaseNo) -> None:
    officer = room.browser("duty-a")
    picture = officer.get(f"{room.url}/case/{case}/code.svg")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")
    assert picture.text.startswith("<?xml")
    led = officer.get(f"{room.url}/case/{case}/code", allow_redirects=False)
    token = room.services.registry.codes.token(case, EVERYWHERE)
    assert (led.status_code, led.headers["location"]) == (303, f"{room.services.public_url}/c/{token}")


@pytest.mark.parametrize("part", ["code", "code.svg"])
def test_no_code_of_another_areas_case(room: Rig, case: CaseNo, part: str) -> None:
    assert room.browser("duty-b").get(f"{room.url}/case/{case}/{part}", allow_redirects=False).status_code == 404


def test_a_refused_case_has_its_notice_masked_and_recorded(room: Rig) -> None:
    no = CaseNo(room.report("要求法院重判", reporter=Reporter("李四光", "13800004321")))
    assert room.browser("duty").get(f"{room.url}/case/{no}/notice").status_code == 404  # nothing is refused yet
    given = {"reason": "legal_way", "text": "内部：来过三次"}
    room.services.desk.act(no, Action.REFUSE, given, DUTY, EVERYWHERE, 1, room.now())
    text = room.browser("duty").get(f"{room.url}/case/{no}/notice").text
    for words in ("不予受理告知书", "要求法院重判", "李**：", "请依照法定程序向有权机关提出", "《信访工作条例》"):
        assert words in text, words
    assert "来过三次" not in text and "domain.md" not in text
    assert ("duty", "print_notice") in [(who, what) for _, who, what in room.services.registry.disclosures.of(no)]
