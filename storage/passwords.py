"""Secrets: argon2 for passwords, SHA-256 for random tokens, and what a password must be."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from cases.errors import BadAction

LONGEST = 200  # argon2 would hash a megabyte just as willingly


def new_token() -> str:
    """A random secret of 256 bits, fit for a cookie or a link."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept of a random token: its SHA-256, hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_rules(name: str, password: str) -> None:
    """Refuse a password that is short, endless or the name itself, as ASVS 5.0 V6.2 asks; BadAction says why."""
    if len(password) < 8:
        raise BadAction("密码至少 8 个字符", "password")
    if len(password) > LONGEST:
        raise BadAction(f"密码至多 {LONGEST} 个字符", "password")
    if password.casefold() == name.casefold() or len(set(password)) < 4:
        raise BadAction("密码过于简单，请更换", "password")


@dataclass(frozen=True, slots=True)
class Passwords:
    """Makes and checks password hashes; a name without one costs the same time as a wrong password."""

    hasher: argon2.PasswordHasher = field(default_factory=argon2.PasswordHasher)
    _dummy: list[str] = field(default_factory=list)

    def hash(self, password: str) -> str:
        """The salted argon2id hash of a password."""
        return self.hasher.hash(password)

    def is_right(self, kept: str | None, password: str) -> bool:
        """Whether the password belongs to the kept hash; never for None, in the same time."""
        try:
            return self.hasher.verify(kept or self._stand_in(), password[:LONGEST]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False

    def _stand_in(self) -> str:
        if not self._dummy:
            self._dummy.append(self.hasher.hash(new_token()))
        return self._dummy[0]
