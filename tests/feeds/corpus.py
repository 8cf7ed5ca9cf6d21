"""The corpus of bad input: its id, where it goes in, what is sent, and the answer it must have.

The ids are the reliability catalogue's. Every one of them has a row here, or stands in ELSEWHERE with the test that
tries it, or in ABSENT with the reason why nothing does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.feeds.parts import now, report
from tests.feeds.raw_socket import CONTINUATION, PING, TEXT, frame, hello, request
from tests.feeds.test_messages import ALERT, FIX, GOOD, STATUS, batch, doubled, raw
from tests.feeds.town import KEYS

Answer = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """`name` begins with the id; `sent` and `answer` are as the place of `where` has them (test_corpus)."""

    name: str
    where: str
    sent: Any
    answer: Any


MESSAGES: list[tuple[str, str | bytes, str, str | None]] = [
    ("C23", '{"type":"incident"', "BAD_JSON", None),
    ("C23 empty", "", "BAD_JSON", None),
    ("C23 trailing", raw(GOOD) + "x", "BAD_JSON", None),
    ("C25 list", "[]", "NOT_OBJECT", None),
    ("C25 null", "null", "NOT_OBJECT", None),
    ("C25 number", "1", "NOT_OBJECT", None),
    ("C25 text", '"x"', "NOT_OBJECT", None),
    ("C26 NaN", raw(GOOD).replace("120.1", "NaN"), "BAD_NUMBER", "lon"),
    ("C26 inf", raw(GOOD).replace("30.2", "-Infinity"), "BAD_NUMBER", "lat"),
    ("C26 1e999", raw(GOOD).replace("120.1", "1e999"), "BAD_NUMBER", "lon"),
    ("C26 long", raw(GOOD).replace("120.1", "1" * 5000), "BAD_NUMBER", "lon"),
    ("C28", "[" * 60_000, "BAD_JSON", None),
    ("C28 inside", raw(GOOD)[:-1] + ',"reporter":' + "[" * 60_000, "BAD_JSON", None),
    ("C29", doubled("grid", "A") .replace('"grid"', '"title"'), "DUPLICATE_KEY", "title"),
    ("C29 spaced", doubled("lon", 120.2, spaced=True), "DUPLICATE_KEY", "lon"),
    ("C29 escaped", raw(GOOD)[:-1] + ',"l\\u006fn":120.2}', "DUPLICATE_KEY", "lon"),
    ("C29 decoy", raw(GOOD, text='\\":')[:-1].replace('\\"', "\\u0022") + ',"lon":1}', "DUPLICATE_KEY", "lon"),
    ("C29 nested", raw(GOOD)[:-1] + ',"reporter":{"name":"a","name":"b"}}', "DUPLICATE_KEY", "name"),
    ("C29 batch", batch(1)[:-3] + ',"lon":1}]}', "DUPLICATE_KEY", "lon"),
    ("C31", raw(GOOD, address="文三路\u0000"), "BAD_TEXT", "address"),
    ("C31 title", raw(GOOD, title="a\u001bb"), "BAD_TEXT", "title"),
    ("C31 name", raw(GOOD, reporter={"name": "张\u0007三"}), "BAD_TEXT", "reporter.name"),
    ("C31 surrogate", raw(GOOD)[:-1] + ',"text":"\\ud800"}', "BAD_TEXT", None),
    ("C31 GBK", raw(GOOD).encode("gbk"), "BAD_TEXT", None),
    ("C32", raw(GOOD, grdi="A1"), "UNKNOWN_FIELD", "grdi"),
    ("C32 nested", raw(GOOD, reporter={"phon": "1"}), "UNKNOWN_FIELD", "reporter.phon"),
    ("C32 phone as a name", raw(GOOD) [:-1] + ',"13800000000":1}', "UNKNOWN_FIELD", None),
    ("C34 type", raw(GOOD, "type"), "MISSING_FIELD", "type"),
    *((f"C34 {name}", raw(GOOD, name), "MISSING_FIELD", name) for name in ("id", "at", "channel", "category", "title")),
    ("C34 lat", raw(GOOD, "lat"), "MISSING_FIELD", "lat"),
    ("C34 place", raw(GOOD, "lon", "lat", "crs"), "MISSING_FIELD", "lon"),
    ("C35 true", raw(GOOD, lon=True), "BAD_TYPE", "lon"),
    ("C35 text", raw(GOOD, lon="120.1"), "BAD_TYPE", "lon"),
    ("C35 title", raw(GOOD, title=5), "BAD_TYPE", "title"),
    ("C35 type", raw(GOOD, type=5), "BAD_TYPE", "type"),
    ("C37", raw(GOOD, lon=30.27, lat=120.15), "SUSPECT_SWAPPED", "lon"),
    ("C38", raw(GOOD, lon=0, lat=0), "NULL_ISLAND", "lon"),
    ("C41 none", raw(GOOD, "crs"), "MISSING_CRS", "crs"),
    ("C41 odd", raw(GOOD, crs="WGS85"), "UNKNOWN_CRS", "crs"),
    ("C41 fix", raw(FIX, "crs"), "MISSING_CRS", "crs"),
    ("C46 speed", raw(FIX, speed_mps=-3), "OUT_OF_RANGE", "speed_mps"),
    ("C46 heading", raw(FIX, heading_deg=720), "OUT_OF_RANGE", "heading_deg"),
    ("C46 lon", raw(GOOD, lon=181), "OUT_OF_RANGE", "lon"),
    ("C46 lat", raw(GOOD, lon=10, lat=-91), "OUT_OF_RANGE", "lat"),
    ("C46 people", raw(GOOD, people=-1), "OUT_OF_RANGE", "people"),
    ("C46 accuracy", raw(GOOD, accuracy_m=-1), "OUT_OF_RANGE", "accuracy_m"),
    ("C47", raw(GOOD, at="2026-11-21T08:00:00"), "BAD_TIME", "at"),
    ("C49 day", raw(GOOD, at="2026-02-30T08:00:00Z"), "BAD_TIME", "at"),
    ("C49 hour", raw(GOOD, at="2026-11-21T24:00:00Z"), "BAD_TIME", "at"),
    ("C49 second", raw(GOOD, at="2026-11-21T23:59:60Z"), "BAD_TIME", "at"),
    ("C49 year", raw(GOOD, at="0001-01-01T00:00:00+08:00"), "BAD_TIME", "at"),
    ("C49 far", raw(GOOD, at="9999-12-31T23:59:59-08:00"), "BAD_TIME", "at"),
    ("C58 text", raw(GOOD, text="字" * 5001), "TOO_LONG", "text"),
    ("C58 title", raw(GOOD, title="字" * 201), "TOO_LONG", "title"),
    ("C58 no title", raw(GOOD, title=""), "MISSING_FIELD", "title"),
    ("C58 blank title", raw(GOOD, title="  "), "MISSING_FIELD", "title"),
    ("C64 phone", raw(GOOD, reporter={"phone": "1380000abcd"}), "BAD_TEXT", "reporter.phone"),
    ("C65 proto", raw(GOOD, __proto__={}), "UNKNOWN_FIELD", "__proto__"),
    ("C65 where", raw(GOOD)[:-1] + ',"$where":1}', "UNKNOWN_FIELD", None),
    ("C68 zero", raw(GOOD, severity=0), "BAD_ENUM", "severity"),
    ("C68 99", raw(GOOD, severity=99), "BAD_ENUM", "severity"),
    ("C68 word", raw(GOOD, severity="urgent"), "BAD_ENUM", "severity"),
    ("C73", batch(201), "BATCH_TOO_LARGE", "items"),
    ("type", raw(GOOD, type="incident"), "UNKNOWN_TYPE", "type"),
    ("channel", raw(GOOD, channel="pigeon"), "BAD_ENUM", "channel"),
    ("level", raw(ALERT, level="pink"), "BAD_ENUM", "level"),
    ("status", raw(STATUS, status="asleep"), "BAD_ENUM", "status"),
    ("status case", raw(STATUS, case="1 OR 1=1"), "UNKNOWN_CODE", "case"),
    ("id empty", raw(GOOD, id=""), "BAD_ID", "id"),
    ("id long", raw(GOOD, id="a" * 65), "BAD_ID", "id"),
    ("id odd", raw(GOOD, id="a b"), "BAD_ID", "id"),
    ("id newline", raw(GOOD, id="abc\n"), "BAD_ID", "id"),
]  # fmt: skip

BEAT = b'{"type":"beat"}'
SHAPED = {"type": "incident", "id": "c-1"}


def frames(name: str, sent: bytes, code: int) -> Row:
    """Bytes behind a good hello, and the close code that ends the link."""
    return Row(name, "frames", sent, code)


WIRE = [
    frames("C1", frame(TEXT, BEAT, mask=None), 1002),
    frames("C2", frame(3), 1002),
    frames("C4", frame(PING, b"p", fin=False), 1002),
    frames("C5", frame(CONTINUATION, BEAT), 1002),
    frames("C7", frame(TEXT, declared=1 << 62, width=8), 1009),
    frames("C8", frame(TEXT, b"x" * 70_000), 1009),
    frames("C10", frame(TEXT, b"\x78" * 48_605, reserved=4), 1002),
    frames("C11 FF FE", frame(TEXT, b"\xff\xfe"), 1007),
    frames("C11 GBK", frame(TEXT, raw(GOOD).encode("gbk")), 1007),
    Row("C13 POST", "request", request("POST /v1/feed HTTP/1.1"), 405),
    Row("C13 HTTP/1.0", "request", request("GET /v1/feed HTTP/1.0"), 505),
    Row("C13 no Upgrade", "request", request(without="Upgrade"), 426),
    Row("C14 path", "request", request(f"GET /{'a' * 9000} HTTP/1.1"), 414),
    Row("C14 headers", "request", request("GET /v1/feed HTTP/1.1", *(f"X-{n}: y" for n in range(200))), 431),
    Row("C19 wrong", "hello", hello(key="src-1.wrong"), 4401),
    Row("C19 truncated", "hello", hello(key=KEYS["src-1"][:-1]), 4401),
    Row("C19 another's", "hello", hello(key=KEYS["w-1"]), 4401),
    Row("C19 disabled", "hello", hello("off-1"), 4403),
    Row("C20", "request", request(f"GET /v1/feed?key={KEYS['src-1']} HTTP/1.1"), 401),
]


def filed(name: str, *sent: dict[str, Any], answer: Answer, device: str = "src-1") -> Row:
    """Messages through the gateway into the record; of the last: (code or "ok", field or flags)."""
    return Row(name, "filed", (device, sent), answer)


def mine(name: str, **more: Any) -> dict[str, Any]:
    """A good report under an id of its own."""
    return report(f"corpus-{name}", **more)


LATER = {"at": (now() + timedelta(minutes=10)).isoformat()}
SAME = "2026-11-21T08:00:00+08:00", "2026-11-21T00:00:00Z"
FILED = [
    filed("a good one", mine("28"), answer=("ok", [])),
    filed("C37", mine("37", lon=30.05, lat=120.02), answer=("SUSPECT_SWAPPED", "lon")),
    filed("C38", mine("38", lon=0, lat=0), answer=("NULL_ISLAND", "lon")),
    filed("C40", mine("40", lon=120.05), answer=("ok", ["ON_BORDER"])),
    filed("C47", mine("47", at="2026-11-21T08:00:00"), answer=("BAD_TIME", "at")),
    filed("C50", mine("50", **LATER), answer=("ok", ["CLOCK_AHEAD"])),
    filed("C52", mine("52", at=SAME[0]), mine("52", at=SAME[1]), answer=("ok", ["CLOCK_BEHIND"])),
    filed("C55", mine("55"), mine("55", title="楼下噪声"), answer=("CONFLICT", "id")),
    filed("C59", mine("59", title="<img src=x onerror=alert(1)>"), answer=("ok", [])),
    filed("C61", mine("61", reporter={"name": "张\u200b三\u202e", "phone": ""}), answer=("ok", [])),
    filed("C62", mine("62", title="１２号㈱⼀"), answer=("ok", [])),
    filed("C67 class", mine("67", category="no.such.kind"), answer=("ok", ["UNKNOWN_CATEGORY"])),
    filed("C67 grid", mine("67b", grid="Z9"), answer=("ok", ["UNKNOWN_GRID"])),
    filed("C74", mine("74", worker="W-0001"), answer=("NOT_YOURS", "worker"), device="w-2"),
]

HTTP = [
    Row(f"{name} over HTTP", "http", body, answer)
    for name, body, answer in (
        ("C23", b'{"id":"c', (400, "BAD_JSON")),
        ("C25", b"[]", (400, "NOT_OBJECT")),
        ("C26", raw(mine("h26"), "type").replace("120.02", "NaN").encode(), (400, "BAD_NUMBER")),
        ("C29", raw(mine("h29"), "type").encode()[:-1] + b',"title":"b"}', (400, "DUPLICATE_KEY")),
        ("C31", raw(mine("h31", address="a\u0000b"), "type").encode(), (400, "BAD_TEXT")),
        ("C32", raw(mine("h32", grdi="A1"), "type").encode(), (400, "UNKNOWN_FIELD")),
        ("C34", raw(mine("h34"), "type", "title").encode(), (400, "MISSING_FIELD")),
        ("C35", raw(mine("h35", lon="120.02"), "type").encode(), (400, "BAD_TYPE")),
        ("C37", raw(mine("h37", lon=30.05, lat=120.02), "type").encode(), (422, "SUSPECT_SWAPPED")),
        ("C41", raw(mine("h41", crs="WGS85"), "type").encode(), (422, "UNKNOWN_CRS")),
        ("C49", raw(mine("h49", at="2026-02-30T08:00:00Z"), "type").encode(), (422, "BAD_TIME")),
        ("C58", raw(mine("h58", text="字" * 5001), "type").encode(), (422, "TOO_LONG")),
        ("C8", b"{" + b" " * 70_000 + b"}", (413, "TOO_LONG")),
    )
]

# What Redis may say instead of taking a report: commands that bring it about, and those that end it.
CUT_ALL = ["CLIENT KILL TYPE normal", "CLIENT KILL TYPE pubsub"]  # who is in stays in until he comes again
REDIS = [
    Row("C151 WRONGTYPE", "redis", (["DEL reports", "SET reports x"], ["DEL reports"]), "ok"),
    Row("C151 NOGROUP", "redis", (["DEL reports"], []), "ok"),
    Row("C151 OOM", "redis", (["CONFIG SET maxmemory 1"], ["CONFIG SET maxmemory 0"]), "ok"),
    Row("C151 READONLY", "redis", (["REPLICAOF 127.0.0.1 1"], ["REPLICAOF NO ONE"]), "ok"),
    Row("C151 NOPERM", "redis", (["ACL SETUSER default -xadd"], ["ACL SETUSER default +xadd"]), "ok"),
    Row("C151 NOAUTH", "redis", (["CONFIG SET requirepass s", *CUT_ALL], ["CONFIG SET requirepass ''"]), "ok"),
    Row("C151 MISCONF", "unsaved", (["CONFIG SET save '1 1'", "BGSAVE"], ["CONFIG SET save ''"]), "ok"),
    Row("C151 LOADING", "loading", 30, "ok"),
    Row("C151 PAUSE", "redis", (["CLIENT PAUSE 5000 WRITE"], ["CLIENT UNPAUSE"]), "ok"),
    Row("C152", "redis", (["XADD reports 9999999999999-0 p x"], ["DEL reports"]), "ok"),
    Row("FLUSHALL", "redis", (["FLUSHALL"], []), "ok"),
]

# The wall clock's step between two reports of one link, in hours; the second must be taken like the first.
CLOCK = [Row(f"C160 {hours:+} h", "clock", timedelta(hours=hours), "report") for hours in (-1, 24, -24 * 365)]

ROWS = [
    *WIRE,
    *(Row(name, "message", sent, (code, field)) for name, sent, code, field in MESSAGES),
    *FILED,
    *HTTP,
    *REDIS,
    *CLOCK,
]

ELSEWHERE = {
    "C16": "tests/feeds/test_rfc6455.py::test_half_a_request_is_waited_for_ten_seconds",
    "C17": "tests/feeds/test_rfc6455.py::test_half_a_hello_is_waited_for_five_seconds",
    "C22": "tests/feeds/test_session.py::test_a_flood_of_reports_is_told_when_to_come_back_and_is_no_bad_message",
    "C43": "tests/geo/test_crs.py::test_a_wgs84_point_is_not_converted_twice",
    "C44": "tests/feeds/test_whereabouts.py::test_eighty_kilometres_in_ten_seconds_is_suspect",
    "C56": (
        "tests/cases/test_duplicates.py"
        "::test_the_same_noise_from_the_hotline_a_quarter_of_an_hour_later_is_shown_with_reasons"
    ),
    "C71": "tests/cases/test_lifecycle.py::test_only_the_roles_of_a_row_may_take_it",
    "C76": "tests/dashboard/test_live.py::test_an_area_not_yours_and_one_that_does_not_exist_end_the_same_way",
    "C77": "tests/dashboard/test_watch.py::test_a_frame_that_cannot_be_followed_is_refused_by_name",
    "C79": "tests/dashboard/test_watch.py::test_a_number_that_cannot_be_resumed_from_asks_for_a_snapshot",
    "C80": "tests/dashboard/test_live.py::test_a_number_no_longer_kept_is_resynchronised",
    "C82": "tests/dashboard/test_screens.py::test_a_send_that_is_stuck_is_slow",
    "C83": "tests/dashboard/test_live.py::test_the_ninth_screen_of_one_account_is_refused_with_the_limit",
    "C85": "tests/dashboard/test_api.py::test_an_alert_is_acknowledged_once_and_by_whom_it_concerns",
    "C88": "tests/dashboard/test_access.py::test_no_registered_route_answers_a_stranger",
    "C89": "tests/dashboard/test_callbacks.py::test_a_body_that_is_no_call_is_400",
    "C91": "tests/dashboard/test_callbacks.py::test_text_is_415",
    "C92": "tests/dashboard/test_callbacks.py::test_an_unexpected_exception_is_500_with_a_reference_and_no_trace",
    "C94": "tests/dashboard/test_callbacks.py::test_a_role_calls_only_its_own_callbacks",
    "C95": "tests/dashboard/test_callbacks.py::test_a_call_that_does_not_fit_what_is_declared_is_400",
    "C97": "tests/dashboard/test_access.py::test_a_cookie_alone_changes_nothing",
    "C98": "tests/dashboard/test_live.py::test_odd_frames_are_answered_and_the_link_stays",
    "C100": "tests/dashboard/test_api.py::test_a_parameter_that_makes_no_sense_is_named",
    "C101": "tests/dashboard/test_api.py::test_a_parameter_that_makes_no_sense_is_named",
    "C103": "tests/dashboard/test_api.py::test_a_case_that_is_not_there_is_404_whatever_it_is_called",
    "C104": "tests/dashboard/test_api.py::test_a_parameter_that_makes_no_sense_is_named",
    "C106": "tests/dashboard/test_access.py::test_other_methods_are_refused",
    "C107": "tests/dashboard/test_access.py::test_headers_that_claim_who_one_is_are_ignored",
    "C109": "tests/dashboard/test_access.py::test_next_leads_nowhere_but_home",
    "C110": "tests/dashboard/test_access.py::test_a_session_chosen_before_signing_in_is_not_the_one_after",
    "C113": "tests/dashboard/test_api.py::test_credentials_that_do_not_do_are_refused",
    "C115": "tests/dashboard/test_api.py::test_who_comes_second_is_told_what_changed",
    "C116": "tests/geo/test_boundaries.py::test_c116_a_virtual_file_named_geojson_is_not_read",
    "C118": "tests/geo/test_boundaries.py::test_c118_a_virtual_file_of_any_name_makes_no_connection",
    "C119": "tests/geo/test_boundaries.py::test_c119_a_connection_typed_where_a_file_belongs_is_refused",
    "C121": "tests/geo/test_boundaries.py::test_c121_what_is_no_position_makes_the_feature_bad",
    "C122": "tests/geo/test_boundaries.py::test_c122_a_bow_tie_is_named_with_its_number_and_place",
    "C124": "tests/geo/test_boundaries.py::test_c124_features_without_an_area_are_named_and_left_out",
    "C125": "tests/geo/test_boundaries.py::test_c125_endless_nesting_and_endless_rings_are_refused",
    "C127": "tests/geo/test_nest.py::test_c127_duplicate_missing_and_orphan_codes_are_named_by_row",
    "C128": "tests/geo/test_boundaries.py::test_c128_metres_without_a_projected_system_are_refused",
    "C130": "tests/geo/test_boundaries.py::test_c130_swapped_axes_are_suspected",
    "C131": "tests/geo/test_importer.py::test_c131_a_missing_part_is_named",
    "C140": (
        "tests/dashboard/test_uploads.py::test_a_picture_that_unpacks_to_gigabytes_is_refused_before_it_does "
        "tests/dashboard/test_uploads.py::test_a_photo_loses_place_and_device "
        "tests/dashboard/test_uploads.py::test_what_hides_behind_a_photo_does_not_survive "
        "tests/dashboard/test_uploads.py::test_anything_else_is_refused"
    ),
    "C134": "tests/test_register_import.py::test_broken_workbook_is_refused_in_words",
    "C136": "tests/test_order_import.py::test_a_bad_row_is_named_and_the_others_are_filed",
    "C137": "tests/test_order_import.py::test_a_workbook_keeps_its_times_and_long_numbers",
    "C142": "tests/dashboard/test_figures.py::test_the_file_says_what_the_figure_is_and_runs_no_formula",
    "C143": "tests/reports/test_ledger.py::test_a_text_too_long_for_a_cell_is_cut_and_says_so",
    "C146": "tests/dashboard/test_leaks.py::test_no_route_page_or_callback_shows_the_other_area",
    "C148": "tests/geo/test_features.py::test_what_json_cannot_say_becomes_null",
    "C149": "tests/feeds/test_faults.py::test_poison_in_the_stream_is_buried_after_five_tries_and_the_others_are_filed",
    "C154": (
        "tests/contracts/test_failures.py::test_a_database_held_by_another_is_unavailable_and_then_goes_on "
        "tests/contracts/test_failures.py::test_a_read_only_file_takes_no_report "
        "tests/contracts/test_failures.py::test_a_full_disk_takes_no_report_until_there_is_room_again "
        "tests/contracts/test_failures.py::test_a_file_that_is_no_database_is_unavailable"
    ),
    "C155": "tests/storage/test_migrate.py::test_a_newer_database_is_refused_naming_both_versions",
    "C157": "tests/storage/test_engine.py::test_an_old_sqlite_is_refused_because_it_may_lose_commits",
    "C158": "tests/test_settings.py::test_a_wrong_value_is_refused_by_name",
    "C161": "tests/contracts/test_failures.py::test_a_full_disk_takes_no_report_until_there_is_room_again",
}
"""Where an id that is not intake's is tried: file and test, several with spaces between."""

ABSENT = {
    "C53": "a status out of its order is refused by the table of moves; nothing waits 60 s for the gap",
    "C70": "no message carries a due time",
    "C86": "screens send no box: the scope is the account's",
    "C133": "no archive is taken: a zip is refused as a file of an unknown kind",
    "C139": "an uploaded file's name is never used; what that looks like on a page nobody tries",
    "C145": "an export holds at most 100,000 rows; nothing here makes a million",
    "C112": "there is no second factor",
}
"""What nothing tries, and why."""
