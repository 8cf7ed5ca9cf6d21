"""Personal data as it may be shown: masked by default (domain.md b13, reliability.md 8.1.4.11)."""

from __future__ import annotations


def masked_name(name: str) -> str:
    """The family name and how many characters follow: 王建国 → 王**."""
    return name[:1] + "*" * (len(name) - 1) if name else ""


def masked_phone(phone: str) -> str:
    """The first three and last four digits: 13800001234 → 138****1234; short numbers vanish."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "*" * len(phone)
