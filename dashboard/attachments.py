"""Files that came with a case: which of them are there, of what kind, and only for who may see the case."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ID = re.compile(r"[0-9a-f]{32}")
TYPES: Mapping[str, str] = {
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
    ".amr": "audio/amr",
    ".wav": "audio/wav",
    ".m4a": "audio/mp4",
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a case; `kind` is its media type, empty where the file is not there. `address` opens it."""

    id: str
    address: str
    kind: str

    @property
    def is_picture(self) -> bool:
        """Whether it can be looked at in place."""
        return self.kind.startswith("image/")

    @property
    def is_sound(self) -> bool:
        """Whether it can be listened to in place."""
        return self.kind.startswith("audio/")


def find(folder: str, id_: str) -> Path | None:
    """The kept file of an upload's id; None when there is none or it is no id of ours. Blocking."""
    if not folder or not ID.fullmatch(id_):
        return None
    return next((path for suffix in TYPES if (path := Path(folder) / f"{id_}{suffix}").is_file()), None)


def listed(no: str, ids: Sequence[str], folder: str) -> list[Attachment]:
    """The attachments of a case in their order, each with its address and kind. Blocking."""
    found = ((id_, find(folder, id_)) for id_ in ids)
    return [Attachment(id_, f"/api/v1/cases/{no}/uploads/{id_}", TYPES[at.suffix] if at else "") for id_, at in found]
