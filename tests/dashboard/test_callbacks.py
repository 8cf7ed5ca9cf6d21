"""Dash's callback route as a public endpoint: wrong shapes are refused, faults get a reference (C88–C92)."""

import json
import logging
from dataclasses import replace

import pytest

from cases.errors import NotAllowed, StoreUnavailable
from dashboard import callbacks
from tests.dashboard.rig import Rig, rigged, served

URL = "/_dash-update-component"


@pytest.fixture(scope="module")
def broken_room(tmp_path_factory):
    """A room whose case views fail in whatever way the test says."""
    with rigged(tmp_path_factory.mktemp("room")) as rig:
        failing = _Failing(rig.services.views)
        rig.services = replace(rig.services, views=failing)  # type: ignore[arg-type]
        with served(rig):
            yield rig, failing


class _Failing:
    def __init__(self, views):
        self._views, self.problem = views, None

    def __getattr__(self, name):
        if self.problem is not None:
            raise self.problem
        return getattr(self._views, name)


def pane_call(room: Rig, **changes: object) -> dict[str, object]:
    """A callback body as the renderer makes it, for the case pane with no case chosen."""
    assert room.room is not None
    declared = room.room.dash.callback_map["case-detail.children"]
    inputs = [each | {"value": None} for each in declared["inputs"]]
    target = {"id": "case-detail", "property": "children"}
    call = {"output": "case-detail.children", "outputs": target, "inputs": inputs, "state": []}
    return call | {"changedPropIds": ["chosen-case.data"]} | changes


def test_a_body_as_the_renderer_makes_it_is_answered(room):
    answer = room.browser("duty").post(room.url + URL, json=pane_call(room))
    assert answer.status_code == 200
    assert "选一个案件" in answer.json()["response"]["case-detail"]["children"]["props"]["children"]


@pytest.mark.parametrize(
    "changes",
    [
        {"output": "nothing.children"},
        {"output": ["case-detail.children"]},
        {"output": None},
        {"inputs": "x"},
        {"inputs": []},
        {"inputs": [{"id": "chosen-case"}]},
        {"inputs": [{"id": "other", "property": "data", "value": None}]},
        {"inputs": [7]},
        {"state": [{"id": "chosen-case", "property": "data", "value": None}]},
        {"outputs": "case-detail.children"},
        {"outputs": {"id": 5}},
        {"changedPropIds": "chosen-case.data"},
        {"changedPropIds": [5]},
    ],
)
def test_a_call_that_does_not_fit_what_is_declared_is_400(room, changes):
    answer = room.browser("duty").post(room.url + URL, json=pane_call(room, **changes))
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_CALLBACK")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b"{", b"[" * 50_000, b'{"output":' * 50_000, b"\xff\xfe"])
def test_a_body_that_is_no_call_is_400(room, body):
    answer = room.browser("duty").post(room.url + URL, data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_CALLBACK")


def test_text_is_415(room):
    answer = room.browser("duty").post(room.url + URL, data=b"{}", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["code"]) == (415, "BAD_CONTENT_TYPE")


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [
        (RuntimeError("SELECT secret FROM accounts"), 500, "INTERNAL"),
        (StoreUnavailable(), 503, "STORE_UNAVAILABLE"),
        (NotAllowed("您的岗位不能受理"), 403, "FORBIDDEN"),
    ],
)
def test_what_goes_wrong_inside_answers_in_words_with_a_reference(problem, status, code):
    answer = callbacks.explain(problem, "callback")
    body = json.loads(answer.body)
    assert (answer.status_code, body["code"]) == (status, code)
    assert body["ref"].startswith("R-")
    assert "SELECT" not in answer.body.decode()


def test_an_unexpected_exception_is_500_with_a_reference_and_no_trace(broken_room, caplog):
    room, failing = broken_room
    browser = room.browser("duty")
    failing.problem = RuntimeError("SELECT secret FROM accounts")
    with caplog.at_level(logging.ERROR, "room.web"):
        answer = browser.get(f"{room.url}/api/v1/cases")
    failing.problem = None
    assert answer.status_code == 500
    assert "SELECT" not in answer.text
    assert any(answer.json()["ref"] in record.getMessage() for record in caplog.records)


def test_a_store_that_is_down_is_503_and_says_when_to_come_back(broken_room):
    room, failing = broken_room
    browser = room.browser("duty")
    failing.problem = StoreUnavailable()
    answer = browser.get(f"{room.url}/api/v1/cases")
    failing.problem = None
    assert (answer.status_code, answer.json()["code"]) == (503, "STORE_UNAVAILABLE")
    assert answer.headers["retry-after"]


# who may call what (C94) ------------------------------------------------------------------------------------


def test_every_registered_callback_says_who_may_call_it(room):
    assert room.room is not None
    nobodys = [output for output in room.room.dash.callback_map if not callbacks.who_may(output)]
    assert nobodys == []


def test_the_table_names_no_callback_that_there_is_not(room):
    assert room.room is not None
    first = {output.strip(".").split("...")[0].rpartition(".")[0] for output in room.room.dash.callback_map}
    assert set(callbacks.WHO) == first


def empty_call(room: Rig, output: str) -> dict[str, object]:
    """A callback body that fits what is declared and carries nothing."""
    assert room.room is not None
    declared = room.room.dash.callback_map[output]

    def blank(ends):
        return [[] if end["id"].startswith("{") else end | {"value": None} for end in ends]

    target = {"id": "x", "property": "children"}
    ends = {"inputs": blank(declared["inputs"]), "state": blank(declared["state"])}
    return {"output": output, "outputs": target, "changedPropIds": [], **ends}


def test_a_role_calls_only_its_own_callbacks(room):
    assert room.room is not None
    for name in ("analyst", "unit", "admin"):
        browser, role = room.browser(name), name
        for output in room.room.dash.callback_map:
            status = browser.post(room.url + URL, json=empty_call(room, output)).status_code
            may = role in {each.value for each in callbacks.who_may(output)}
            assert (status == 403) is not may, (name, output, status)


def test_a_callback_that_nobody_entered_is_nobodys():
    assert callbacks.who_may("unheard-of.children") == frozenset()
