"""Signing in on both engines: what opens, what stays shut, and what ends a session."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import argon2
import pytest
import sqlalchemy as sa

from cases.errors import BadAction, SignInRefused
from cases.model import Account, Role
from storage.accounts import SqlAccounts
from storage.directory import SqlDirectory
from storage.engine import Engine
from storage.passwords import Passwords
from storage.tables import accounts as accounts_table
from storage.tables import first_links, sessions
from tests.cases.build import MONDAY_9

MINUTE = timedelta(minutes=1)
RIGHT, WRONG = "马到成功 2026", "芝麻开门 0000"
LI = Account("李值班", Role.DUTY, "T-N", "李")

LIGHT = Passwords(argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1))


@pytest.fixture
def directory(engine: Engine) -> SqlDirectory:
    directory = SqlDirectory(engine, LIGHT)
    directory.put_account(LI, RIGHT)
    return directory


@pytest.fixture
def accounts(engine: Engine, directory: SqlDirectory) -> SqlAccounts:
    return SqlAccounts(engine, LIGHT)


def refusal(accounts: SqlAccounts, name: str, password: str, now: object = MONDAY_9) -> str:
    with pytest.raises(SignInRefused) as refused:
        accounts.sign_in(name, password, now)  # type: ignore[arg-type]
    return str(refused.value)


def test_the_right_password_opens_a_session(accounts: SqlAccounts) -> None:
    token = accounts.sign_in(LI.name, RIGHT, MONDAY_9)
    assert accounts.session(token, MONDAY_9) == LI
    assert accounts.session(token[:-1] + "x", MONDAY_9) is None
    accounts.sign_out(token)
    assert accounts.session(token, MONDAY_9) is None


def test_every_refusal_has_the_same_words(accounts: SqlAccounts, directory: SqlDirectory) -> None:
    directory.put_account(replace(LI, name="停用", disabled=True), RIGHT)
    directory.put_account(replace(LI, name="无密码"))
    words = {
        refusal(accounts, LI.name, WRONG),
        refusal(accounts, "没有这个人", WRONG),
        refusal(accounts, "停用", RIGHT),
        refusal(accounts, "无密码", ""),
        refusal(accounts, "", ""),
        refusal(accounts, LI.name, RIGHT * 5000),
    }
    assert len(words) == 1


def test_five_wrong_tries_close_the_name_for_a_quarter_of_an_hour(accounts: SqlAccounts) -> None:
    told = [refusal(accounts, LI.name, WRONG) for _ in range(5)]
    assert refusal(accounts, LI.name, RIGHT, MONDAY_9 + 14 * MINUTE) == told[0]
    assert accounts.sign_in(LI.name, RIGHT, MONDAY_9 + 15 * MINUTE)


def test_the_fifth_try_may_still_be_right_and_clears_the_count(accounts: SqlAccounts) -> None:
    for _ in range(3):
        for _ in range(4):
            refusal(accounts, LI.name, WRONG)
        assert accounts.sign_in(LI.name, RIGHT, MONDAY_9)


def test_a_name_that_does_not_exist_is_closed_alike(accounts: SqlAccounts, directory: SqlDirectory) -> None:
    for _ in range(5):
        refusal(accounts, "新来的", RIGHT)
    directory.put_account(replace(LI, name="新来的"), RIGHT)
    told = refusal(accounts, "新来的", RIGHT)
    assert told == refusal(accounts, LI.name, WRONG), "nothing tells a closed name from a wrong password"
    assert accounts.sign_in("新来的", RIGHT, MONDAY_9 + 15 * MINUTE)


def test_guesses_at_the_same_time_get_no_more_than_five(accounts: SqlAccounts, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str | None] = []
    monkeypatch.setattr(Passwords, "is_right", lambda self, kept, password: bool(tried.append(kept)))
    checked: list[bool] = []
    take = SqlAccounts._take_try

    def noted(self: SqlAccounts, name: str, now: object) -> tuple[bool, str | None]:
        answer = take(self, name, now)  # type: ignore[arg-type]
        checked.append(answer[0])
        return answer

    monkeypatch.setattr(SqlAccounts, "_take_try", noted)
    guesses = [threading.Thread(target=refusal, args=(accounts, LI.name, WRONG)) for _ in range(12)]
    for guess in guesses:
        guess.start()
    for guess in guesses:
        guess.join()
    assert checked.count(True) == 5


def test_an_unknown_name_takes_the_same_road_as_a_wrong_password(
    accounts: SqlAccounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: list[str] = []
    verify = argon2.PasswordHasher.verify

    def noted(self: argon2.PasswordHasher, kept: str, password: str) -> bool:
        hashes.append(kept.rsplit("$", 2)[0])
        return verify(self, kept, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", noted)
    refusal(accounts, LI.name, WRONG)
    refusal(accounts, "没有这个人", WRONG)
    assert len(hashes) == 2
    assert hashes[0] == hashes[1]  # one check each, at the same cost


def test_a_session_ends_when_idle_or_old(accounts: SqlAccounts) -> None:
    token = accounts.sign_in(LI.name, RIGHT, MONDAY_9)
    now = MONDAY_9
    while now < MONDAY_9 + timedelta(hours=12) - 29 * MINUTE:
        now += 29 * MINUTE
        assert accounts.session(token, now) == LI
    assert accounts.session(token, MONDAY_9 + timedelta(hours=12)) is None
    other = accounts.sign_in(LI.name, RIGHT, MONDAY_9)
    assert accounts.session(other, MONDAY_9 + 30 * MINUTE) is None


def test_many_sessions_are_looked_up_at_once(accounts: SqlAccounts) -> None:
    live, ended = (accounts.sign_in(LI.name, RIGHT, MONDAY_9) for _ in range(2))
    accounts.sign_out(ended)
    for _ in range(2):  # the idle clock of the one that lives has moved between
        later = MONDAY_9 + 20 * MINUTE
        assert accounts.sessions([live, ended, "nobody's token"], later) == {live: LI}
    assert accounts.sessions([], MONDAY_9) == {}


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.put_account(replace(LI, role=Role.LEADER)),
        lambda d: d.put_account(replace(LI, area="T-S")),
        lambda d: d.put_account(replace(LI, unit="U-1")),
        lambda d: d.set_password(LI.name, WRONG),
        lambda d: d.disable(LI.name),
    ],
    ids=["role", "area", "unit", "password", "disabled"],
)
def test_a_change_of_rights_ends_all_sessions(accounts: SqlAccounts, directory: SqlDirectory, change: object) -> None:
    tokens = [accounts.sign_in(LI.name, RIGHT, MONDAY_9) for _ in range(2)]
    change(directory)  # type: ignore[operator]
    assert [accounts.session(token, MONDAY_9) for token in tokens] == [None, None]


def test_a_new_display_name_ends_nothing(accounts: SqlAccounts, directory: SqlDirectory) -> None:
    token = accounts.sign_in(LI.name, RIGHT, MONDAY_9)
    kept = directory.put_account(replace(LI, display="李队"))
    assert accounts.session(token, MONDAY_9) == kept
    assert kept.permission_version == 1


def test_rights_move_the_permission_version(directory: SqlDirectory) -> None:
    assert directory.put_account(replace(LI, role=Role.LEADER)).permission_version == 2
    assert directory.disable(LI.name)
    found = directory.account(LI.name)
    assert found is not None
    assert (found.permission_version, found.disabled) == (3, True)
    assert not directory.disable("没有这个人")


def test_the_first_link_makes_one_admin_once(engine: Engine) -> None:
    accounts = SqlAccounts(engine, LIGHT)
    stale = accounts.first_link(MONDAY_9)
    link = accounts.first_link(MONDAY_9)
    assert link is not None
    assert stale is not None
    with pytest.raises(SignInRefused):
        accounts.redeem(stale, "管理员", RIGHT, MONDAY_9)
    with pytest.raises(SignInRefused):
        accounts.redeem(link, "管理员", RIGHT, MONDAY_9 + 15 * MINUTE)
    token = accounts.redeem(link, "管理员", RIGHT, MONDAY_9 + 14 * MINUTE)
    account = accounts.session(token, MONDAY_9 + 15 * MINUTE)
    assert account is not None
    assert (account.name, account.role, account.area) == ("管理员", Role.ADMIN, "")
    with pytest.raises(SignInRefused):
        accounts.redeem(link, "第二人", RIGHT, MONDAY_9 + 14 * MINUTE)
    assert accounts.first_link(MONDAY_9) is None


@pytest.mark.parametrize("password", ["短", "aaaaaaaaaa", "管理员管理员管理员", "x" * 201])
def test_a_weak_password_is_refused_in_words_and_keeps_the_link(engine: Engine, password: str) -> None:
    accounts = SqlAccounts(engine, LIGHT)
    link = accounts.first_link(MONDAY_9)
    assert link is not None
    with pytest.raises(BadAction):
        accounts.redeem(link, "管理员", password, MONDAY_9)
    assert accounts.redeem(link, "管理员", RIGHT, MONDAY_9)


def test_nothing_secret_is_kept_readable(engine: Engine, accounts: SqlAccounts) -> None:
    token = accounts.sign_in(LI.name, RIGHT, MONDAY_9)
    with engine.read() as connection:
        kept = repr([connection.execute(sa.select(t)).all() for t in (accounts_table, sessions, first_links)])
    assert token not in kept
    assert RIGHT not in kept
    assert "$argon2id$" in kept


def test_ended_sessions_are_forgotten(accounts: SqlAccounts) -> None:
    accounts.sign_in(LI.name, RIGHT, MONDAY_9)
    kept = accounts.sign_in(LI.name, RIGHT, MONDAY_9 + 20 * MINUTE)
    assert accounts.forget_ended(MONDAY_9 + 31 * MINUTE) == 1
    assert accounts.session(kept, MONDAY_9 + 31 * MINUTE) == LI
