"""The binary positions frame: workers as fixed-width little-endian records, encoded once for all screens.

Header, 32 bytes: `DRP1` · u8 kind (1 snapshot, 2 delta) · 3 bytes pad · u32 count · u32 seq · f64 as_of (unix ms) ·
u64 epoch. Then `count` records of 12 bytes: u32 word · i32 lon · i32 lat (WGS-84 degrees × 10⁷). The word packs
roster index (20 bits) | status (3 bits) << 20 | suspect (1 bit) << 23 | age of the fix in s, ≤ 255 (8 bits) << 24.
A worker to take off the map has status off_duty and `lon == lat == NOWHERE`.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
import numpy.typing as npt

from cases.fix_columns import STATUSES
from cases.model import WorkerStatus

MAGIC: Final = b"DRP1"
SNAPSHOT: Final = 1
DELTA: Final = 2
HEADER: Final = struct.Struct("<4sB3xIIdQ")
RECORD: Final = np.dtype([("word", "<u4"), ("lon", "<i4"), ("lat", "<i4")])
OFF_DUTY: Final = STATUSES.index(WorkerStatus.OFF_DUTY)
NOWHERE: Final = -(2**31)
MOST_WORKERS: Final = 2**20
DEGREE: Final = 10_000_000

Ints = npt.NDArray[np.int32]


def words(
    index: npt.NDArray[np.intp],
    status: npt.NDArray[np.uint8],
    suspect: npt.NDArray[np.bool_],
    age_s: npt.NDArray[np.float64],
) -> npt.NDArray[np.uint32]:
    """Pack four arrays of one length into the records' words; ages are capped to 0–255 s."""
    packed = index.astype(np.uint32)
    packed |= status.astype(np.uint32) << 20
    packed |= suspect.astype(np.uint32) << 23
    packed |= np.clip(age_s, 0, 255).astype(np.uint32) << 24
    return packed


def encode(kind: int, seq: int, as_of: float, epoch: int, word: npt.NDArray[np.uint32], lon: Ints, lat: Ints) -> bytes:
    """One frame. `as_of` is the server's clock in unix seconds; word, lon and lat (degrees × 10⁷) are one a worker."""
    records = np.empty(len(word), RECORD)
    records["word"], records["lon"], records["lat"] = word, lon, lat
    return HEADER.pack(MAGIC, kind, len(word), seq & 0xFFFFFFFF, as_of * 1000, epoch) + records.tobytes()
