"""`python -m geo check|repair|locate`: look at a grid folder, mend it, or find the grids of many points."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from geo.check import check_folder, check_nest
from geo.crs import CRS_NAMES
from geo.errors import GridError
from geo.grids import GridBook
from geo.locating import locate_table
from geo.nest import read_nest
from geo.repair import repair
from geo.writing import write_nest


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 when it is not, 2 for a wrong command line."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except GridError as error:
        if getattr(arguments, "json", False):
            print(json.dumps({"ok": False, "code": error.code, "msg": error.message}, ensure_ascii=False))
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"无法读写 {error.filename}：{error.strerror}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m geo", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="check|repair|locate")
    check = commands.add_parser("check", help="检查网格文件夹")
    check.add_argument("folder", type=Path)
    check.add_argument("--json", action="store_true", help="为程序输出一个 JSON 对象")
    check.set_defaults(run=_check)
    mend = commands.add_parser("repair", help="修复到新的文件夹，并说明每处改动")
    mend.add_argument("folder", type=Path)
    mend.add_argument("out", type=Path)
    mend.set_defaults(run=_repair)
    locate = commands.add_parser("locate", help="给一张点表加上各级网格代码")
    locate.add_argument("points", type=Path, help="有 lon,lat 两列的 CSV（可为 .csv.gz）")
    locate.add_argument("--grids", type=Path, required=True)
    locate.add_argument("--crs", choices=CRS_NAMES, default="wgs84")
    locate.add_argument("--lon", default="lon", help="经度列名")
    locate.add_argument("--lat", default="lat", help="纬度列名")
    locate.add_argument("-o", "--out", type=Path, required=True)
    locate.set_defaults(run=_locate)
    return parser


def _check(arguments: argparse.Namespace) -> int:
    report = check_folder(arguments.folder)
    print(json.dumps(report.as_json(), ensure_ascii=False) if arguments.json else report.as_text())
    return 0 if report.ok else 1


def _repair(arguments: argparse.Namespace) -> int:
    repaired, changes = repair(read_nest(arguments.folder))
    write_nest(repaired, arguments.out)
    print("\n".join(changes) or "没有需要修改的地方")
    report = check_nest(read_nest(arguments.out))
    print(f"写入 {arguments.out}，{len(changes)} 处改动；{report.verdict()}")
    return 0 if report.ok else 1


def _locate(arguments: argparse.Namespace) -> int:
    nest = read_nest(arguments.grids)
    book = GridBook.of_nest(nest)
    tally = locate_table(book, arguments.points, arguments.out, arguments.crs, arguments.lon, arguments.lat)
    print(
        f"{tally.rows:,} 行；不在任何网格 {tally.nowhere:,} 行，其中坐标无法读取 {tally.unreadable:,} 行；"
        f"网格数据在内存中修正 {len(nest.defects)} 处",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
