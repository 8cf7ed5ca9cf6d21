"""Reading GeoPackage, Shapefile and GeoParquet, in a child process that can do little harm.

GDAL opens a file by what it finds inside, and some of its formats name other files or hosts (reliability.md
T1–T3). So the first bytes are compared with the name, the file is copied into a private folder, and the child
has no other drivers, no network where the system allows that, and limits on memory, time and open files.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from geo.errors import GridError

CHILD_WALL_S = 60

_FORMATS = {
    ".gpkg": ("gpkg", b"SQLite format 3\0"),
    ".shp": ("shp", b"\x00\x00\x27\x0a"),
    ".parquet": ("parquet", b"PAR1"),
    ".geoparquet": ("parquet", b"PAR1"),
}
_SIDECARS = {".shx": True, ".dbf": True, ".prj": False, ".cpg": False}  # suffix: must be there
_DBF_SAYS_NOTHING = (0x00, 0x57)  # language byte: none, or "ANSI", which Chinese tools write before GBK text

# Every vector driver of GDAL 3.12 but the two we need; the child refuses to work if any other is left.
_SKIPPED_DRIVERS = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,Elasticsearch,FlatGeobuf,"
    "GDALG,GML,GPSBabel,GPX,GTFS,GeoJSON,GeoJSONSeq,GeoRSS,HTTP,Idrisi,JML,JSONFG,KML,LIBKML,LVBAG,MBTiles,MEM,"
    "MVT,MapInfo File,MapML,MiraMonVector,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OpenFileGDB,PCIDSK,"
    "PDF,PDS4,PGDUMP,PLSCENES,PMTiles,S57,SQLite,SXF,Selafin,TopoJSON,VDV,VFK,VICAR,VRT,WAsP,WFS,XLSX"
)


def read_with_child(path: Path, layer: str, encoding: str) -> tuple[list[Mapping[str, Any]], str]:
    """The rows (`properties` and `wkb` in hex or None) and the coordinate system the file declares, or "".

    GridError for a file that is not what its name says, lacks a part, or cannot be read within the limits.
    """
    suffix = path.suffix.lower()
    if suffix not in _FORMATS:
        raise GridError("UNKNOWN_FORMAT", f"不认识 {path.name}：请用 .geojson、.gpkg、.shp 或 .parquet")
    kind, magic = _FORMATS[suffix]
    with path.open("rb") as file:
        if file.read(len(magic)) != magic:
            raise GridError("BAD_CONTENT", f"{path.name} 的内容不是 {suffix} 文件")
    sidecars = _sidecars(path) if kind == "shp" else {}
    if kind == "shp" and not encoding and ".cpg" not in sidecars:
        _require_known_encoding(sidecars[".dbf"])
    with tempfile.TemporaryDirectory(prefix="geo-import-") as private:
        inside = Path(private) / f"layer.{kind}"
        shutil.copyfile(path, inside)
        for end, sidecar in sidecars.items():
            shutil.copyfile(sidecar, inside.with_suffix(end))
        answer = _run_child([kind, inside.name, layer, encoding], Path(private), path.name)
    return answer["rows"], answer["crs"]


def _sidecars(path: Path) -> dict[str, Path]:
    beside = {other.suffix.lower(): other for other in path.parent.iterdir() if other.stem == path.stem}
    missing = [end for end, needed in _SIDECARS.items() if needed and end not in beside]
    if missing:
        raise GridError("MISSING_PART", f"{path.name} 旁边缺少 {'、'.join(missing)} 文件")
    return {end: beside[end] for end in _SIDECARS if end in beside}


def _require_known_encoding(dbf: Path) -> None:
    """Refuse to guess how Chinese names are written; show three of them both ways."""
    content = dbf.read_bytes()
    words = list(dict.fromkeys(re.findall(rb"[\x80-\xff]{4,}", content)))[:3]
    if not words or content[29] not in _DBF_SAYS_NOTHING:
        return
    shown = "；".join(
        f"GBK：{'、'.join(_decoded(words, name))}" if name == "gbk" else f"UTF-8：{'、'.join(_decoded(words, name))}"
        for name in ("gbk", "utf-8")
    )
    raise GridError("ENCODING_UNKNOWN", f"{dbf.name} 没有 .cpg，请在 scheme.toml 写 encoding。前几个名称按 {shown}")


def _decoded(words: Sequence[bytes], encoding: str) -> list[str]:
    return [word.decode(encoding, errors="replace") for word in words]


def _run_child(arguments: Sequence[str], folder: Path, name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "geo.import_child", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 — our own module, arguments are not interpreted by a shell
            command, cwd=folder, env=_environment(folder), capture_output=True, timeout=CHILD_WALL_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise GridError("TOO_SLOW", f"{name} 在 {CHILD_WALL_S} 秒内没有读完") from error
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise GridError("IMPORT_FAILED", f"{name} 读不出来（子进程结束码 {done.returncode}）") from error
    if "code" in answer:
        raise GridError(str(answer["code"]), f"{name}：{answer['msg']}")
    return dict(answer)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours but where to find this package: no keys, no database address, no proxies."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "OPENBLAS_NUM_THREADS": "1",
        "GDAL_SKIP": _SKIPPED_DRIVERS,
        "GDAL_NUM_THREADS": "1",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{noext}",
        "GDAL_DRIVER_PATH": "disable",
    }
