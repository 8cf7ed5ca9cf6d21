"""`python app.py account|device|dead|recount`: who may sign in, which links may send, what stayed unfiled; recounts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import redis

import register_import
import webhook_admin
from cases.device_keys import DeviceKeys
from cases.errors import CaseError, StoreUnavailable
from cases.model import Account, Role
from feeds.bells import Bells
from feeds.dead_letters import DeadLetters
from feeds.filing import Clerk
from feeds.streams import RedisGone
from room import Room, now
from settings import BadSetting
from storage.aggregates import Aggregates
from storage.recount import recount


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
    if asked.unit and asked.unit not in {unit.id for unit in room.directory.units()}:
        raise BadSetting(f"没有单位 {asked.unit} / no such unit")
    if asked.role == Role.UNIT and not asked.unit:
        raise BadSetting("单位账号须写明单位：--unit / a unit's account needs --unit")
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
    print(_keys(room).issue(asked.name, asked.source, asked.worker, asked.area, now()))
    return 0


def _rotate_device(room: Room, asked: argparse.Namespace) -> int:
    print(_keys(room).rotate(asked.name, now()))
    return 0


def _bind_device(room: Room, asked: argparse.Namespace) -> int:
    device = _keys(room).bind(asked.name, source=asked.source, worker=asked.worker, area=asked.area)
    print(f"设备 {device.id}：渠道 {device.source}，网格员 {device.worker}，辖区 {device.area or '全部'}")
    return 0


def _list_devices(room: Room, _: argparse.Namespace) -> int:
    for each in room.directory.devices():
        since = f"{each.issued_at:%Y-%m-%d}" if each.issued_at else "-"
        bound = f"{each.source:14} {each.worker:10} {each.area or '全部':18}"
        print(f"{each.id:24} {bound} {since:10} {'停用' if each.disabled else '启用'}")
    return 0


def _revoke_device(room: Room, asked: argparse.Namespace) -> int:
    _keys(room).revoke(asked.name)
    print(f"设备 {asked.name}已停用，5 秒内断开")
    return 0


def _keys(room: Room) -> DeviceKeys:
    return DeviceKeys(room.directory, room.grids.__contains__)


def _add_kiosk(room: Room, asked: argparse.Namespace) -> int:
    if asked.area and asked.area not in room.grids:
        raise BadSetting(f"没有网格 {asked.area} / no such grid")
    link = room.registry.kiosks.add(asked.name, asked.area, now(), visitor=asked.visitor)
    print(f"{room.settings.public_address}/kiosk/{link}")
    return 0


def _list_kiosks(room: Room, _: argparse.Namespace) -> int:
    for each in room.registry.kiosks.all():
        state = f"{each.opened_at:%Y-%m-%d %H:%M} UTC 打开" if each.opened_at else "等待打开"
        print(f"{each.name:20} {each.area or '全部':18} {state}{'  参观模式' if each.visitor else ''}")
    return 0


def _revoke_kiosk(room: Room, asked: argparse.Namespace) -> int:
    return _done(room.registry.kiosks.revoke(asked.name), f"大屏 {asked.name}", "已停用，5 秒内黑屏")


def _list_dead(room: Room, _: argparse.Namespace) -> int:
    with _dead_letters(room) as dead:
        for letter in dead.letters():
            print(f"{letter.about}  {letter.why}")
    return 0


def _file_dead_again(room: Room, _: argparse.Namespace) -> int:
    bells = Bells(room.redis_url)
    stayed = 0
    try:
        with _dead_letters(room) as dead:
            for letter, why in dead.file_again(Clerk(room.desk(bells), room.grids, now)):
                stayed += bool(why)
                print(f"{letter.about}  {why or '已入库'}")
    except StoreUnavailable as problem:
        raise BadSetting(f"数据库暂时无法写入，稍后再试 / the store is unavailable: {problem}") from problem
    finally:
        bells.close()
    return 1 if stayed else 0


def _recount(room: Room, _: argparse.Namespace) -> int:
    """Count everything again and say what differs; 1 where something does."""
    found = recount(room.engine, _bar("重算"))
    for each in found.told:
        print(f"{each.where}：存 {each.kept}，算 {each.counted}")
    more = found.differing - len(found.told)
    print(f"{found.cases} 件案件，{found.differing} 处不符" + (f"（其余 {more} 处未列出）" if more else ""))
    return 1 if found.differing else 0


def _rebuild(room: Room, _: argparse.Namespace) -> int:
    """Build the kept figures anew."""
    print(f"已由 {Aggregates(room.engine).rebuild(_bar('重建'))} 件案件重建统计")
    return 0


def _bar(what: str) -> Callable[[int, int], None]:
    """A bar that moves on one line of the terminal's error stream; only its end where there is no terminal."""

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty() or done >= total:
            full = 30 * done // max(total, 1)
            end = "\n" if done >= total else ""
            print(f"\r{what} [{'#' * full:<30}] {done}/{total}", end=end, file=sys.stderr, flush=True)

    return show


@contextmanager
def _dead_letters(room: Room) -> Iterator[DeadLetters]:
    """The running room's dead letters; without its Redis there are none to see."""
    try:
        with redis.Redis.from_url(room.redis_url, socket_timeout=3, socket_connect_timeout=3) as client:
            yield DeadLetters(client)
    except RedisGone as problem:
        raise BadSetting("Redis 无法连接：请在系统运行时执行 / start the room first") from problem


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
    ("device", "rotate"): _rotate_device,
    ("device", "bind"): _bind_device,
    ("device", "list"): _list_devices,
    ("device", "revoke"): _revoke_device,
    ("kiosk", "add"): _add_kiosk,
    ("kiosk", "list"): _list_kiosks,
    ("kiosk", "revoke"): _revoke_kiosk,
    ("register", "import"): register_import.import_file,
    ("register", "list"): register_import.list_loads,
    ("dead", "list"): _list_dead,
    ("dead", "replay"): _file_dead_again,
    ("webhook", "add"): webhook_admin.add,
    ("webhook", "list"): webhook_admin.show,
    ("webhook", "pause"): webhook_admin.pause,
    ("webhook", "resume"): webhook_admin.resume,
    ("webhook", "rotate"): webhook_admin.rotate,
    ("webhook", "remove"): webhook_admin.remove,
    ("webhook", "test"): webhook_admin.test,
    ("webhook", "replay"): webhook_admin.replay,
    ("recount", "check"): _recount,
    ("recount", "rebuild"): _rebuild,
}
