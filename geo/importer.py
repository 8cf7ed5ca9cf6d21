"""Reading GeoPackage, Shapefile and GeoParquet in a limited child process."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geo.errors import GridError


def read_with_child(path: Path, layer: str, encoding: str) -> tuple[list[Mapping[str, Any]], str]:
    raise GridError("UNKNOWN_FORMAT", f"还不能读取 {path.suffix} 文件")
