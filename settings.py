"""Every setting of the product: type, default and one sentence; read once from the environment by app.py.

An unknown value is refused at the start with the setting's name; `python app.py settings` prints this list.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

TOWN = Path(__file__).parent / "geo" / "towns" / "demo"


class BadSetting(Exception):
    """A setting that cannot be used; the text names it and what it takes."""


def setting(default: object, says: str) -> object:
    """A field that carries its own sentence."""
    return field(default=default, metadata={"says": says})


@dataclass(frozen=True, slots=True)
class Settings:
    """What a room may be told by its environment; field names are the variables' names in lower case."""

    port: int = setting(8050, "Port of the web process: pages, REST and /live.")  # type: ignore[assignment]
    gateway_port: int = setting(8765, "Port of the device gateway: /v1/feed.")  # type: ignore[assignment]
    host: str = setting("127.0.0.1", "Address both listen on; put TLS in front before opening it.")  # type: ignore[assignment]
    data_dir: Path = setting(Path("var"), "Folder of the database, Redis and secrets; one room at a time.")  # type: ignore[assignment]
    database_url: str = setting("", "SQLAlchemy URL; empty: SQLite in the data folder.")  # type: ignore[assignment]
    redis_url: str = setting("", "Redis URL; empty: a child process of our own on a private socket.")  # type: ignore[assignment]
    grids: Path = setting(TOWN, "Folder with a scheme.toml and the boundaries; the demo town by default.")  # type: ignore[assignment]
    demo: bool = setting(False, "1: demo accounts, devices, staff and feed (as under `make run`).")  # type: ignore[assignment]
    speed: float = setting(1.0, "Quickens the demo's reports, not the walking.")  # type: ignore[assignment]
    scheme: str = setting("seven", "Life cycle of new cases: seven, six or five steps.")  # type: ignore[assignment]
    demo_weeks: int = setting(8, "Weeks of past cases that a demo room tells at its first start; 0: none.")  # type: ignore[assignment]
    title: str = setting("", "Name of the centre on the screens; empty: made from the scheme's name.")  # type: ignore[assignment]
    screens_per_account: int = setting(8, "Live screens one account may have open at once.")  # type: ignore[assignment]
    reports_per_s: float = setting(2.0, "Reports a second one worker's device may send.")  # type: ignore[assignment]
    positions_per_s: float = setting(5.0, "Positions a second one worker's device may send.")  # type: ignore[assignment]
    source_reports_per_s: float = setting(500.0, "Reports a second a source system (`*`) may send.")  # type: ignore[assignment]
    source_positions_per_s: float = setting(5000.0, "Positions a second a source system (`*`) may send.")  # type: ignore[assignment]
    track_days: int = setting(30, "Days that workers' thinned tracks are kept.")  # type: ignore[assignment]
    least_confidence: float = setting(0.9, "Confidence below which a suggested category is never filled in unasked.")  # type: ignore[assignment]
    alert_seat_min: float = setting(2.0, "Minutes an alert may wait for the seat before the commander is told.")  # type: ignore[assignment]
    alert_commander_min: float = setting(3.0, "Further minutes before the next level is told.")  # type: ignore[assignment]
    alert_same_min: float = setting(10.0, "Minutes within which alerts of one source and kind are one matter.")  # type: ignore[assignment]
    alert_rules: str = setting("", "File of alert rules; empty: DATA_DIR/alert_rules.toml where there is one.")  # type: ignore[assignment]
    whistle_answer_min: float = setting(15.0, "Minutes a whistled unit has to answer where the call does not say.")  # type: ignore[assignment]
    whistle_arrive_min: float = setting(60.0, "Minutes a whistled unit has to arrive where the call does not say.")  # type: ignore[assignment]
    handover_min: float = setting(15.0, "Minutes the incoming officer has to sign before a handover stands open red.")  # type: ignore[assignment]
    unmanned_min: float = setting(5.0, "Minutes without anybody doing anything at the duty seat before it is unmanned.")  # type: ignore[assignment]
    secure_cookies: bool = setting(False, "1 behind TLS: the session cookie is sent over HTTPS only.")  # type: ignore[assignment]
    origins: str = setting("", "Further origins of our own pages, comma separated (a proxy's public address).")  # type: ignore[assignment]
    public_url: str = setting("", "Where people outside reach the web process, for QR codes; empty: HOST and PORT.")  # type: ignore[assignment]
    behind_proxy: bool = setting(False, "1 behind your proxy: a visitor's address is the last of X-Forwarded-For.")  # type: ignore[assignment]
    paper_days: int = setting(14, "Days that printable lists of open cases stay in DATA_DIR/paper; 0: none are made.")  # type: ignore[assignment]
    scheduled_reports: str = setting("", "Reports made by themselves: any of daily weekly monthly half_year annual.")  # type: ignore[assignment]
    scheduled_hour: int = setting(7, "Hour of the day (Asia/Shanghai) from which scheduled reports are made.")  # type: ignore[assignment]
    report_fonts: str = setting("", "Folder of Chinese fonts for PDF, searched before the machine's own.")  # type: ignore[assignment]
    mail_url: str = setting("", "Mail server for reports, smtp://name:password@host:587 or smtps://; empty: no mail.")  # type: ignore[assignment]
    mail_from: str = setting("", "Sender of mailed reports.")  # type: ignore[assignment]
    mail_to: str = setting("", "Who gets the scheduled reports by mail, comma separated.")  # type: ignore[assignment]

    cap_sender: str = setting("", "Who our CAP messages say they come from; empty: the public address's host.")  # type: ignore[assignment]
    cap_inbox: str = setting("", "Folder where other systems leave CAP files; empty: DATA_DIR/cap-inbox.")  # type: ignore[assignment]

    webhook_nets: str = setting(
        "", "Networks besides the public one where webhooks may go, comma separated: 10.0.0.0/8."
    )  # type: ignore[assignment]

    metrics_token: str = setting("", "Bearer token that opens /metrics to Prometheus; empty: there is no /metrics.")  # type: ignore[assignment]
    log_json: bool = setting(False, "1: log files hold one JSON object a line instead of text.")  # type: ignore[assignment]
    intake_name: str = setting("intake-0", "Name of this intake among several; each has its own and keeps it.")  # type: ignore[assignment]
    gateway_name: str = setting("gateway-0", "Name of this gateway among several; each has its own and keeps it.")  # type: ignore[assignment]
    report_streams: int = setting(1, "Streams that reports wait in, each for a run of areas; at most 64.")  # type: ignore[assignment]
    intake_streams: str = setting("", "Numbers of the streams this intake minds, comma separated; empty: all.")  # type: ignore[assignment]
    probe_s: float = setting(30.0, "Seconds between two self-probes through the whole intake; 0: none.")  # type: ignore[assignment]

    wall_distance_m: float = setting(5.0, "Metres from which the farthest reader must read the wall.")  # type: ignore[assignment]
    wall_height_m: float = setting(0.0, "Height of the wall in metres; 0: unknown, taken from its rows of pixels.")  # type: ignore[assignment]
    wall_seams: str = setting("", "Screens the wall is made of, as columns x rows (3x1): no panel crosses a seam.")  # type: ignore[assignment]

    base_map: str = setting("", "Ground map: a .mbtiles or .pmtiles file, or https://…/{z}/{x}/{y}; empty: none.")  # type: ignore[assignment]
    base_map_datum: str = setting("wgs84", "Datum of the ground map's tiles: wgs84, cgcs2000 or gcj02.")  # type: ignore[assignment]
    base_map_note: str = setting("", "Whose map it is and its approval number (审图号), written on it.")  # type: ignore[assignment]

    @property
    def public_address(self) -> str:
        """The address that QR codes begin with, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def cap_name(self) -> str:
        """The sender of our CAP messages: a name without spaces, commas, < and &."""
        return self.cap_sender or urlsplit(self.public_address).netloc

    @property
    def cap_folder(self) -> Path:
        """Where CAP files are left for us."""
        return Path(self.cap_inbox) if self.cap_inbox else self.data_dir / "cap-inbox"

    @property
    def minded_streams(self) -> tuple[int, ...]:
        """The numbers of `intake_streams`, () for all; BadSetting for what is no stream."""
        try:
            found = tuple(int(each) for each in self.intake_streams.split(",") if each.strip())
        except ValueError:
            found = (-1,)
        if any(not 0 <= each < self.report_streams for each in found):
            raise BadSetting(f"INTAKE_STREAMS 须为 0 到 {self.report_streams - 1} 的编号，以逗号分隔 / stream numbers")
        return found

    @property
    def database(self) -> str:
        """The database's URL: as set, or the demo's or the room's own SQLite file."""
        if self.database_url:
            return self.database_url
        name = "demo.sqlite" if self.demo else "room.sqlite"
        return f"sqlite:///{self.data_dir.resolve() / name}"


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; BadSetting names the variable and what it takes."""
    given = {}
    for each in fields(Settings):
        raw = environment.get(each.name.upper())
        if raw not in (None, ""):
            given[each.name] = _parse(each.name.upper(), str(each.type), str(raw))
    settings = Settings(**given)  # type: ignore[arg-type]
    for name in ("port", "gateway_port"):
        if not 0 < getattr(settings, name) < 65536:
            raise BadSetting(f"{name.upper()} 须在 1 到 65535 之间 / must be between 1 and 65535")
    if not 1 <= settings.report_streams <= 64:
        raise BadSetting("REPORT_STREAMS 须在 1 到 64 之间 / must be between 1 and 64")
    _ = settings.minded_streams
    return settings


def _parse(name: str, kind: str, raw: str) -> object:
    try:
        if kind == "bool":
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[raw.lower()]
        if kind == "Path":
            return Path(raw)
        return {"int": int, "float": float, "str": str}[kind](raw)
    except (KeyError, ValueError):
        takes = {"bool": "0 或 1", "int": "整数", "float": "数字"}[kind]
        raise BadSetting(f"{name} 的值无效，须为{takes} / {name} takes {kind}") from None


def describe() -> str:
    """The list of settings as a table for people."""
    rows = []
    for each in fields(Settings):
        rows.append(f"{each.name.upper():24} {each.default!s:10} {each.metadata['says']}")
    return "\n".join(rows)
