"""REST as protocol.md §3 says: shapes, scope, order of refusals, limits."""

from datetime import UTC, datetime, timedelta

import pytest

from cases.model import Action, WorkerStatus
from tests.dashboard.rig import PASSWORD

CASE_KEYS = [
    "case",
    "version",
    "stage",
    "state",
    "standing",
    "severity",
    "title",
    "category",
    "channel",
    "grids",
    "lon",
    "lat",
    "unit",
    "worker",
    "reported_at",
    "due_at",
    "exercise",
]


def code(answer):
    return answer.status_code, answer.json()["code"]


# cases ------------------------------------------------------------------------------------------------------------


def test_a_case_has_exactly_the_fields_of_the_protocol(room):
    number = room.report("楼上噪声")
    case = room.program("duty").get(f"{room.url}/api/v1/cases/{number}").json()
    assert list(case) == [*CASE_KEYS, "events"]
    assert (case["case"], case["stage"], case["version"]) == (number, "reported", 1)
    assert [event["action"] for event in case["events"]] == ["report"]


def test_a_list_is_paged_and_narrowed(room):
    number = room.report("井盖缺失", "B2")
    program = room.program("duty")
    page = program.get(f"{room.url}/api/v1/cases", params={"grid": "B2", "stage": "reported"}).json()
    assert [case["case"] for case in page["items"]] == [number]
    assert (page["page"], page["total"]) == (1, 1)
    assert program.get(f"{room.url}/api/v1/cases", params={"grid": "B2", "page": 2}).json()["items"] == []


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"page": -1}, (422, "BAD_PAGE")),
        ({"page": 10**9}, (422, "BAD_PAGE")),
        ({"page": "abc"}, (422, "BAD_PAGE")),
        ({"page_size": 10**9}, (422, "UNKNOWN_PARAMETER")),
        ({"sort": "password_hash"}, (422, "UNKNOWN_PARAMETER")),
        ({"stage": "done"}, (422, "BAD_VALUE")),
        ({"since": "yesterday"}, (422, "BAD_VALUE")),
        ({"since": "2026-01-01T00:00:00"}, (422, "BAD_TIME")),
        ({"until": "0429-03-24T03:33:31Z"}, (422, "BAD_TIME")),
        ({"since": "1926-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, (422, "RANGE_TOO_WIDE")),
        ({"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, (422, "BAD_ORDER")),
        ({"grid": "Z9"}, (404, "NOT_FOUND")),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(room, params, expected):
    assert code(room.program("duty").get(f"{room.url}/api/v1/cases", params=params)) == expected


@pytest.mark.parametrize("number", ["id=1 OR 1=1", "9e99", "%00", "20261121-999999", "' --", "x" * 4_000])
def test_a_case_that_is_not_there_is_404_whatever_it_is_called(room, number):
    assert code(room.program("duty").get(f"{room.url}/api/v1/cases/{number}")) == (404, "NOT_FOUND")


def test_absent_and_not_yours_are_the_same_answer(room):
    theirs = room.report("别处的案件", "B1")
    program = room.program("duty-a")
    for path in (f"/cases/{theirs}", "/cases/20261121-999999"):
        answer = program.get(f"{room.url}/api/v1{path}")
        assert answer.status_code == 404
        assert answer.json() | {"ref": ""} == {
            "ok": False,
            "code": "NOT_FOUND",
            "msg": "没有这个案件，或不在您的辖区内",
            "field": None,
            "ref": "",
        }
    act = {"action": "accept", "seen": 1}
    assert code(program.post(f"{room.url}/api/v1/cases/{theirs}/actions", json=act)) == (404, "NOT_FOUND")


# actions ----------------------------------------------------------------------------------------------------------


def test_a_case_goes_through_its_stages_by_rest(room):
    duty, unit, number = room.program("duty"), room.program("unit"), room.report("乱倒垃圾")
    url = f"{room.url}/api/v1/cases/{number}/actions"
    assert duty.post(url, json={"action": "accept", "seen": 1}).json()["stage"] == "accepted"
    sent = duty.post(url, json={"action": "dispatch", "seen": 2}).json()
    assert (sent["stage"], sent["unit"]) == ("dispatched", "U-city")
    assert unit.post(url, json={"action": "handle", "seen": 3, "text": "已清理"}).json()["stage"] == "handled"
    assert code(unit.post(url, json={"action": "verify", "seen": 4})) == (403, "FORBIDDEN")
    assert duty.post(url, json={"action": "verify", "seen": 4}).json()["stage"] == "verified"
    assert duty.post(url, json={"action": "close", "seen": 5}).json()["stage"] == "closed"


def test_refusals_come_in_the_protocols_order(room):
    number = room.report("噪声扰民")
    url = f"{room.url}/api/v1/cases/{number}/actions"
    duty, analyst = room.program("duty"), room.program("analyst")
    nowhere = f"{room.url}/api/v1/cases/20261121-999999/actions"
    assert code(analyst.post(nowhere, json={"action": "dance"})) == (404, "NOT_FOUND")
    assert code(analyst.post(url, json={"action": "accept", "seen": 99})) == (403, "FORBIDDEN")
    assert code(duty.post(url, json={"action": "verify", "seen": 99})) == (409, "STALE_CASE")
    assert code(duty.post(url, json={"action": "verify", "seen": 1})) == (409, "ILLEGAL_ACTION")
    assert code(duty.post(url, json={"action": "refuse", "seen": 1})) == (422, "BAD_ACTION")
    assert code(duty.post(url, json={"action": "dance", "seen": 1})) == (422, "UNKNOWN_ACTION")
    assert code(duty.post(url, json={"action": "accept"})) == (422, "BAD_VERSION")
    assert code(duty.post(url, json={"action": "note", "seen": 1, "text": {"a": 1}})) == (422, "BAD_TYPE")
    assert code(duty.post(url, json={"action": "note", "seen": 1, "text": "a\0b"})) == (422, "BAD_TEXT")
    assert code(duty.post(url, data=b"{", headers={"Content-Type": "application/json"})) == (400, "BAD_JSON")
    assert code(duty.post(url, json={"action": "note", "seen": 1, "text": "\ud800"})) == (422, "BAD_TEXT")


def test_an_unreadable_body_does_not_jump_the_queue_of_refusals(room):
    url = f"{room.url}/api/v1/cases/{room.report('先看有无权限')}/actions"
    analyst, duty = room.program("analyst"), room.program("duty")
    too_long = {"action": "note", "text": "字" * 5_001}
    assert code(analyst.post(url, json={"action": "accept"})) == (403, "FORBIDDEN")
    assert code(analyst.post(url, json={"action": "accept", "seen": 1, "reason": {}})) == (403, "FORBIDDEN")
    stale = duty.post(url, json=too_long | {"seen": 99})
    assert (*code(stale), stale.json()["version"]) == (409, "STALE_CASE", 1)
    assert code(duty.post(url, json=too_long | {"seen": 1})) == (422, "TOO_LONG")
    for action in Action:
        answer = duty.post(url, json={"action": action.value})
        assert answer.status_code in (403, 422), action
    assert duty.get(url.removesuffix("/actions")).json()["version"] == 1


def test_who_comes_second_is_told_what_changed(room):
    number = room.report("两人同时受理")
    url = f"{room.url}/api/v1/cases/{number}/actions"
    room.program("duty").post(url, json={"action": "accept", "seen": 1})
    second = room.program("leader").post(url, json={"action": "void", "seen": 1, "reason": "重复"})
    assert code(second) == (409, "STALE_CASE")
    assert second.json()["version"] == 2
    assert [(e["action"], e["by"]) for e in second.json()["changed"]] == [("accept", "duty")]


# alerts -----------------------------------------------------------------------------------------------------------


def test_an_alert_is_acknowledged_once_and_by_whom_it_concerns(room):
    number = room.alarm("人员聚集", "A1")
    url = f"{room.url}/api/v1/alerts/{number}/actions"
    assert code(room.program("duty-b").post(url, json={"action": "acknowledge"})) == (404, "NOT_FOUND")
    assert code(room.program("analyst").post(url, json={"action": "acknowledge"})) == (403, "FORBIDDEN")
    first = room.program("duty-a").post(url, json={"action": "acknowledge"}).json()
    again = room.program("duty").post(url, json={"action": "acknowledge"}).json()
    assert (first["state"], again["by"]) == ("acknowledged", "duty-a")
    assert number in [alert["alert"] for alert in room.program("duty").get(f"{room.url}/api/v1/alerts").json()["items"]]


def test_an_alert_becomes_a_case(room):
    number = room.alarm("路面塌陷", "A2")
    url = f"{room.url}/api/v1/alerts/{number}/actions"
    program = room.program("duty")
    raised = program.post(url, json={"action": "raise_case", "category": "dispute.neighbour"}).json()
    assert program.get(f"{room.url}/api/v1/cases/{raised['case']}").json()["title"] == "路面塌陷"


# places, figures, people ------------------------------------------------------------------------------------------


def test_a_point_is_located_in_its_own_system(room):
    program = room.program("duty")
    found = program.get(f"{room.url}/api/v1/locate", params={"lon": 120.15, "lat": 30.05, "crs": "wgs84"}).json()
    assert found["grids"] == ["A", "A2"]
    nowhere = program.get(f"{room.url}/api/v1/locate", params={"lon": 10, "lat": 10, "crs": "wgs84"}).json()
    assert nowhere["grids"] == []


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"lon": 120, "lat": 30}, (422, "MISSING_FIELD")),
        ({"lon": 120, "lat": 30, "crs": "mars"}, (422, "UNKNOWN_CRS")),
        ({"lon": "nan", "lat": 30, "crs": "wgs84"}, (422, "OUT_OF_RANGE")),
        ({"lon": 120, "lat": 91, "crs": "wgs84"}, (422, "OUT_OF_RANGE")),
        ({"lon": "x", "lat": 30, "crs": "wgs84"}, (422, "BAD_VALUE")),
    ],
)
def test_a_point_without_sense_is_refused(room, params, expected):
    assert code(room.program("duty").get(f"{room.url}/api/v1/locate", params=params)) == expected


def test_grids_by_level_and_parent(room):
    program = room.program("duty")
    tops = program.get(f"{room.url}/api/v1/grids", params={"level": 0}).json()
    under = program.get(f"{room.url}/api/v1/grids", params={"parent": "A"}).json()
    shapes = program.get(f"{room.url}/api/v1/grids", params={"level": 1, "format": "geojson"}).json()
    assert [grid["code"] for grid in tops["items"]] == ["A", "B"]
    assert [grid["code"] for grid in under["items"]] == ["A1", "A2"]
    assert len(shapes["features"]) == 4
    assert code(program.get(f"{room.url}/api/v1/grids", params={"level": 9})) == (422, "OUT_OF_RANGE")


def test_figures_are_those_of_the_grid_asked_for(room):
    room.report("数一数", "B2")
    program = room.program("duty")
    whole = program.get(f"{room.url}/api/v1/kpi").json()["figures"]
    part = program.get(f"{room.url}/api/v1/kpi", params={"grid": "B2"}).json()["figures"]
    assert 0 < part["open"] < whole["open"]
    assert code(room.program("duty-a").get(f"{room.url}/api/v1/kpi", params={"grid": "B"})) == (404, "NOT_FOUND")


def test_an_absent_alert_is_404_before_anything_else_is_said(room):
    number = room.alarm("先查有没有")
    url = f"{room.url}/api/v1/alerts/{{}}/actions"
    for name, no in (("analyst", "A20260101-0001"), ("duty-b", number)):
        for action in ("acknowledge", "explode"):
            assert code(room.program(name).post(url.format(no), json={"action": action})) == (404, "NOT_FOUND")
    for action in ("acknowledge", "explode"):
        assert code(room.program("analyst").post(url.format(number), json={"action": action})) == (403, "FORBIDDEN")
    duty = room.program("duty")
    assert code(duty.post(url.format(number), json={"action": "explode"})) == (422, "UNKNOWN_ACTION")
    assert code(duty.post(url.format(number), json={"action": "acknowledge", "foo": 1})) == (422, "UNKNOWN_FIELD")
    shelve = {"action": "shelve", "minutes": 5, "reason": "\udc00"}
    assert code(duty.post(url.format(number), json=shelve)) == (422, "BAD_TEXT")


def test_an_alert_tells_its_steps_and_the_list_counts_all(room):
    number = room.alarm("看经过")
    duty, url = room.program("duty"), f"{room.url}/api/v1/alerts"
    before = duty.get(url).json()["total"]
    room.alarm("又一件")
    assert duty.get(url).json()["total"] == before + 1
    shelve = {"action": "shelve", "minutes": 5, "reason": "试机"}
    assert duty.post(f"{url}/{number}/actions", json=shelve).json()["state"] == "shelved"
    assert duty.post(f"{url}/{number}/actions", json={"action": "unshelve"}).json()["state"] == "new"
    steps = duty.get(f"{url}/{number}").json()["events"]
    assert [(step["action"], step["by"]) for step in steps] == [("shelve", "duty"), ("unshelve", "duty")]
    assert code(room.program("duty-b").get(f"{url}/{number}")) == (404, "NOT_FOUND")


def test_a_case_is_never_sent_to_nobody(room):
    url = f"{room.url}/api/v1/cases/{room.report('派遣')}/actions"
    duty = room.program("duty")
    duty.post(url, json={"action": "accept", "seen": 1})
    assert code(duty.post(url, json={"action": "dispatch", "seen": 2, "unti": "U-urban"})) == (422, "UNKNOWN_FIELD")
    assert code(duty.post(url, json={"action": "dispatch", "seen": 2, "unit": ["U-urban"]})) == (422, "BAD_TYPE")
    assert code(duty.post(url, json={"action": "whistle", "seen": 2, "units": [["U-urban"]]})) == (422, "BAD_TYPE")
    for nobody in ({"unit": "U-nobody"}, {"worker": "W-nobody"}):
        assert code(duty.post(url, json={"action": "dispatch", "seen": 2} | nobody)) == (422, "UNKNOWN_CODE")
        assert code(duty.post(url, json={"action": "dispatch", "seen": 1} | nobody)) == (409, "STALE_CASE")
        assert code(duty.post(url, json={"action": "rework", "seen": 2} | nobody)) == (409, "ILLEGAL_ACTION")
    assert duty.get(url.removesuffix("/actions")).json()["stage"] == "accepted"


def test_kpi_counts_the_reports_of_a_span(room):
    room.report("计入时段")
    program, url = room.program("duty"), f"{room.url}/api/v1/kpi"
    now = datetime.now(UTC)
    hour_ago, tomorrow = (now - timedelta(hours=1)).isoformat(), (now + timedelta(days=1)).isoformat()
    all_of_it = program.get(url, params={"from": hour_ago, "to": tomorrow}).json()["span"]["reported"]
    assert all_of_it > 0
    assert program.get(url, params={"from": hour_ago, "to": hour_ago}).json()["span"]["reported"] == 0
    backwards = program.get(url, params={"from": tomorrow, "to": hour_ago})
    assert (*code(backwards), backwards.json()["field"]) == (422, "BAD_ORDER", "from")
    assert "span" not in program.get(url).json()


def test_people_are_masked_for_whoever_does_not_call_them(room):
    room.services.positions.keep([room.fix("W-A1", status="off_duty")])
    seen = {w["worker"]: w for w in room.program("analyst").get(f"{room.url}/api/v1/workers").json()["items"]}
    called = {w["worker"]: w for w in room.program("duty").get(f"{room.url}/api/v1/workers").json()["items"]}
    assert (seen["W-A1"]["name"], seen["W-A1"]["phone"]) == ("王**", "138****1234")
    assert (called["W-A1"]["name"], called["W-A1"]["phone"]) == ("王建国", "13800001234")
    assert (called["W-A1"]["status"], called["W-A1"]["lon"]) == (WorkerStatus.OFF_DUTY.value, None)


# programs, devices, health ----------------------------------------------------------------------------------------


def test_a_program_signs_in_for_a_token(room):
    answer = room.session().post(f"{room.url}/api/v1/session", json={"name": "duty", "password": PASSWORD})
    assert answer.json()["expires_at"].endswith("Z")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "duty", "password": "no no no"}, (401, "SIGN_IN_REFUSED")),
        ({"name": "nobody", "password": PASSWORD}, (401, "SIGN_IN_REFUSED")),
        ({"name": "duty"}, (422, "MISSING_FIELD")),
        ({"name": "duty", "password": PASSWORD, "role": "admin"}, (422, "UNKNOWN_FIELD")),
        ({"name": {"$ne": ""}, "password": PASSWORD}, (422, "BAD_VALUE")),
        ({"name": "duty", "password": "字" * 600}, (422, "BAD_TEXT")),
        ({"name": "\ud800", "password": PASSWORD}, (422, "BAD_TEXT")),
        ({"name": "duty\U0001f600", "password": PASSWORD}, (401, "SIGN_IN_REFUSED")),
    ],
)
def test_credentials_that_do_not_do_are_refused(room, body, expected):
    assert code(room.session().post(f"{room.url}/api/v1/session", json=body)) == expected


def test_a_device_reports_with_its_own_key_and_no_session(room):
    stranger, report = room.session(), {"id": "1"}
    assert stranger.post(f"{room.url}/api/v1/reports", json=report).status_code == 401
    headers = {"Authorization": "Bearer demo.key"}
    assert stranger.post(f"{room.url}/api/v1/reports", json=report, headers=headers).status_code == 201


def test_health_is_open_and_says_states_ages_and_lag(room):
    told = room.session().get(f"{room.url}/healthz").json()
    assert (told["ok"], told["roles"]) == (True, dict.fromkeys(("redis", "gateway", "intake", "web"), "ok"))
    assert (told["age_s"]["gateway"], set(told)) == (0.4, {"ok", "roles", "age_s", "lag_s"})


def test_openapi_lists_the_routes_to_those_who_are_signed_in(room):
    paths = room.program("duty").get(f"{room.url}/api/v1/openapi.json").json()["paths"]
    assert {"/api/v1/cases", "/api/v1/locate", "/api/v1/alerts/{no}/actions"} <= set(paths)
    assert room.session().get(f"{room.url}/api/v1/openapi.json").status_code == 401
