"""`python app.py webhook …`: what is entered, refused, shown and told, on a room's own database."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import administration
import app
from room import Room, open_room
from settings import BadSetting, Settings
from webhook_admin import postman_of


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = open_room(Settings(data_dir=tmp_path))
    yield room
    room.engine.close()


def said(room: Room, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    asked: argparse.Namespace = app._parser().parse_args(["webhook", *words])
    administration.run(asked, room)
    return capsys.readouterr().out


def test_a_secret_is_told_once_and_stands_in_no_table(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    secret = said(room, capsys, "add", "city", "https://city.example/hook", "--events", "case.close,alert.*").strip()
    assert secret.startswith("whsec_")
    assert (room.settings.data_dir / "webhook.key").stat().st_mode & 0o777 == 0o600
    listed = said(room, capsys, "list")
    assert ("city" in listed, "case.close,alert.*" in listed, secret in listed) == (True, True, False)
    with room.engine.read() as connection:
        kept = connection.exec_driver_sql("SELECT * FROM webhooks").one()
    assert secret.removeprefix("whsec_") not in str(kept)


def test_a_new_secret_is_told_once(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    first = said(room, capsys, "add", "city", "https://city.example/hook").strip()
    second = said(room, capsys, "rotate", "city", "--hours", "2").strip()
    assert second.startswith("whsec_")
    assert second != first
    for words in (("rotate", "nobody"), ("rotate", "city", "--hours", "1000")):
        with pytest.raises(BadSetting):
            said(room, capsys, *words)


def test_it_is_paused_gone_on_with_replayed_and_removed(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    said(room, capsys, "add", "city", "https://city.example/hook")
    assert "已暂停" in said(room, capsys, "pause", "city")
    assert "暂停" in said(room, capsys, "list")
    assert "已恢复" in said(room, capsys, "resume", "city")
    assert "0 条死信" in said(room, capsys, "replay", "city")
    assert "重新投递" in said(room, capsys, "replay", "city", "--since", "2026-11-21T00:00:00+08:00")
    assert "已删除" in said(room, capsys, "remove", "city")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "a b", "https://c.example"), "名称"),
        (("add", "city", "ftp://c.example"), "http"),
        (("add", "city", "https://me:pw@c.example"), "账号"),
        (("add", "city", "https://c.example", "--events", "case.nonsense"), "case.nonsense"),
        (("add", "city", "https://c.example", "--area", "nowhere"), "没有网格"),
        (("pause", "nobody"), "没有订阅"),
        (("test", "nobody"), "没有订阅"),
        (("replay", "nobody"), "没有订阅"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    room: Room, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], why: str
) -> None:
    with pytest.raises(BadSetting, match=why):
        said(room, capsys, *words)


def test_a_trial_to_a_network_that_is_not_named_is_not_sent(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    said(room, capsys, "add", "inside", "http://127.0.0.1:9/hook")
    assert "WEBHOOK_NETS" in said(room, capsys, "test", "inside")


def test_networks_that_are_none_stop_the_start(room: Room) -> None:
    with pytest.raises(BadSetting, match="WEBHOOK_NETS"):
        postman_of(replace(room.settings, webhook_nets="10.0.0.0/99"))
