"""Words as people look for them: runs of letters and digits, with width, case and punctuation made alike.

Long numbers (telephones, identity and bank cards, whole or with dashes) are no words: whoever may not read one must not
be able to feel for it digit by digit either.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_LONG_NUMBER = re.compile(r"\d(?:[ \-]?\d){6,}")
_RUN = re.compile(r"[^\W_]+")
_END_OF_NUMBER = re.compile(r"\d[\d\-]*")


def runs(text: str) -> list[str]:
    """The runs of a text in their order, folded; long numbers left out."""
    return _RUN.findall(_LONG_NUMBER.sub(" ", _folded(text)))


def wanted(words: str) -> list[str]:
    """The runs that must all be found; none where nothing can be: no letter, or a long number among them."""
    folded = _folded(words)
    return [] if _LONG_NUMBER.search(folded) else _RUN.findall(folded)


def number_end(words: str) -> str:
    """The digits with which a wanted case number ends; "" where the words are no number."""
    folded = _folded(words).strip()
    return folded.replace("-", "") if folded.isascii() and _END_OF_NUMBER.fullmatch(folded) else ""


def mentions(words: str, number: str, *texts: str) -> bool:
    """Whether a case with this number and these texts is found by the words: the rule that every index keeps."""
    return finder(words)(number, told(*texts))


def told(*texts: str) -> str:
    """All runs of a case's texts, a line each: what `finder` looks into, made once for many searches."""
    return "\n".join(run for text in texts for run in runs(text))


def finder(words: str) -> Callable[[str, str], bool]:
    """`mentions` for these words, to be asked of many cases: by a case's number and what `told` made of its texts."""
    end, asked = number_end(words), wanted(words)

    def finds(number: str, had: str) -> bool:
        if end and number.replace("-", "").endswith(end):
            return True
        return bool(asked) and all(each in had for each in asked)  # no run has a line's end in it

    return finds


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
