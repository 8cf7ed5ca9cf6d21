"""The page without an account: its own case and nothing else, one word, and silence towards those who guess."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests

from cases.model import EVERYWHERE, Action, Actor, Case, CaseNo, HandlingUnit, Reporter, Role, UnitId
from tests.dashboard.rig import Rig, rigged, served

DUTY = Actor("机密员", Role.DUTY, "screen")
CHECKER = Actor("机密核查员", Role.VERIFIER, "screen")
SECRETS = ("机密", "张三", "13800001234", "王建国", "W-A1", "文三路")
ROAD = (Action.ACCEPT, Action.DISPATCH, Action.HANDLE, Action.VERIFY, Action.CLOSE)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A room behind a proxy, so that every test can come from an address of its own."""
    with rigged(tmp_path_factory.mktemp("room"), behind_proxy=True) as rig, served(rig):
        yield rig


@pytest.fixture
def visitor(room: Rig) -> requests.Session:
    """A phone with an address of its own."""
    session = room.session()
    session.headers["X-Forwarded-For"] = f"203.0.113.{len(room.sessions) % 250}"
    return session


@pytest.fixture
def case(room: Rig) -> CaseNo:
    """A reported case, secret in every word of it."""
    return CaseNo(room.report("机密标题 文三路", text="机密正文", reporter=Reporter("张三", "13800001234")))


def code(room: Rig, no: str) -> str:
    found = room.services.registry.codes.token(CaseNo(no), EVERYWHERE)
    assert found
    return found


def url(room: Rig, no: str) -> str:
    return f"{room.url}/c/{code(room, no)}"


def now(room: Rig, no: str) -> Case:
    found = room.services.views.case(CaseNo(no), EVERYWHERE)
    assert found is not None
    return found


def walk(room: Rig, no: str, *actions: Action) -> None:
    """Take a case along the road, with secrets wherever words fit."""
    details = {"unit": "U-city", "worker": "W-A1", "reason": "机密理由", "text": "机密内容"}
    for action in actions:
        who = CHECKER if action in (Action.VERIFY, Action.CLOSE) else DUTY
        room.services.desk.act(CaseNo(no), action, details, who, EVERYWHERE, now(room, no).version, room.now())


def text(answer: requests.Response) -> str:
    return re.sub(r"<style>.*?</style>|<[^>]+>", " ", answer.text, flags=re.S)


@pytest.mark.parametrize("length", range(len(ROAD) + 1))
def test_the_page_shows_the_way_and_no_secret(room: Rig, visitor: requests.Session, case: CaseNo, length: int) -> None:
    walk(room, case, *ROAD[:length])
    answer = visitor.get(url(room, case))
    assert answer.status_code == 200
    assert [secret for secret in SECRETS if secret in answer.text] == []
    assert case in answer.text
    assert f'data-stage="{now(room, case).stage}"' in answer.text
    assert "邻里纠纷" in answer.text
    assert ("请您评价" in answer.text) == (length == len(ROAD))
    assert ("城管中队" in answer.text) == (length >= 2)
    assert ("前办结，还有" in text(answer)) == (length < len(ROAD))


def test_no_cookie_no_script_nothing_from_elsewhere(room: Rig, visitor: requests.Session, case: CaseNo) -> None:
    answer = visitor.get(url(room, case))
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert answer.cookies.get_dict() == {}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"


def test_an_evaluation_goes_through_the_desk_once(room: Rig, visitor: requests.Session, case: CaseNo) -> None:
    walk(room, case, *ROAD)
    first = visitor.post(url(room, case), data={"score": "4", "words": " 办得快\x00 "})
    assert (first.status_code, "4 分 · 满意" in first.text) == (200, True)  # after the redirect
    again = visitor.post(url(room, case), data={"score": "1"})
    assert 'data-score="4"' in again.text
    assert now(room, case).score == 4
    [said] = [e for e in room.services.views.events(case, EVERYWHERE) if e.action is Action.EVALUATE]
    assert (said.by, said.role, said.origin, said.why) == ("群众", Role.SYSTEM, "code", "办得快")


def test_what_was_given_by_phone_is_shown_not_asked_again(room: Rig, visitor: requests.Session, case: CaseNo) -> None:
    walk(room, case, *ROAD)
    given = {"score": 5, "text": "机密回访记录"}
    room.services.desk.act(case, Action.EVALUATE, given, CHECKER, EVERYWHERE, now(room, case).version, room.now())
    answer = visitor.post(url(room, case), data={"score": "1"})
    assert 'data-score="5"' in answer.text
    assert "机密" not in answer.text


def test_no_evaluation_before_the_end(room: Rig, visitor: requests.Session, case: CaseNo) -> None:
    walk(room, case, *ROAD[:3])
    answer = visitor.post(url(room, case), data={"score": "5"})
    assert (answer.status_code, "没有提交成功" in answer.text) == (409, True)
    assert now(room, case).score is None


@pytest.mark.parametrize(
    "body",
    ["", "score=0", "score=6", "score=4.5", "score=%E5%9B%9B", "words=x", f"score=4&words={'字' * 201}", "\xff\xfe"],
)
def test_a_word_that_is_none_is_refused_in_words(room: Rig, visitor: requests.Session, case: CaseNo, body: str) -> None:
    walk(room, case, *ROAD)
    answer = visitor.post(url(room, case), data=body.encode())
    assert (answer.status_code, "没有提交成功" in answer.text) == (422, True)
    assert now(room, case).score is None


def test_a_form_on_another_site_cannot_speak_for_the_citizen(
    room: Rig, visitor: requests.Session, case: CaseNo
) -> None:
    walk(room, case, *ROAD)
    answer = visitor.post(url(room, case), data={"score": "1"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert now(room, case).score is None


@pytest.mark.parametrize("wrong", ["x", "a" * 32, "A" * 32, "a" * 3000, "%E9%92%A5", "..%2f..%2fetc", "' OR 1=1"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_wrong_code_gets_the_same_answer(room: Rig, visitor: requests.Session, method: str, wrong: str) -> None:
    known = visitor.get(f"{room.url}/c/{'z' * 32}")
    answer = visitor.request(method, f"{room.url}/c/{wrong}", data={"score": "5"} if method == "POST" else None)
    assert (answer.status_code, answer.text) == (404, known.text)
    same = ("content-type", "content-security-policy", "cache-control", "content-length")
    assert [answer.headers.get(name) for name in same] == [known.headers.get(name) for name in same]


def test_who_guesses_runs_dry(room: Rig, visitor: requests.Session, case: CaseNo) -> None:
    guesses = [visitor.get(f"{room.url}/c/{n:032d}").status_code for n in range(8)]
    assert set(guesses) == {404, 429}
    dry = visitor.get(url(room, case))
    assert dry.status_code == 429
    assert int(dry.headers["retry-after"]) > 0
    assert case not in dry.text


def test_one_code_may_be_looked_at_only_so_often(room: Rig, visitor: requests.Session, case: CaseNo) -> None:
    looks = [visitor.get(url(room, case)).status_code for _ in range(25)]
    assert looks[:20] == [200] * 20
    assert 429 in looks


def test_a_part_shows_the_whole(room: Rig, visitor: requests.Session, case: CaseNo) -> None:
    room.directory.put_units([HandlingUnit(UnitId("U-other"), "司法所", "justice")])
    walk(room, case, Action.ACCEPT)
    parts = {"units": ["U-city", "U-other"], "lead": "U-city"}
    room.services.desk.act(case, Action.SPLIT, parts, DUTY, EVERYWHERE, 2, room.now())
    [child] = room.services.registry.records.of(case, EVERYWHERE).children
    answer = visitor.get(url(room, child.no))
    assert case in answer.text
    assert child.no not in answer.text
    assert "由多个单位联合办理，城管中队牵头" in answer.text


def test_a_merged_case_shows_where_the_other_stands_but_not_what_it_is(
    room: Rig, visitor: requests.Session, case: CaseNo
) -> None:
    into = room.report("机密另案", text="机密另案正文")
    room.services.desk.act(case, Action.MERGE, {"into": into}, DUTY, EVERYWHERE, 1, room.now())
    walk(room, into, *ROAD[:2])
    answer = visitor.get(url(room, case))
    assert "合并后：城管中队正在办理" in answer.text
    assert into not in answer.text
    assert [secret for secret in SECRETS if secret in answer.text] == []


def test_a_drill_says_so(room: Rig, visitor: requests.Session) -> None:
    assert "演练件" in visitor.get(url(room, room.report("演练", exercise=True))).text


def test_a_signed_in_seat_cannot_speak_for_the_citizen(room: Rig, case: CaseNo) -> None:
    walk(room, case, *ROAD)
    officer = room.browser("duty")
    assert "不能代为评价" in officer.get(url(room, case)).text
    answer = officer.post(url(room, case), data={"score": "5"})
    assert (answer.status_code, now(room, case).score) == (403, None)
