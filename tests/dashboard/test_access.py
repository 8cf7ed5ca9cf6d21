"""The guard: nothing answers without a session, and a session is not enough for another site's page."""

import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from dashboard.access import OPEN, csrf_token
from tests.dashboard.rig import PASSWORD, Rig

OPEN_ROUTES = OPEN | {"/welcome/{link}", "/c/{code:path}", "/kiosk/{link}"}


def every_route(room: Rig) -> Iterator[tuple[str, str]]:
    """Method and path of everything the server has registered, as it is at run time."""
    assert room.room is not None
    for route in flat(room.room.server.routes):
        if isinstance(route, Mount):
            yield "GET", f"{route.path}/theme.css"
        elif isinstance(route, Route):
            yield from ((method, route.path) for method in (route.methods or {"GET"}) - {"HEAD"})


def flat(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    for route in routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        if inner:
            yield from flat(inner)
        else:
            yield route


def filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "x", path)


def test_no_registered_route_answers_a_stranger(room):
    tried = 0
    for method, path in every_route(room):
        if path in OPEN_ROUTES:
            continue
        answer = requests.request(method, room.url + filled(path), allow_redirects=False, timeout=5)
        tried += 1
        if answer.status_code == 303:
            assert (method, answer.headers["location"]) == ("GET", "/login"), path
        else:
            assert answer.status_code == 401, (method, path)
            assert "此屏已停用" in answer.text if path == "/wall" else answer.json()["code"] == "SIGN_IN"
    assert tried > 25


@pytest.mark.parametrize("path", ["/api/v1/cases", "/api/v1/cases/x/actions", "/duty", "/map/heat.png"])
def test_every_api_route_is_among_those_tried(room, path):
    assert any(re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", p), path) for _, p in every_route(room))


def test_no_callback_answers_a_stranger(room):
    assert room.room is not None
    outputs = list(room.room.dash.callback_map)
    assert outputs
    for output in outputs:
        answer = requests.post(f"{room.url}/_dash-update-component", json={"output": output}, timeout=5)
        assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/live", "/_dash-ws-callback", "/nowhere"])
def test_no_socket_answers_a_stranger(room, path):
    address = room.url.replace("http", "ws") + path
    with connect(address, origin=room.url) as link, pytest.raises(ConnectionClosed) as closed:
        link.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_the_only_sockets_are_those_the_guard_knows(room):
    assert room.room is not None
    found = [
        r.path
        for r in flat(room.room.server.routes)
        if isinstance(r, WebSocketRoute) or "websocket" in type(r).__name__.lower()
    ]
    assert found == ["/live"]


def test_dashs_own_socket_is_closed_to_those_who_are_signed_in(room):
    with room.live(room.browser("duty"), path="/_dash-ws-callback") as link, pytest.raises(ConnectionClosed) as closed:
        link.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", ""])
def test_a_cookie_with_a_foreign_origin_opens_no_socket(room, origin):
    with room.live(room.browser("duty"), headers={"Origin": origin}) as link, pytest.raises(ConnectionClosed) as closed:
        link.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_a_bearer_token_needs_no_origin(room):
    with room.live(room.program("duty")) as link:
        link.send('{"type":"watch","topics":["health"]}')
        assert '"health"' in link.recv(timeout=5)


# signing in ---------------------------------------------------------------------------------------------------


def test_signing_in_sets_a_cookie_no_script_can_read(room):
    answer = requests.post(
        f"{room.url}/login", data={"name": "duty", "password": PASSWORD}, allow_redirects=False, timeout=5
    )
    session, csrf = sorted(answer.raw.headers.getlist("set-cookie"), reverse=True)
    assert session.startswith("room=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(session.split("; "))
    assert "HttpOnly" not in csrf


def test_a_session_chosen_before_signing_in_is_not_the_one_after(room):
    stranger = room.session()
    stranger.cookies.set("room", "x" * 43)
    answer = stranger.post(f"{room.url}/login", data={"name": "duty", "password": PASSWORD}, allow_redirects=False)
    assert answer.cookies["room"] != "x" * 43


@pytest.mark.parametrize("target", ["//evil.example", "javascript:alert(1)", "https://evil.example/"])
def test_next_leads_nowhere_but_home(room, target):
    data = {"name": "duty", "password": PASSWORD, "next": target}
    answer = requests.post(f"{room.url}/login?next={target}", data=data, allow_redirects=False, timeout=5)
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("name", "password", "status"),
    [
        ("duty", "wrong password", 401),
        ("nobody", PASSWORD, 401),
        ("", "", 422),
        ("duty", "字" * 600, 422),
        ("duty", "x" * 100_000, 413),
        ("duty\0", PASSWORD, 422),
    ],
)
def test_a_refused_sign_in_shows_the_page_and_says_so(room, name, password, status):
    answer = requests.post(f"{room.url}/login", data={"name": name, "password": password}, timeout=5)
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers
    assert password not in answer.text or not password


def test_a_form_from_another_site_signs_nobody_in(room):
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        data = {"name": "duty", "password": PASSWORD}
        answer = requests.post(f"{room.url}/login", data=data, headers=headers, timeout=5)
        assert (answer.status_code, answer.json()["code"]) == (403, "FOREIGN_ORIGIN")


def test_signing_out_ends_the_session_at_once(room):
    browser = room.browser("leader")
    assert browser.post(f"{room.url}/logout", allow_redirects=False).status_code == 303
    assert browser.get(f"{room.url}/api/v1/cases").status_code == 401


# unsafe requests ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X-CSRFToken": ""}, "CSRF"),
        ({"X-CSRFToken": csrf_token("somebody else's session")}, "CSRF"),
        ({"Origin": "https://evil.example"}, "FOREIGN_ORIGIN"),
        ({"Origin": "null"}, "FOREIGN_ORIGIN"),
        ({"Sec-Fetch-Site": "same-site"}, "FOREIGN_ORIGIN"),
    ],
)
def test_a_cookie_alone_changes_nothing(room, headers, code):
    number = room.report("垃圾堆放")
    browser = room.browser("duty")
    url = f"{room.url}/api/v1/cases/{number}/actions"
    answer = browser.post(url, json={"action": "accept", "seen": 1}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert browser.post(url, json={"action": "accept", "seen": 1}, headers={"Origin": room.url}).status_code == 200


def test_headers_that_claim_who_one_is_are_ignored(room):
    headers = {"X-User": "admin", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-User": "duty"}
    answer = requests.get(f"{room.url}/api/v1/cases", headers=headers, timeout=5)
    assert answer.status_code == 401


def test_a_method_override_is_no_method(room):
    number = room.report("占道经营")
    headers = {"X-HTTP-Method-Override": "DELETE"}
    assert room.browser("duty").get(f"{room.url}/api/v1/cases/{number}", headers=headers).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(room, method):
    answer = room.program("duty").request(method, f"{room.url}/api/v1/cases")
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")


def test_a_body_over_the_limit_is_refused_before_anybody_reads_it(room):
    browser = room.browser("duty")
    answer = browser.post(f"{room.url}/_dash-update-component", data=b"x" * (1 << 20) + b"x")
    assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")

    def trickle() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * (100 << 10)

    answer = browser.post(f"{room.url}/_dash-update-component", data=trickle())
    assert answer.status_code == 413


def test_a_client_that_sends_all_before_it_reads_is_told_too(room):
    address = urlsplit(room.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as plain:
        head = (
            f"POST /login HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {12 << 20}\r\nConnection: close\r\n\r\n"
        )
        plain.sendall(head.encode())
        plain.sendall(b"x" * (12 << 20))
        assert plain.recv(12) == b"HTTP/1.1 413"


def test_every_answer_forbids_foreign_scripts_and_storing_personal_data(room):
    browser = room.browser("duty")
    for path in ("/", "/api/v1/cases", "/_dash-layout", "/login", "/nowhere"):
        headers = browser.get(room.url + path).headers
        assert headers["cache-control"] == "no-store", path
        assert "unsafe-eval" not in headers["content-security-policy"]
        assert "script-src 'self' 'sha256-" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_a_page_has_no_inline_script_and_its_policy_no_unsafe_one(room):
    page = room.browser("duty").get(f"{room.url}/")
    inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", page.text, re.DOTALL)
    assert inline == []
    scripts = re.search(r"script-src ([^;]+)", page.headers["content-security-policy"])
    assert scripts is not None
    assert "unsafe" not in scripts[1]


def test_dash_runs_without_debug_tools_mcp_or_foreign_hosts(room):
    assert room.room is not None
    dash = room.room.dash
    assert not dash._dev_tools.ui
    assert not dash._enable_mcp
    page = room.browser("duty").get(f"{room.url}/").text
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
