"""The importing child: reads one file in its folder with hardly any rights and prints the rows as JSON.

Run by geo.importer as `python -m geo.import_child KIND FILE LAYER ENCODING`; KIND is gpkg, shp or parquet.
"""

import ctypes
import json
import resource
import sys
from collections.abc import Callable, Iterator
from typing import Any

MEMORY_BYTES = 512 * 1024 * 1024  # on top of what the libraries take before the file is opened
CPU_S = 30
OPEN_FILES = 64
MOST_ROWS = 200_000

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_DRIVERS = {"GPKG", "ESRI Shapefile"}


class Refused(Exception):
    """Why a file is not read: a code for programs and a Chinese sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


def main(argv: list[str]) -> int:
    """Print {"rows": …, "crs": …} or {"code": …, "msg": …}."""
    kind, file, layer, encoding = argv
    _leave_the_network()
    try:
        answer = _read_parquet(file) if kind == "parquet" else _read_with_gdal(file, layer, encoding)
    except Refused as refused:
        answer = {"code": refused.code, "msg": refused.message}
    except MemoryError:
        answer = {"code": "TOO_LARGE", "msg": f"读取需要的内存超过 {MEMORY_BYTES // 1024 // 1024} MB"}
    except Exception as error:  # the outermost line of a process
        answer = {"code": "IMPORT_FAILED", "msg": f"读不出来：{type(error).__name__}"}
        print(error, file=sys.stderr)
    json.dump(answer, sys.stdout, ensure_ascii=True, default=str)
    return 0


def _leave_the_network() -> None:
    """An empty network namespace where the kernel grants one; must come before any thread is started."""
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is not None and unshare(_NEW_NETWORK) != 0:
        unshare(_NEW_USER | _NEW_NETWORK)


def _limit() -> None:
    """Called when the libraries are loaded and the file is not yet open."""
    with open("/proc/self/statm", encoding="ascii") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    for limit, value in (
        (resource.RLIMIT_AS, mapped + MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def _read_with_gdal(file: str, layer: str, encoding: str) -> dict[str, Any]:
    import pyogrio  # noqa: PLC0415 — after the network is gone

    if set(pyogrio.list_drivers()) - _DRIVERS:
        raise Refused("IMPORT_FAILED", "GDAL 里还有不该有的驱动，拒绝读取")
    _limit()
    layers = [str(name) for name, _ in pyogrio.list_layers(file)]
    if layer and layer not in layers:
        raise Refused("MISSING_LAYER", f"没有图层 {layer!r}，有的是 {layers[:20]}")
    if not layer and len(layers) > 1:
        raise Refused("MISSING_LAYER", f"有多个图层，请写成 文件::图层，图层有 {layers[:20]}")
    chosen = layer or layers[0]
    if int(pyogrio.read_info(file, layer=chosen, force_feature_count=True)["features"]) > MOST_ROWS:
        raise Refused("TOO_LARGE", f"超过 {MOST_ROWS} 个图形")
    meta, _, shapes, columns = pyogrio.raw.read(file, layer=chosen, encoding=encoding or None, datetime_as_string=True)
    names = [str(name) for name in meta["fields"]]
    return {"crs": _epsg(meta.get("crs")), "rows": list(_rows(names, columns, shapes, _plain))}


def _read_parquet(file: str) -> dict[str, Any]:
    from pyarrow import parquet  # noqa: PLC0415 — after the network is gone

    _limit()
    opened = parquet.ParquetFile(file)
    if opened.metadata.num_rows > MOST_ROWS:
        raise Refused("TOO_LARGE", f"超过 {MOST_ROWS} 个图形")
    geo = json.loads((opened.schema_arrow.metadata or {}).get(b"geo", b"{}"))
    primary = geo.get("primary_column")
    column = geo.get("columns", {}).get(primary, {})
    if column.get("encoding") != "WKB":
        raise Refused("NOT_GEOPARQUET", "不是以 WKB 存图形的 GeoParquet")
    table = opened.read(use_threads=False)
    names = [name for name in table.column_names if name != primary]
    columns = [table.column(name).to_pylist() for name in names]
    crs = column.get("crs", {})
    named = crs.get("id", {}) if isinstance(crs, dict) else {}
    declared = "EPSG:4326" if crs == {} or named.get("code") == "CRS84" else _id_of(named)
    return {"crs": declared, "rows": list(_rows(names, columns, table.column(primary).to_pylist(), _plain))}


def _id_of(named: dict[str, Any]) -> str:
    return f"{named['authority']}:{named['code']}" if {"authority", "code"} <= set(named) else ""


def _epsg(crs: str | None) -> str:
    """EPSG:n for what the file declares, "" where that has no number."""
    if not crs:
        return ""
    from pyproj import CRS  # noqa: PLC0415

    code = CRS.from_user_input(crs).to_epsg()
    return f"EPSG:{code}" if code else ""


def _rows(names: list[str], columns: Any, shapes: Any, plain: Callable[[Any], Any]) -> Iterator[dict[str, Any]]:
    for number, shape in enumerate(shapes):
        properties = {name: plain(column[number]) for name, column in zip(names, columns, strict=True)}
        yield {"properties": properties, "wkb": None if shape is None else bytes(shape).hex()}


def _plain(value: Any) -> Any:
    """numpy's numbers as Python's; bytes and nested values have no place among a grid's properties."""
    value = value.item() if hasattr(value, "item") else value
    return value if isinstance(value, str | int | float | bool | None) else str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
