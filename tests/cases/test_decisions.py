"""A meeting's line becomes a task with a clock; what cannot be read is refused in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cases.calendar import LOCAL, WorkCalendar
from cases.decisions import Answerable, Decision, decide, finish, looked_back, read_line, send_back, verify
from cases.errors import BadAction, IllegalAction, NotAllowed
from cases.model import Account, Role, Standing
from tests.cases.build import MONDAY_9

KNOWN = (
    Answerable("U-07", "青芝城管中队"),
    Answerable("U-03", "云溪县交警大队青芝中队"),
    Answerable("U-04", "青芝司法所"),
    Answerable("339921101001", "青芝社区", is_grid=True),
    Answerable("U-24", "青芝社区人民调解委员会"),
)
LEADER = Account("leader", Role.LEADER, "", "指挥长")
URBAN = Account("urban", Role.UNIT, "", "城管", unit="U-07")


def read(line: str, now: datetime = MONDAY_9) -> tuple[str, str, str]:
    said = read_line(line, KNOWN, WorkCalendar(), now)
    return said.who.name, said.text, f"{said.due_at.astimezone(LOCAL):%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("今天", "11-16 17:30"),
        ("明天前", "11-17 17:30"),
        ("后天", "11-18 17:30"),
        ("周五前", "11-20 17:30"),
        ("本周五", "11-20 17:30"),
        ("下周一", "11-23 17:30"),
        ("星期天", "11-22 17:30"),
        ("本周内", "11-22 17:30"),
        ("3日内", "11-19 17:30"),
        ("三天内", "11-19 17:30"),
        ("十五日内", "12-01 17:30"),
        ("5个工作日内", "11-23 17:30"),
        ("两周内", "11-30 17:30"),
        ("48小时内", "11-18 09:00"),
        ("月底前", "11-30 17:30"),
        ("20日前", "11-20 17:30"),
        ("3日前", "12-03 17:30"),
        ("12月1日前办结", "12-01 17:30"),
        ("1月5日", "01-05 17:30"),
    ],
)
def test_limit_in_words_is_an_instant(when: str, expected: str) -> None:
    assert read(f"城管中队 办 清理占道摊位 {when}") == ("青芝城管中队", "清理占道摊位", expected)


def test_weekday_whose_work_has_ended_is_next_weeks() -> None:
    friday_evening = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    assert read("司法所 办 上门调解 周五前", friday_evening)[2] == "11-27 17:30"


@pytest.mark.parametrize(
    ("line", "who", "text"),
    [
        ("城管办清理摊位，周五前", "青芝城管中队", "清理摊位"),
        ("青芝社区 办 走访三户 3日内", "青芝社区", "走访三户"),
        ("U-04 办 出具意见 明天", "青芝司法所", "出具意见"),
        ("交警中队 办 办理停车位审批 3日内", "云溪县交警大队青芝中队", "办理停车位审批"),
    ],
)
def test_line_is_read_as_it_is_spoken(line: str, who: str, text: str) -> None:
    assert read(line)[:2] == (who, text)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "请写成"),
        ("周五前清理", "请写成"),
        ("城管中队 办 周五前", "没有写办什么"),
        ("城管中队 办 清理摊位", "没有写何时"),
        ("水利局 办 清淤 周五前", "没有叫“水利局”"),
        ("中队 办 清理 周五前", "可能是青芝城管中队、云溪县交警大队青芝中队"),
        ("城管中队 办 清理 2月30日前", "没有 2月30日前 这一天"),
        ("城管中队 办 清理 " + "长" * 201 + " 周五前", "最长 200 字"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(line: str, says: str) -> None:
    with pytest.raises(BadAction) as refused:
        read(line)
    assert says in refused.value.msg


def made(now: datetime = MONDAY_9) -> Decision:
    said = read_line("城管中队 办 清理摊位 周五前", KNOWN, WorkCalendar(), now)
    return decide("D1", "M1", "", "G1", None, said, LEADER, now)


def test_light_goes_from_grey_to_yellow_to_red_and_stops_when_done() -> None:
    task = made()
    lights = [task.standing(task.due_at + timedelta(hours=by)) for by in (-100, -20, 1)]
    assert lights == [Standing.ON_TIME, Standing.AT_RISK, Standing.OVERDUE]
    done = finish(task, URBAN, "已清 12 处", task.due_at - timedelta(hours=1))
    assert done.standing(task.due_at + timedelta(days=9)) is Standing.ON_TIME


def test_unit_does_another_verifies_and_what_was_not_done_runs_on() -> None:
    task = made()
    with pytest.raises(NotAllowed):
        finish(task, Account("other", Role.UNIT, "", "", unit="U-04"), "好", MONDAY_9)
    with pytest.raises(BadAction):
        finish(task, URBAN, " ", MONDAY_9)
    with pytest.raises(IllegalAction):
        verify(task, LEADER, MONDAY_9)
    done = finish(task, URBAN, "已清", MONDAY_9)
    with pytest.raises(NotAllowed):
        verify(done, URBAN, MONDAY_9)
    back = send_back(done, LEADER, MONDAY_9)
    assert (back.is_open, back.due_at, back.sent_back, back.version) == (True, task.due_at, 1, 3)
    kept = verify(finish(back, URBAN, "已清，附照片", MONDAY_9), LEADER, MONDAY_9)
    assert kept.state_words == "已核实"
    assert [name for name, group in looked_back([kept, task], task.due_at + timedelta(1)).items() if group] == [
        "超时未办",
        "已核实",
    ]


def test_only_who_chairs_decides() -> None:
    with pytest.raises(NotAllowed):
        decide(
            "D1", "M1", "", "", None, read_line("城管 办 清理 明天", KNOWN, WorkCalendar(), MONDAY_9), URBAN, MONDAY_9
        )
