"""Chinese faces for PDF: the standard's own where they are installed, else the nearest, else a refusal in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cases.documents import NoChineseFont
from reports.layout import BODY, HEI, KAI, SONG, TITLE

FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".fonts",
    Path.home() / ".local/share/fonts",
    Path("C:/Windows/Fonts"),
)
# For each face the files to look for, best first; a collection's number is that of its simplified Chinese face.
_SERIF, _SERIF_BOLD = ("NotoSerifCJK-Regular.ttc", 2), ("NotoSerifCJK-Bold.ttc", 2)
_SANS, _SANS_BOLD = ("NotoSansCJK-Regular.ttc", 2), ("NotoSansCJK-Bold.ttc", 2)
_ANY = (_SERIF, ("NotoSerifSC-Regular.otf", 0), ("SourceHanSerifSC-Regular.otf", 0), _SANS, ("wqy-zenhei.ttc", 0))
WANTED: Mapping[str, tuple[tuple[str, int], ...]] = {
    BODY: (("simfang.ttf", 0), ("FandolFang-Regular.otf", 0), *_ANY),
    TITLE: (("FZXBSJW.TTF", 0), ("FZXBSK.TTF", 0), _SERIF_BOLD, ("NotoSerifSC-Bold.otf", 0), *_ANY),
    HEI: (("simhei.ttf", 0), _SANS_BOLD, ("NotoSansSC-Bold.otf", 0), _SANS, *_ANY),
    KAI: (("simkai.ttf", 0), ("FandolKai-Regular.otf", 0), *_ANY),
    SONG: (("simsun.ttc", 0), *_ANY),
}


@dataclass(frozen=True, slots=True)
class FontFile:
    """A face's file and, of a collection, which of its faces."""

    path: Path
    number: int


def find(folder: str = "") -> Mapping[str, FontFile]:
    """A file for each of the standard's faces, searched in a folder of one's own first; NoChineseFont without any."""
    there = _files(FOLDERS) | _files([Path(folder)] if folder else [])
    found = {
        face: FontFile(there[name.lower()], number)
        for face, choices in WANTED.items()
        for name, number in [next(((n, i) for n, i in choices if n.lower() in there), ("", 0))]
        if name
    }
    if len(found) < len(WANTED):
        raise NoChineseFont(
            "没有找到中文字体，无法生成 PDF：请安装 fonts-noto-cjk，或把字体文件放进一个文件夹并设置 REPORT_FONTS "
            "/ no Chinese font; install fonts-noto-cjk or set REPORT_FONTS"
        )
    return found


def _files(folders: Iterable[Path]) -> dict[str, Path]:
    """Font files by their name in lower case."""
    kinds = {".ttf", ".ttc", ".otf"}
    return {
        file.name.lower(): file
        for folder in folders
        if folder.is_dir()
        for file in folder.rglob("*")
        if file.suffix.lower() in kinds
    }
