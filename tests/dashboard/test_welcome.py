"""The first account's one-time link, and cookies behind TLS."""

from datetime import timedelta

import requests

from storage.accounts import SqlAccounts
from tests.dashboard.rig import PASSWORD, QUICK, rigged, served


def test_the_link_of_the_first_start_makes_the_first_account_once(tmp_path):
    with rigged(tmp_path, people=False) as rig, served(rig):
        link = SqlAccounts(rig.engine, QUICK).first_link(rig.now())
        url, form = f"{rig.url}/welcome/{link}", {"name": "站长", "password": PASSWORD}
        assert "建立第一个账号" in rig.session().get(url).text
        assert rig.session().post(url, data=form | {"password": "short"}).status_code == 422
        first = rig.session().post(url, data=form, allow_redirects=False)
        assert (first.status_code, first.headers["location"]) == (303, "/")
        assert rig.session().post(url, data=form, allow_redirects=False).status_code == 401
        assert rig.session().post(f"{rig.url}/login", data=form, allow_redirects=False).status_code == 303


def test_a_link_that_is_old_or_made_up_lets_nobody_in(tmp_path):
    with rigged(tmp_path, people=False) as rig, served(rig):
        link = SqlAccounts(rig.engine, QUICK).first_link(rig.now())
        rig.offset = timedelta(minutes=16)
        form = {"name": "站长", "password": PASSWORD}
        for each in (link, "made-up", "%00"):
            answer = rig.session().post(f"{rig.url}/welcome/{each}", data=form, allow_redirects=False)
            assert answer.status_code == 401
            assert "set-cookie" not in answer.headers


def test_behind_tls_the_cookie_is_bound_to_host_and_https(tmp_path):
    public = "https://room.example"
    with rigged(tmp_path, secure_cookies=True, origins=(public,)) as rig, served(rig):
        answer = requests.post(
            f"{rig.url}/login",
            data={"name": "duty", "password": PASSWORD},
            headers={"Origin": public},
            allow_redirects=False,
            timeout=5,
        )
        session = next(c for c in answer.raw.headers.getlist("set-cookie") if "room=" in c)
        assert session.startswith("__Host-room=")
        assert {"Secure", "HttpOnly", "SameSite=strict"} <= set(session.split("; "))
        token = session.split("=", 1)[1].split(";")[0]
        seen = requests.get(f"{rig.url}/api/v1/cases", headers={"Cookie": f"__Host-room={token}"}, timeout=5)
        assert seen.status_code == 200


def test_a_session_that_idles_is_over(tmp_path):
    with rigged(tmp_path) as rig, served(rig):
        program = rig.program("duty")
        assert program.get(f"{rig.url}/api/v1/cases").status_code == 200
        rig.offset = timedelta(minutes=31)
        rig.room.hub._sessions._known.clear()
        assert program.get(f"{rig.url}/api/v1/cases").status_code == 401
