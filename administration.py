"""`python app.py account|device …`: who may sign in, and which links may send."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable, Mapping

from cases.errors import CaseError
from cases.model import CHANNELS, Account, Device, Role
from room import Room
from settings import BadSetting


def run(asked: argparse.Namespace, room: Room) -> int:
    """Do what was asked; refusals are one line of words."""
    try:
        return _VERBS[asked.command, asked.verb](room, asked)
    except CaseError as problem:
        raise BadSetting(problem.msg) from problem


def _add_account(room: Room, asked: argparse.Namespace) -> int:
    if room.directory.account(asked.name) is not None:
        raise BadSetting(f"账号 {asked.name} 已存在 / exists")
    if asked.area and asked.area not in room.grids:
        raise BadSetting(f"没有网格 {asked.area} / no such grid")
    account = Account(asked.name, Role(asked.role), asked.area, asked.display or asked.name, unit=asked.unit)
    room.directory.put_account(account, asked.password)
    print(f"已添加账号 {asked.name}（{asked.role}，辖区 {asked.area or '全部'}）")
    return 0


def _list_accounts(room: Room, _: argparse.Namespace) -> int:
    for each in room.directory.accounts():
        state = "停用" if each.disabled else "启用"
        print(f"{each.name:20} {each.role:10} {each.area or '全部':18} {state}  {each.display}")
    return 0


def _set_password(room: Room, asked: argparse.Namespace) -> int:
    return _done(
        room.directory.set_password(asked.name, asked.password), f"账号 {asked.name}", "已更换密码，原会话已结束"
    )


def _revoke_account(room: Room, asked: argparse.Namespace) -> int:
    return _done(room.directory.disable(asked.name), f"账号 {asked.name}", "已停用，原会话已结束")


def _add_device(room: Room, asked: argparse.Namespace) -> int:
    if asked.source not in CHANNELS:
        raise BadSetting(f"没有渠道 {asked.source}，可用：{' '.join(CHANNELS)}")
    if room.directory.device(asked.name) is not None:
        raise BadSetting(f"设备 {asked.name} 已存在 / exists")
    key = f"{asked.name}.{secrets.token_urlsafe(32)}"
    room.directory.put_device(Device(asked.name, asked.source, asked.worker), key)
    print(key)
    return 0


def _list_devices(room: Room, _: argparse.Namespace) -> int:
    for each in room.directory.devices():
        print(f"{each.id:24} {each.source:14} {each.worker:10} {'停用' if each.disabled else '启用'}")
    return 0


def _revoke_device(room: Room, asked: argparse.Namespace) -> int:
    return _done(room.directory.revoke_device(asked.name), f"设备 {asked.name}", "已停用，5 秒内断开")


def _done(found: bool, what: str, done: str) -> int:
    if not found:
        raise BadSetting(f"没有{what}")
    print(f"{what}{done}")
    return 0


_VERBS: Mapping[tuple[str, str], Callable[[Room, argparse.Namespace], int]] = {
    ("account", "add"): _add_account,
    ("account", "list"): _list_accounts,
    ("account", "password"): _set_password,
    ("account", "revoke"): _revoke_account,
    ("device", "add"): _add_device,
    ("device", "list"): _list_devices,
    ("device", "revoke"): _revoke_device,
}
