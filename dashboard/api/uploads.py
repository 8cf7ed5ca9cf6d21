"""`POST /uploads`: images re-encoded without their metadata, audio and PDF by their first bytes, under random names."""

from __future__ import annotations

import io
import os
import secrets
from pathlib import Path

from fastapi import APIRouter, Request
from PIL import Image, ImageOps, UnidentifiedImageError
from starlette.datastructures import UploadFile

from dashboard.api.parameters import Refused
from dashboard.bodies import MOST_UPLOAD
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.shapes import Json

MOST_PIXELS = 40_000_000  # checked before decoding: a small file can unpack to gigabytes
LONGEST_SIDE = 4096
IMAGES = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", ".pdf"),
    (0, b"ID3", ".mp3"),
    (0, b"\xff\xfb", ".mp3"),
    (0, b"\xff\xf3", ".mp3"),
    (0, b"OggS", ".ogg"),
    (0, b"fLaC", ".flac"),
    (0, b"#!AMR", ".amr"),
    (8, b"WAVE", ".wav"),
    (4, b"ftypM4A", ".m4a"),
)


def add(router: APIRouter, services: Services) -> None:
    """Register the route."""

    @router.post("/uploads", status_code=201)
    async def upload(request: Request) -> Json:
        return {"id": await off_loop(keep, await _content(request), Path(services.uploads))}


async def _content(request: Request) -> bytes:
    """The file of a form's first file field, or the bare body."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await request.body()
    async with request.form(max_files=1, max_fields=8) as form:
        for value in form.values():
            if isinstance(value, UploadFile):
                return await value.read()
    raise Refused(422, "MISSING_FIELD", "没有找到要上传的文件", "file")


def keep(content: bytes, folder: Path) -> str:
    """Store an upload and answer with its id; Refused when it is not what we take. Blocking."""
    if not content:
        raise Refused(422, "MISSING_FIELD", "文件是空的", "file")
    if len(content) > MOST_UPLOAD:
        raise Refused(413, "TOO_LARGE", "文件超过 10 MB", "file")
    kind = kind_of(content)
    kept, kind = (content, kind) if kind else (clean_image(content), ".jpg")
    name = secrets.token_hex(16)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = folder / f".{name}"
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(kept)
    unfinished.rename(folder / f"{name}{kind}")
    return name


def kind_of(content: bytes) -> str:
    """The suffix of audio or PDF by its first bytes; empty for anything else."""
    return next((kind for at, magic, kind in _MAGIC if content[at : at + len(magic)] == magic), "")


def clean_image(content: bytes) -> bytes:
    """The picture alone, turned upright, as JPEG without EXIF: no place, no device, no hidden payload."""
    try:
        with Image.open(io.BytesIO(content), formats=IMAGES) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Refused(422, "OUT_OF_RANGE", "图片像素过多", "file")
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except UnidentifiedImageError:
        raise Refused(415, "BAD_CONTENT_TYPE", "只接受图片、录音或 PDF", "file") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise Refused(422, "BAD_FILE", "图片已损坏，无法读取", "file") from None
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=88)
    return out.getvalue()
