"""GeoReport v2 through real HTTP, by a client that follows the specification, in both formats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from cases.categories import CATEGORIES
from cases.feed_ports import SentBy, over_for_source
from cases.model import EVERYWHERE, Action, Actor, CaseNo, Device, Role
from feeds.filing import Clerk
from feeds.http_door import HttpDoor
from storage.sources import SqlSources
from tests.dashboard.open311.client import GeoReportClient, Refused
from tests.dashboard.rig import Rig, rigged, served

KEY = "town-311.a-secret"
NOISE = {"service_code": "environment.noise", "lat": "30.05", "long": "120.05"}
ENDING = pytest.mark.parametrize("form", ["json", "xml"])


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with rigged(Path(tmp_path_factory.mktemp("open311"))) as rig:
        given = rig.services
        door = HttpDoor(Clerk(given.desk, given.grids, rig.now), rig.directory, rig.now)
        rig.services = replace(given, intake=door, sources=SqlSources(rig.engine), public_url="https://room.example")
        for name in ("town-311", "other-311"):
            rig.directory.put_device(Device(name, "citizen", "*"), f"{name}.a-secret")
        with served(rig):
            yield rig


@pytest.fixture
def client(room: Rig, request: pytest.FixtureRequest) -> Iterator[GeoReportClient]:
    made = GeoReportClient(f"{room.url}/open311/v2", getattr(request, "param", "json"), KEY)
    yield made
    made.close()


both = pytest.mark.parametrize("client", ["json", "xml"], indirect=True)


@both
def test_a_client_finds_the_service_without_a_key(client: GeoReportClient):
    [point] = client.discovery()["endpoints"]
    assert point["url"] == "https://room.example/open311/v2"
    listed = client.services()
    assert {each["service_code"] for each in listed} == set(CATEGORIES)
    assert [each["code"] for each in client.definition("dispute.neighbour")["attributes"]] == ["severity", "people"]


@both
def test_a_request_becomes_a_case_that_its_sender_sees(room: Rig, client: GeoReportClient, request: Any):
    words = f"夜里 <施工> & 很响 {request.node.name}"
    number = client.send(
        **NOISE,
        description=words,
        first_name="建国",
        last_name="王",
        phone="13800001234",
        address_string="文三路 12 号",
    )
    case = room.services.views.case(CaseNo(number), EVERYWHERE)
    assert case is not None
    assert (case.source, case.channel, case.category) == ("town-311", "citizen", "environment.noise")
    assert (case.place.grids, case.text, case.place.address) == (("A", "A1"), words, "文三路 12 号")
    assert case.reporter is not None
    assert (case.reporter.name, case.reporter.phone) == ("王建国", "13800001234")
    told = client.request(number)
    assert (told["status"], told["description"], float(told["lat"])) == ("open", words, 30.05)
    assert "13800001234" not in str(told)
    assert number in {each["service_request_id"] for each in client.requests(status="open")}


def test_what_is_sent_again_is_the_same_case(room: Rig, client: GeoReportClient):
    said = NOISE | {"description": "同一件事说两遍"}
    first = client.send(**said)
    assert client.send(**said) == first
    room.offset += timedelta(minutes=9)
    assert client.send(**said) == first
    room.offset += timedelta(minutes=30)
    assert client.send(**said) != first
    room.offset = timedelta()


def test_a_client_that_knows_idempotency_keys_is_answered_alike_for_ever(room: Rig):
    def sent(words: str) -> requests.Response:
        form = NOISE | {"api_key": KEY, "description": words}
        return requests.post(f"{room.url}/open311/v2/requests.json", form, headers={"Idempotency-Key": "k1"}, timeout=9)

    first = sent("第一次")
    room.offset += timedelta(days=2)
    assert (sent("第一次").json(), first.status_code) == (first.json(), 200)
    assert (sent("第二次").status_code, "CONFLICT" in sent("第二次").text) == (409, True)
    room.offset = timedelta()


def test_a_closed_case_is_told_as_closed_in_the_citizens_words(room: Rig, client: GeoReportClient):
    number = CaseNo(client.send(**NOISE, description="要作废的"))
    case = room.services.views.case(number, EVERYWHERE)
    assert case is not None
    duty = Actor("duty", Role.DUTY)
    details = {"reason": "not_ours"}
    scheme_reason = next(iter(_refusal_reasons()), "not_ours")
    room.services.desk.act(
        number, Action.REFUSE, details | {"reason": scheme_reason}, duty, EVERYWHERE, case.version, room.now()
    )
    told = client.request(number)
    assert (told["status"], told["status_notes"]) == ("closed", "不予受理")
    assert number in {each["service_request_id"] for each in client.requests(status="closed")}
    assert number not in {each["service_request_id"] for each in client.requests(status="open")}
    every = {each["service_request_id"] for each in client.requests(status="open,closed")}
    assert every == {each["service_request_id"] for each in client.requests()}


def test_the_record_and_the_answer_agree_on_what_is_over(room: Rig, client: GeoReportClient):
    client.send(**NOISE, description="还在办的")
    everything = SentBy("town-311", since=room.now() - timedelta(days=9), until=room.now() + timedelta(days=9))
    book = SqlSources(room.engine)
    for ended in (True, False):
        told = {case.no for case in book.cases(everything) if over_for_source(case) is ended}
        assert {case.no for case in book.cases(replace(everything, ended=ended))} == told
    assert len(book.cases(replace(everything, ended=False, most=1))) == 1


def _refusal_reasons() -> list[str]:
    from cases.schemes import DEFAULT, SCHEMES  # noqa: PLC0415

    reasons = SCHEMES[DEFAULT].reasons
    return [row.code for row in reasons[Action.REFUSE].rows] if Action.REFUSE in reasons else []


def test_a_token_is_the_id_of_a_filed_report(room: Rig, client: GeoReportClient):
    number = client.send(**NOISE, description="按编号查")
    with room.engine.read() as connection:
        [[token]] = connection.exec_driver_sql(f"SELECT id FROM receipts WHERE number = '{number}'").fetchall()
    assert client.token(token) == number


@both
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"service_code": ""}, 400),
        ({"service_code": "no.such"}, 404),
        ({"lat": ""}, 400),
        ({"lat": "", "long": ""}, 400),
        ({"lat": "NaN"}, 400),
        ({"lat": "北纬"}, 400),
        ({"lat": "120.05", "long": "30.05"}, 400),
        ({"lat": "0", "long": "0"}, 400),
        ({"description": "长" * 4001}, 400),
        ({"description": "a\x00b"}, 400),
        ({"phone": "1" * 41}, 400),
        ({"attribute[severity]": "9"}, 400),
        ({"attribute[people]": "many"}, 400),
        ({"phone": "zhang san"}, 400),
        ({"api_key": ""}, 403),
        ({"api_key": "town-311.wrong"}, 403),
    ],
)
def test_what_cannot_be_taken_is_refused_as_the_specification_says(
    client: GeoReportClient, fields: dict[str, str], status: int
):
    with pytest.raises(Refused) as refused:
        client.send(**(NOISE | {"description": "夜间噪声"} | fields))
    assert refused.value.status == status
    assert {int(each["code"]) for each in refused.value.errors} == {status}


def test_who_has_only_an_address_for_mail_is_reached_there(room: Rig, client: GeoReportClient):
    number = client.send(**NOISE, description="没有电话的人", last_name="李", email="li.ming@example.com")
    case = room.services.views.case(CaseNo(number), EVERYWHERE)
    assert case is not None and case.reporter is not None
    assert case.reporter.phone == "li.ming@example.com"


FORM = "application/x-www-form-urlencoded"
WORDS = "service_code=dispute.neighbour&address_string=文三路&description=楼上噪声很大&api_key=" + KEY


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (WORDS.encode(), FORM, 200),
        (WORDS.encode(), f"{FORM}; charset=utf-8", 200),
        (WORDS.encode("gbk"), FORM, 400),
        (WORDS.replace("楼上", quote("楼上", encoding="gbk")).encode("utf-8"), FORM, 400),
        (b'{"api_key": "town-311.a-secret"}', "application/json", 400),
        (b"--x\r\ncontent-disposition: form-data; name=media; filename=a.jpg\r\n\r\nb\r\n--x--",
         "multipart/form-data; boundary=x", 400),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["json", "xml"])
def test_a_form_is_read_in_utf_8_or_refused_in_the_specifications_form(
    room: Rig, body: bytes, kind: str, status: int, ending: str
):
    address = f"{room.url}/open311/v2/requests.{ending}"
    answer = requests.post(address, data=body, headers={"Content-Type": kind}, timeout=9)
    assert answer.status_code == status, answer.text
    if status == 400:
        assert "<errors>" in answer.text or answer.json()[0]["code"] == 400
        return
    number = re.findall(r"\d{8}-\d{6}", answer.text)[0]
    case = room.services.views.case(CaseNo(number), EVERYWHERE)
    assert case is not None and case.text == "楼上噪声很大"


@both
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"status": "lost"}, 400),
        ({"start_date": "2026-01-01T00:00:00+08:00", "end_date": "2026-09-01T00:00:00+08:00"}, 400),
        ({"start_date": "2026-11-01"}, 400),
        ({"start_date": "yesterday"}, 400),
        ({"start_date": "9999-12-31T00:00:00Z"}, 400),
        ({"end_date": "0001-01-02T00:00:00Z"}, 400),
        ({"api_key": "demo.wrong"}, 403),
    ],
)
def test_what_cannot_be_asked_is_refused(client: GeoReportClient, asked: dict[str, str], status: int):
    with pytest.raises(Refused) as refused:
        client.requests(**asked)
    assert refused.value.status == status


@both
def test_unknown_things_are_not_found(client: GeoReportClient):
    for ask in (client.request, client.token, client.definition):
        with pytest.raises(Refused) as refused:
            ask("20200101-000001")
        assert refused.value.status == 404


def test_another_source_sees_nothing_of_it(room: Rig, client: GeoReportClient):
    number = client.send(**NOISE, description="只有自己看见")
    ours = room.report("坐席接的电话")
    other = GeoReportClient(f"{room.url}/open311/v2", "json", "other-311.a-secret")
    assert other.requests() == []
    for each in (number, ours):
        with pytest.raises(Refused):
            other.request(each)
    assert ours not in {each["service_request_id"] for each in client.requests()}
    other.close()


def test_requests_are_chosen_by_kind_and_day(room: Rig, client: GeoReportClient):
    number = client.send(service_code="safety.gas", address_string="文三路", description="闻到燃气味")
    assert [each["service_request_id"] for each in client.requests(service_code="safety.gas")] == [number]
    begin, end = (room.now() + timedelta(days=days) for days in (-3, -2))
    assert client.requests(start_date=begin.isoformat(), end_date=end.isoformat()) == []
    assert client.requests(service_request_id=f"{number},20200101-000001")[0]["address"] == "文三路"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/xml", "text/xml"),
        ("*/*", "application/json"),
        ("text/html,*/*", "application/json"),
        ("application/json, text/xml;q=0.1", "application/json"),
    ],
)
def test_without_an_ending_the_accept_header_chooses(room: Rig, accept: str, kind: str):
    for path in ("services", "services/dispute.neighbour"):
        answer = requests.get(f"{room.url}/open311/v2/{path}", headers={"Accept": accept}, timeout=9)
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, kind)


def test_a_foreign_page_cannot_post_by_a_visitors_browser(room: Rig):
    form = NOISE | {"api_key": KEY, "description": "别处的页面"}
    answer = requests.post(
        f"{room.url}/open311/v2/requests.json", form, headers={"Origin": "https://evil.example"}, timeout=9
    )
    assert answer.status_code == 403


def test_a_revoked_key_opens_nothing(room: Rig):
    room.directory.put_device(Device("gone-311", "citizen", "*"), "gone-311.a-secret")
    client = GeoReportClient(f"{room.url}/open311/v2", "json", "gone-311.a-secret")
    number = client.send(**NOISE, description="停用之前")
    room.directory.revoke_device("gone-311")
    for ask in (lambda: client.send(**NOISE, description="停用之后"), lambda: client.request(number)):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.status == 403
    client.close()
