"""Uploads: pictures come out clean, audio and PDF by their first bytes, nothing under a name somebody chose."""

import io

import pytest
from PIL import Image

from dashboard.api import uploads
from dashboard.api.parameters import Refused


def photo(**how: object) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    exif[0x8825] = {1: "N", 2: (30.0, 3.0, 0.0)}
    Image.new("RGB", (64, 32), "red").save(out, "JPEG", exif=exif, **how)
    return out.getvalue()


def test_a_photo_loses_place_and_device(tmp_path):
    assert b"Secret Camera" in photo()
    name = uploads.keep(photo(), tmp_path)
    kept = (tmp_path / f"{name}.jpg").read_bytes()
    assert b"Secret Camera" not in kept
    assert b"Exif" not in kept
    with Image.open(io.BytesIO(kept)) as opened:
        assert (opened.size, dict(opened.getexif())) == ((64, 32), {})


def test_what_hides_behind_a_photo_does_not_survive(tmp_path):
    name = uploads.keep(photo() + b"<script>alert(1)</script>", tmp_path)
    assert b"<script>" not in (tmp_path / f"{name}.jpg").read_bytes()


def test_names_are_random_and_files_private(tmp_path):
    first, second = uploads.keep(b"%PDF-1.7 ...", tmp_path), uploads.keep(b"%PDF-1.7 ...", tmp_path)
    assert first != second
    assert (tmp_path / f"{first}.pdf").stat().st_mode & 0o777 == 0o600
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (b"ID3\x04", ".mp3"),
        (b"OggS....", ".ogg"),
        (b"RIFF....WAVE", ".wav"),
        (b"#!AMR\n", ".amr"),
        (b"\0\0\0 ftypM4A ", ".m4a"),
    ],
)
def test_audio_is_known_by_its_first_bytes(content, suffix):
    assert uploads.kind_of(content) == suffix


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"<svg onload=alert(1)>", 415),
        (b"MZ\x90\0", 415),
        (b"<html>", 415),
        (photo()[:200], 422),
        (b"%PDF-" + b"x" * (10 << 20), 413),
    ],
)
def test_anything_else_is_refused(tmp_path, content, status):
    with pytest.raises(Refused) as refused:
        uploads.keep(content, tmp_path / "none")
    assert refused.value.status == status
    assert not (tmp_path / "none").exists()


def test_a_picture_that_unpacks_to_gigabytes_is_refused_before_it_does(tmp_path):
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    with pytest.raises(Refused):
        uploads.keep(out.getvalue(), tmp_path)


def test_a_form_and_a_bare_body_are_both_taken(room):
    program = room.program("duty")
    form = program.post(f"{room.url}/api/v1/uploads", files={"file": ("../../etc/passwd", photo(), "text/html")})
    bare = program.post(f"{room.url}/api/v1/uploads", data=photo(), headers={"Content-Type": "image/jpeg"})
    assert (form.status_code, bare.status_code) == (201, 201)
    assert len(form.json()["id"]) == 32
    headers = {"Authorization": "Bearer demo.key", "Content-Type": "image/jpeg"}
    device = room.session().post(f"{room.url}/api/v1/uploads", data=photo(), headers=headers)
    assert device.status_code == 201
    headers["Authorization"] = "Bearer demo.wrong"
    assert room.session().post(f"{room.url}/api/v1/uploads", data=photo(), headers=headers).status_code == 401


def test_eleven_megabytes_are_too_many(room):
    answer = room.program("duty").post(f"{room.url}/api/v1/uploads", data=b"x" * (11 << 20))
    assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")
