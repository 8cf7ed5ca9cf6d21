"""The room's own key for webhooks: DATA_DIR/webhook.key, from which every subscription's secret is made."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from settings import BadSetting

KEY_BYTES = 32


def room_key(data_dir: Path, *, make: bool = False) -> bytes:
    """The key, mode 0600; made when there is none and `make`. BadSetting in words when it cannot be had."""
    file = data_dir / "webhook.key"
    try:
        if make and not file.exists():
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(secrets.token_bytes(KEY_BYTES))
        key = file.read_bytes()
    except OSError as problem:
        raise BadSetting(f"{file} 不可读写：{problem.strerror}；多台机器须用同一个文件 / webhook key") from problem
    if len(key) < KEY_BYTES:
        raise BadSetting(f"{file} 不完整，请从备份恢复 / webhook key is too short")
    return key
