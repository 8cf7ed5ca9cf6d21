"""`python app.py webhook add|list|pause|resume|rotate|remove|test|replay`: which systems are told what happens."""

from __future__ import annotations

import argparse
import re
import secrets
from datetime import timedelta

from cases.webhooks import MOST_SUBSCRIPTIONS, SubscriptionState, headers_of, secret_of, secrets_of, unknown_events
from feeds.webhooks.courier import trial
from feeds.webhooks.post import NotAllowedThere, Postman, networks
from room import Room, now
from settings import BadSetting, Settings
from storage.webhooks import SqlWebhooks
from webhook_keys import room_key

MOST_HOURS = 168  # that two secrets sign
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def postman_of(settings: Settings) -> Postman:
    """Who may be posted to, as set; BadSetting for networks that are none."""
    try:
        return Postman(networks(settings.webhook_nets))
    except ValueError:
        raise BadSetting("WEBHOOK_NETS 须为逗号分隔的网段，如 10.0.0.0/8,192.168.1.0/24 / networks") from None


def add(room: Room, asked: argparse.Namespace) -> int:
    """Enter a subscription and print its secret, once."""
    book, events = _book(room), tuple(each.strip() for each in asked.events.split(",") if each.strip())
    if not _NAME.fullmatch(asked.name):
        raise BadSetting("名称须为 1–64 位的字母、数字、下划线或连字符")
    if len(book.all()) >= MOST_SUBSCRIPTIONS:
        raise BadSetting(f"最多 {MOST_SUBSCRIPTIONS} 个订阅")
    if wrong := unknown_events(events) or ([] if events else ["（空）"]):
        raise BadSetting(f"没有事件 {'、'.join(wrong)}；如 case.*、case.close、alert.*")
    if asked.area and asked.area not in room.grids:
        raise BadSetting(f"没有网格 {asked.area} / no such grid")
    try:
        url = postman_of(room.settings).checked(asked.url)
    except NotAllowedThere as problem:
        raise BadSetting(str(problem)) from problem
    key, salt = room_key(room.settings.data_dir, make=True), secrets.token_hex(16)
    if not book.add(asked.name, url, events, asked.area, salt, now()):
        raise BadSetting(f"订阅 {asked.name} 已存在 / exists")
    print(secret_of(key, asked.name, salt))
    return 0


def show(room: Room, _: argparse.Namespace) -> int:
    """Every subscription, one line each; never a secret."""
    for each in _book(room).states():
        print(_line(each))
    return 0


def pause(room: Room, asked: argparse.Namespace) -> int:
    """Tell nothing for now; what happens meanwhile is told after `resume`."""
    return _done(_book(room).pause(asked.name, paused=True), asked.name, "已暂停")


def resume(room: Room, asked: argparse.Namespace) -> int:
    """Go on where it was."""
    return _done(_book(room).pause(asked.name, paused=False), asked.name, "已恢复")


def rotate(room: Room, asked: argparse.Namespace) -> int:
    """Make a new secret and print it, once; the old one signs as well for `--hours`."""
    if not 0 <= asked.hours <= MOST_HOURS:
        raise BadSetting(f"--hours 须在 0 到 {MOST_HOURS} 之间")
    key, salt = room_key(room.settings.data_dir), secrets.token_hex(16)
    if not _book(room).rotate(asked.name, salt, now() + timedelta(hours=asked.hours)):
        raise BadSetting(f"没有订阅 {asked.name}")
    print(secret_of(key, asked.name, salt))
    return 0


def remove(room: Room, asked: argparse.Namespace) -> int:
    """Forget it, its cursor and its dead letters."""
    return _done(_book(room).remove(asked.name), asked.name, "已删除")


def test(room: Room, asked: argparse.Namespace) -> int:
    """Post a signed notice of nothing now, and say how it went; 1 when it was not taken."""
    found = next((each for each in _book(room).all() if each.name == asked.name), None)
    if found is None:
        raise BadSetting(f"没有订阅 {asked.name}")
    notice, at = trial(now()), now()
    body = notice.body(found.name)
    signing = secrets_of(room_key(room.settings.data_dir), found, at)
    outcome = postman_of(room.settings).send(found.url, headers_of(signing, f"{found.name}-test-0", at, body), body)
    print(f"已送达（{outcome.status}）" if outcome.is_taken else f"未送达：{outcome.why}")
    return 0 if outcome.is_taken else 1


def replay(room: Room, asked: argparse.Namespace) -> int:
    """Try the dead letters again, or with `--since` tell everything since then once more."""
    book = _book(room)
    if not any(each.name == asked.name for each in book.all()):
        raise BadSetting(f"没有订阅 {asked.name}")
    if asked.since is None:
        print(f"{book.replay(asked.name)} 条死信将重新投递")
        return 0
    if asked.since.tzinfo is None:
        raise BadSetting("--since 缺少时区，请写成 2026-11-21T08:00:00+08:00")
    return _done(book.rewind(asked.name, asked.since), asked.name, f"将从 {asked.since.isoformat()} 起重新投递")


def _book(room: Room) -> SqlWebhooks:
    return SqlWebhooks(room.engine, room.settings.public_address)


def _line(state: SubscriptionState) -> str:
    each = state.subscription
    how = "暂停" if each.paused else f"第 {each.tries} 次重试" if each.tries else "正常"
    told = f"已送 {each.delivered} 积压 {state.behind} 死信 {state.dead}"
    return f"{each.name:20} {how:8} {told}  {','.join(each.events)} {each.area or '全部'}  {each.url} {each.last_error}"


def _done(found: bool, name: str, done: str) -> int:
    if not found:
        raise BadSetting(f"没有订阅 {name}")
    print(f"订阅 {name} {done}")
    return 0
