"""The binary positions frame, read back field by field as the page does."""

import struct

import numpy as np

from dashboard import frames


def test_a_frame_is_a_header_of_32_bytes_and_12_bytes_a_worker():
    word = frames.words(
        np.array([1, 70_000]), np.array([2, 4], np.uint8), np.array([True, False]), np.array([7.9, 900.0])
    )
    lon, lat = np.array([1_201_234_567, frames.NOWHERE], np.int32), np.array([302_000_000, frames.NOWHERE], np.int32)
    frame = frames.encode(frames.DELTA, 41, 1_763_726_400.25, 0xFFEE, word, lon, lat)
    assert len(frame) == 32 + 2 * 12
    assert struct.unpack_from("<4sBxxxIIdQ", frame) == (b"DRP1", 2, 2, 41, 1_763_726_400_250.0, 0xFFEE)
    first, west, north = struct.unpack_from("<Iii", frame, 32)
    assert (first & 0xFFFFF, first >> 20 & 7, first >> 23 & 1, first >> 24) == (1, 2, 1, 7)
    assert (west / 1e7, north / 1e7) == (120.1234567, 30.2)
    second, west, north = struct.unpack_from("<Iii", frame, 44)
    assert (second & 0xFFFFF, second >> 20 & 7, second >> 23 & 1, second >> 24) == (70_000, 4, 0, 255)
    assert west == north == -(2**31)


def test_an_age_before_now_is_zero():
    word = frames.words(np.array([0]), np.array([0], np.uint8), np.array([False]), np.array([-3.0]))
    assert word[0] >> 24 == 0


def test_no_workers_is_a_header_alone():
    nobody = np.empty(0, np.int32)
    frame = frames.encode(frames.SNAPSHOT, 0, 0.0, 1, nobody.astype(np.uint32), nobody, nobody)
    assert len(frame) == 32
