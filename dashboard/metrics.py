"""The room's state in Prometheus's text format (0.0.4); no label names a person, a device or a place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from cases.feed_ports import RefusalCount
from cases.ports import RoleHealth
from cases.webhooks import SubscriptionState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, str], float]

# What roles say of themselves: (role, figure) → metric, kind, what it is.
_FIGURES: tuple[tuple[str, str, str, str, str], ...] = (
    ("gateway", "links", "room_links", "gauge", "Devices connected now."),
    ("gateway", "waiting", "room_unanswered", "gauge", "Messages in the gateway without an answer yet."),
    ("gateway", "reports", "room_acknowledged_total", "counter", "Messages committed and acknowledged by the gateway."),
    ("gateway", "positions", "room_positions_total", "counter", "Fixes taken into the live picture."),
    ("gateway", "filed_directly", "room_filed_directly_total", "counter", "Messages committed without the stream."),
    ("intake", "committed", "room_committed_total", "counter", "Messages committed by intake."),
    ("redis", "waiting", "room_stream_parcels", "gauge", "Parcels in the stream that intake has not finished."),
    ("redis", "lag_s", "room_stream_lag_seconds", "gauge", "Age of the oldest parcel in the stream."),
    ("redis", "dead", "room_dead_letters", "gauge", "Messages that no try could commit."),
    ("probe", "round_trip_s", "room_probe_seconds", "gauge", "From hello to acknowledgement at the last self-probe."),
    ("probe", "missed", "room_probe_missed", "gauge", "Self-probes missed in a row."),
)


def exposition(
    health: Mapping[str, RoleHealth],
    refusals: Sequence[RefusalCount],
    screens: int,
    webhooks: Sequence[SubscriptionState] = (),
) -> str:
    """Everything as text; a figure that no role has told is left out, never a made-up 0."""
    alive = [({"role": role}, float(each.state != "down")) for role, each in sorted(health.items())]
    ages = [({"role": role}, each.age_s) for role, each in sorted(health.items()) if each.age_s is not None]
    tasks = [
        ({"role": role}, n) for role, each in sorted(health.items()) if (n := each.figures.get("tasks")) is not None
    ]
    parts = [
        _family("room_role_up", "gauge", "1 while the role gives signs of life.", alive),
        _family("room_role_age_seconds", "gauge", "Since the role's last sign of life.", ages),
        _family("room_tasks", "gauge", "What the role has under way (asyncio tasks).", tasks),
        _family("room_screens", "gauge", "Screens on the live link of this process.", [({}, float(screens))]),
        _family("room_refusals_today", "gauge", "Messages refused today (Asia/Shanghai), by code.", _by_code(refusals)),
    ]
    parts += _webhooks(webhooks)
    for role, figure, name, kind, says in _FIGURES:
        told = health[role].figures.get(figure) if role in health else None
        parts.append(_family(name, kind, says, [] if told is None else [({}, told)]))
    return "".join(parts)


def _webhooks(states: Sequence[SubscriptionState]) -> list[str]:
    """All subscriptions together: a name may say who our partners are. None without any."""
    if not states:
        return []
    sent = sum(each.subscription.delivered for each in states)
    behind, dead = max(each.behind for each in states), sum(each.dead for each in states)
    return [
        _family("room_webhooks_delivered_total", "counter", "Events delivered to other systems.", [({}, float(sent))]),
        _family("room_webhooks_behind", "gauge", "Events the slowest receiver is behind.", [({}, float(behind))]),
        _family("room_webhooks_dead", "gauge", "Events no try could deliver.", [({}, float(dead))]),
    ]


def _by_code(refusals: Sequence[RefusalCount]) -> list[Sample]:
    counts: Counter[str] = Counter()
    for each in refusals:
        counts[each.code] += each.count
    return [({"code": code}, float(count)) for code, count in sorted(counts.items())]


def _family(name: str, kind: str, says: str, samples: Iterable[Sample]) -> str:
    lines = [f"{name}{_labels(labels)} {value!r}\n" for labels, value in samples]
    return f"# HELP {name} {says}\n# TYPE {name} {kind}\n{''.join(lines)}" if lines else ""


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    said = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{said}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
