"""Names and phones as a screen may show them."""

import pytest

from cases.masking import masked_name, masked_phone


@pytest.mark.parametrize(("name", "shown"), [("王建国", "王**"), ("李", "李"), ("", ""), ("欧阳小明", "欧***")])
def test_a_name_keeps_its_first_character(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(("phone", "shown"), [("13800001234", "138****1234"), ("110", "***"), ("", "")])
def test_a_phone_keeps_its_ends(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown
