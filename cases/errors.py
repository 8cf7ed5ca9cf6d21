"""What can go wrong with a case, in words the person at the button understands.

CaseError                the operator's problem: shown where the hand is
├── UnknownCase          no such case, or not in your area (the same words for both)
│   ├── UnknownAlert     the same of an alert
│   └── UnknownShift     the same of a handover
├── NotAllowed           your role or your part in the case forbids it
├── StaleCase            somebody else acted first
├── IllegalAction        the life cycle has no such step from here
└── BadAction            the step is right, its details are not
    └── UnknownCode      a unit or worker that there is not
SignInRefused            wrong name or password, locked, disabled: one wording for all
StoreUnavailable         ours: nothing was saved, nothing may be acknowledged
"""

from __future__ import annotations


class CaseError(Exception):
    """A refusal with a stable code and one Chinese sentence."""

    code = "CASE_ERROR"

    def __init__(self, msg: str, field: str | None = None) -> None:
        super().__init__(msg)
        self.msg = msg
        self.field = field


class UnknownCase(CaseError):
    """Absent and not-yours look the same."""

    code = "NOT_FOUND"

    def __init__(self, number: str) -> None:
        super().__init__("没有这个案件，或不在您的辖区内")
        self.number = number


class UnknownAlert(UnknownCase):
    """An alert that is absent or not in the area."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.msg = "没有这个预警，或不在您的辖区内"


class UnknownShift(UnknownCase):
    """A handover that is absent or not of the area."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.msg = "没有这次交接，或不在您的辖区内"


class NotAllowed(CaseError):
    """The actor's role, or the actor's part in the case, forbids the action."""

    code = "FORBIDDEN"


class StaleCase(CaseError):
    """The case moved on since it was shown; carries what changed."""

    code = "STALE_CASE"

    def __init__(self, version: int, by: str, action: str) -> None:
        super().__init__(f"{by or '他人'}刚刚已对本案执行“{action}”，请先看最新情况（第 {version} 版）")
        self.version = version


class IllegalAction(CaseError):
    """The life cycle has no such step from the case's present stage and state."""

    code = "ILLEGAL_ACTION"


class BadAction(CaseError):
    """A detail of the action is missing or wrong."""

    code = "BAD_ACTION"


class UnknownCode(BadAction):
    """An action names a unit or a worker that there is not: what is sent to nobody would be lost."""

    code = "UNKNOWN_CODE"


class TooLongAgo(CaseError):
    """A figure of a past instant that the record cannot give any more, or not in time."""

    code = "TOO_LONG_AGO"


class StillCounting(CaseError):
    """The kept figures do not know the whole record yet: what is signed or posted must not be made of them."""

    code = "STILL_COUNTING"

    def __init__(self, share: float) -> None:
        super().__init__(f"指标正在统计，已计入 {share:.0%}；数还不全，请过几分钟再试")
        self.share = share


class SignInRefused(Exception):
    """No session; says no more than that, whatever the cause."""


class StoreUnavailable(Exception):
    """The store could not commit; the caller must not acknowledge anything."""
