"""Everything one audience is shown, made once and given as the same bytes to all its screens."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from cases.ports import Clock, RoleHealth
from dashboard import answers, shapes, topics
from dashboard.fleet import Fleet, Indices
from dashboard.picture import Audience
from dashboard.readings import Names, Reading, Trouble
from dashboard.screens import Screen
from dashboard.shapes import instant
from dashboard.watch import Watch
from dashboard.whereabouts import Whereabouts
from dashboard.wire import Ready

NEVER = datetime.min.replace(tzinfo=UTC)


class Channel:
    """The topics of one audience, its panels and its screens. Lives on the event loop and never blocks it."""

    def __init__(self, audience: Audience, epoch: str, fleet: Fleet, clock: Clock) -> None:
        self.audience = audience
        self.screens: set[Screen] = set()
        self.reading: Reading | None = None
        self.names: Names | None = None
        self.trouble: Trouble | None = None
        self.drawn_from: object = None  # what the panels were last drawn from
        self.drawn_at = NEVER
        self.turn = asyncio.Lock()  # readings are taken one after the other
        self.stale = True  # something changed since the last reading began
        self.idle_since: float | None = None
        self._epoch = epoch
        self._topics = topics.all_topics(epoch)
        self._states: Mapping[str, tuple[str, str]] | None = None
        self._panels: dict[str, tuple[str, Ready]] = {}  # panel → (props, frame)
        self._whereabouts = Whereabouts(audience, epoch, fleet, lambda: clock().timestamp())

    # what is new --------------------------------------------------------------------------------------------

    def read(self, reading: Reading) -> None:
        """Take a new reading of the record and tell the screens what changed."""
        self.reading, self.trouble = reading, None
        self._update("board", topics.board_rows(reading.board), reading.as_of)
        self._update("incidents", topics.incident_rows(reading.board), reading.as_of)
        self._update("kpi", topics.kpi_rows(reading.figures), reading.as_of)
        self._update("alerts", topics.alert_rows(reading.alerts), reading.as_of)

    def fail(self, msg: str, at: datetime) -> None:
        """Remember that the record cannot be read; the last reading stays as it is."""
        self.trouble = self.trouble or Trouble(msg, at)

    def feel(self, health: Mapping[str, RoleHealth], at: datetime) -> None:
        """Take the roles' health; only a changed state is news, ages travel with the beats."""
        states = {role: (state.state, state.note) for role, state in health.items()}
        rows = topics.health_rows(health)
        if states == self._states:
            self._topics["health"].refresh(rows, at)
        else:
            self._states = states
            self._update("health", rows, at)

    def draw(self, drawn: Mapping[str, str], as_of: datetime) -> None:
        """Send the panels whose props changed."""
        for panel, props in drawn.items():
            if panel in self._panels and self._panels[panel][0] == props:
                continue
            head = shapes.encode({"type": "panel", "id": panel, "as_of": instant(as_of)})
            frame = Ready(f'{head[:-1]},"props":{props}}}')
            self._panels[panel] = (props, frame)
            for screen in self.screens:
                if screen.watch and screen.watch.shows(panel):
                    screen.offer(f"panel {panel}", frame)

    def move(self, moved: Indices) -> None:
        """Send the workers that moved."""
        self._whereabouts.move(moved, self._watching("positions"))

    def holds(self, case: str) -> bool:
        """Whether the last reading of a picture with 待定 cases of its own held this case."""
        return bool(self.audience.account and self.reading) and any(each.no == case for each in self.reading.board)

    def hint(self, case: str, version: int) -> None:
        """Ring for one case that this audience may see."""
        frame = Ready(shapes.encode({"type": "hint", "case": case, "version": version}))
        for screen in self.screens:
            screen.offer_hint(case, frame)

    def enrol(self) -> None:
        """Send the roster again: it grew."""
        binary = [s for s in self._watching("positions") if s.watch and s.watch.binary]
        for screen in binary:
            self._whereabouts.enrol(screen)

    def beat(self, now: datetime, health: Mapping[str, RoleHealth]) -> None:
        """Tell every screen that the link lives, how the roles are and how old each topic is."""
        frame: dict[str, object] = {
            "type": "beat",
            "server_at": instant(now),
            "health": topics.health_rows(health),
            "as_of": {name: instant(topic.as_of) for name, topic in self._topics.items()},
        }
        if self.trouble:
            frame["failed"] = {"msg": self.trouble.msg, "since": instant(self.trouble.since)}
        beat = Ready(shapes.encode(frame))
        for screen in self.screens:
            screen.offer("beat", beat)

    # who comes ----------------------------------------------------------------------------------------------

    def begin(self, screen: Screen, watch: Watch) -> None:
        """Give a screen what it watches: what it missed where that is known, a snapshot otherwise."""
        goes_on = _goes_on(screen, watch) and self._seen(watch, "positions") is not None
        screen.forget()
        if screen.watch is None or screen.watch.scope != watch.scope:
            screen.enrolled = None  # another area has another roster
        screen.watch = watch
        for name in watch.bad_seq:
            screen.answer(_note("BAD_SEQ", "续传序号不对，已重发全部内容", name))
        for name, topic in self._topics.items():
            if name in watch.topics and topic.as_of is not None:
                self._begin_topic(screen, topic, self._seen(watch, name))
        if "positions" in watch.topics and not goes_on:
            self._whereabouts.begin(screen, watch.binary, self._seen(watch, "positions"))
        for panel, (_, frame) in self._panels.items():
            if watch.shows(panel):
                screen.offer(f"panel {panel}", frame)

    def _seen(self, watch: Watch, name: str) -> int | None:
        return watch.since.get(name) if watch.epoch == self._epoch else None

    def _begin_topic(self, screen: Screen, topic: topics.Topic, seen: int | None) -> None:
        key = f"topic {topic.name}"
        missed = None if seen is None or seen > topic.seq else topic.since(seen)
        if missed is None:
            if seen is not None:
                code = "BAD_SEQ" if seen > topic.seq else "RESYNC"
                screen.answer(_note(code, "无法从该序号续传，已重发全部内容", topic.name))
            screen.offer(key, topic.snapshot)
            return
        for number, delta in enumerate(missed[:-1]):
            screen.offer(f"missed {topic.name} {number}", delta)
        if missed:
            screen.offer(key, missed[-1])

    def _update(self, name: str, rows: topics.Rows, as_of: datetime) -> None:
        topic = self._topics[name]
        first = topic.as_of is None
        delta = topic.update(rows, as_of)
        for screen in self._watching(name):
            if first:
                screen.offer(f"topic {name}", topic.snapshot)
            elif delta is not None:
                screen.offer_delta(f"topic {name}", delta, topic.snapshot)

    def _watching(self, topic: str) -> list[Screen]:
        return [screen for screen in self.screens if screen.watch and topic in screen.watch.topics]


def _goes_on(screen: Screen, watch: Watch) -> bool:
    """Whether the screen's positions go on unbroken: all that moved since it began to watch was put on its wire."""
    was = screen.watch
    if was is None or (was.scope, was.binary) != (watch.scope, watch.binary) or "positions" not in was.topics:
        return False
    return not screen.waits_for("positions") and not screen.waits_for("roster")


def _note(code: str, msg: str, topic: str) -> str:
    """An answer about one topic of a watch; the link stays."""
    return shapes.encode({"type": "error", **answers.body(code, msg, "since", topic=topic)})
