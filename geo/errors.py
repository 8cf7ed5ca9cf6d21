"""What can go wrong with places, each with a code for programs and a Chinese sentence for people."""


class GridError(Exception):
    """A boundary file or scheme that cannot be used; `code` is for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class UnknownCrs(GridError):
    """A coordinate system nobody here knows how to convert."""

    def __init__(self, crs: object) -> None:
        super().__init__("UNKNOWN_CRS", f"不认识坐标系 {str(crs)[:40]!r}，请写 wgs84、gcj02、bd09 或 cgcs2000")


class UnknownGrid(KeyError):
    """A grid code that is not in the book."""

    def __str__(self) -> str:
        return f"没有代码为 {self.args[0]!r} 的网格"
