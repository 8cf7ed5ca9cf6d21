"""Secrets: argon2 for passwords, SHA-256 for random tokens, and what a password must be."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from functools import cache

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

    def hash(self, password: str) -> str:
        """The salted argon2id hash of a password."""
        return self.hasher.hash(password)

    def is_right(self, kept: str | None, password: str) -> bool:
        """Whether the password belongs to the kept hash; never for None, in the same time."""
        try:
            return self.hasher.verify(kept or _nobodys(self.hasher), password[:LONGEST]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def _nobodys(hasher: argon2.PasswordHasher) -> str:
    """The hash that a name without one is checked against, as costly as any; nobody knows its password."""
    return _made_once(hasher.time_cost, hasher.memory_cost, hasher.parallelism)


@cache
def _made_once(time_cost: int, memory_cost: int, parallelism: int) -> str:
    return argon2.PasswordHasher(time_cost, memory_cost, parallelism).hash(new_token())
