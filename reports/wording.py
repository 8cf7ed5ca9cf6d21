"""How a figure stands in a sentence: always with its base, never a cause, and a small base says so."""

from __future__ import annotations

from cases.indicators import REGISTER, Figure, Register, time_words

SMALL = "，基数小，仅供参考"


def said(figure: Figure, register: Register = REGISTER) -> str:
    """`2384件`, `98.4%（2346/2384件）`, `下降34.5%（由3640件到2384件）`; ValueError where there is no value."""
    if figure.value is None:
        raise ValueError(f"{figure.id} has no base")
    return _SAYERS[register[figure.id].kind](figure, figure.value, register)


def _count(figure: Figure, value: float, _: Register) -> str:
    return time_words(int(value)).replace(" ", "") if figure.unit == "分钟" else f"{int(value)}{figure.unit}"


def _rate(figure: Figure, value: float, register: Register) -> str:
    unit = register.sets[register[figure.id].denominator[0]].unit
    return f"{value * 100:.1f}%（{figure.numerator}/{figure.base}{unit}{_small(figure)}）"


def _mean(figure: Figure, value: float, _: Register) -> str:
    return f"{value:.2f}{figure.unit}（{figure.numerator}/{figure.base}{_small(figure)}）"


def _wait(figure: Figure, value: float, register: Register) -> str:
    per = register.sets[register[figure.id].numerator[0]].per
    return f"{time_words(int(value)).replace(' ', '')}（{figure.base}{per}{_small(figure)}）"


def _change(figure: Figure, value: float, register: Register) -> str:
    unit = register[register[figure.id].of].unit
    now = figure.base + figure.numerator
    if not figure.numerator:
        return f"持平（均为{now}{unit}{_small(figure)}）"
    moved = f"{'上升' if value > 0 else '下降'}{abs(value) * 100:.1f}%"
    return f"{moved}（由{figure.base}{unit}到{now}{unit}{_small(figure)}）"


def _small(figure: Figure) -> str:
    return SMALL if figure.is_small else ""


_SAYERS = {"count": _count, "rate": _rate, "mean": _mean, "median": _wait, "p90": _wait, "change": _change}
