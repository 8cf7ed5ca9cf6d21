"""The outbox keeps whole files; the post is tried against a real mail server of this machine."""

import email
import email.policy
import socket
from contextlib import contextmanager

import pytest

aiosmtpd = pytest.importorskip("aiosmtpd.controller")

from reports.delivery import NotPosted, Outbox, Post  # noqa: E402


class Sink:
    """Takes every letter."""

    def __init__(self):
        self.letters = []

    async def handle_DATA(self, server, session, envelope):
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def mail_server():
    sink = Sink()
    server = aiosmtpd.Controller(sink, "127.0.0.1", free_port())
    server.start()
    try:
        yield sink, f"smtp://127.0.0.1:{server.port}"
    finally:
        server.stop()


def test_a_letter_arrives_with_its_files(tmp_path):
    box = Outbox(tmp_path / "outbox")
    file = box.put("月通报-示范区-2026年10月.docx", b"PK-content")
    with mail_server() as (sink, url):
        Post(url, "room@example.org", ("a@example.org", "b@example.org")).send("报告 1 份", "见附件", [file])
    sender, to, content = sink.letters[0]
    letter = email.message_from_bytes(content, policy=email.policy.default)
    attached = next(letter.iter_attachments())
    assert (sender, to) == ("room@example.org", ["a@example.org", "b@example.org"])
    assert letter["Subject"] == "报告 1 份" and attached.get_filename() == file.name
    assert attached.get_content() == b"PK-content"


def test_a_server_that_is_away_loses_nothing(tmp_path):
    box = Outbox(tmp_path)
    file = box.put("a.docx", b"x")
    with pytest.raises(NotPosted):
        Post(f"smtp://127.0.0.1:{free_port()}", "a@b.c", ("d@e.f",)).send("", "", [file])
    assert box.unposted() == [file]


def test_a_name_and_password_never_go_in_the_clear(tmp_path):
    """The sink offers no STARTTLS: the letter does not go rather than the password in plain."""
    with mail_server() as (sink, url), pytest.raises(NotPosted):
        Post(url.replace("smtp://", "smtp://me:secret@"), "a@b.c", ("d@e.f",)).send("", "", [])
    assert sink.letters == []


def test_what_was_posted_is_not_posted_again_unless_made_anew(tmp_path):
    box = Outbox(tmp_path)
    file = box.put("a.docx", b"x")
    box.mark_posted([file])
    assert box.unposted() == []
    box.put("a.docx", b"y")
    assert box.unposted() == [file] and file.read_bytes() == b"y"


def test_a_file_is_private_and_its_name_cannot_leave_the_folder(tmp_path):
    file = Outbox(tmp_path / "out").put("../../etc/x:y.docx", b"x")
    assert file.parent == tmp_path / "out" and file.stat().st_mode & 0o077 == 0
