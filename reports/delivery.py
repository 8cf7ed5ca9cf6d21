"""Where finished reports go: a folder anybody can pick them up from, and, where it is set, the post."""

from __future__ import annotations

import os
import re
import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_TYPES = {
    ".docx": "vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pdf": "pdf",
}
WAIT_S = 20.0


@dataclass(frozen=True, slots=True)
class Outbox:
    """A folder of finished files, readable by its owner only; what was posted has its mark in `posted/`."""

    folder: Path

    def put(self, name: str, content: bytes) -> Path:
        """Write a file in the place of its earlier state, whole or not at all."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = self.folder / _UNSAFE.sub("_", name)
        fresh = kept.with_name(f".{kept.name}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        fresh.replace(kept)
        self._mark(kept).unlink(missing_ok=True)
        return kept

    def holds(self, name: str) -> bool:
        """Whether a file of this name lies there."""
        return (self.folder / _UNSAFE.sub("_", name)).is_file()

    def unposted(self) -> list[Path]:
        """The files that nobody was sent yet, oldest first."""
        if not self.folder.is_dir():
            return []
        files = [each for each in self.folder.iterdir() if each.suffix in _TYPES and not each.name.startswith(".")]
        return sorted((each for each in files if not self._mark(each).exists()), key=lambda each: each.stat().st_mtime)

    def mark_posted(self, files: Sequence[Path]) -> None:
        """Remember that these were sent."""
        for file in files:
            self._mark(file).parent.mkdir(mode=0o700, exist_ok=True)
            self._mark(file).touch(mode=0o600)

    def _mark(self, file: Path) -> Path:
        return self.folder / "posted" / file.name


class NotPosted(Exception):
    """A letter that did not go out; the files stay and are tried again."""


@dataclass(frozen=True, slots=True)
class Post:
    """A mail server: `smtp://name:password@host:587` (STARTTLS where there is a name), `smtps://…:465`."""

    url: str
    sender: str
    to: tuple[str, ...]

    def send(self, subject: str, words: str, files: Sequence[Path]) -> None:
        """One letter with these files; NotPosted says why it did not go."""
        letter = EmailMessage()
        letter["Subject"], letter["From"], letter["To"] = subject, self.sender, ", ".join(self.to)
        letter.set_content(words)
        for file in files:
            letter.add_attachment(file.read_bytes(), "application", _TYPES[file.suffix], filename=file.name)
        try:
            with self._line() as line:
                line.send_message(letter)
        except (OSError, smtplib.SMTPException) as problem:
            raise NotPosted(f"{type(problem).__name__}: {problem}") from problem

    @contextmanager
    def _line(self) -> Iterator[smtplib.SMTP]:
        """An open line to the server, closed whatever happens on it."""
        at = urlsplit(self.url)
        secret = at.scheme == "smtps"
        kind = smtplib.SMTP_SSL if secret else smtplib.SMTP
        with kind(at.hostname or "", at.port or (465 if secret else 25), timeout=WAIT_S) as line:
            if at.username:
                if not secret:
                    line.starttls()  # a name and password never go in the clear
                line.login(unquote(at.username), unquote(at.password or ""))
            yield line
