"""What stands on the wall, one file a panel; the order is the order in which a screen gets them.

A wall panel has ID, `layout()` and `render(picture) -> props`; the hub sends the props of each panel that changed.
A panel in CLICKABLE has `register(app, services)` for what a person does there.
"""

from __future__ import annotations

from types import ModuleType

from dashboard.panels import (
    activity,
    alarm_call,
    alert_list,
    assessment_table,
    bulk_tray,
    calendar_notice,
    case_board,
    case_detail,
    command_line,
    desk_board,
    device_desk,
    duty_posts,
    exercise_mark,
    feed_health,
    feed_watch,
    first_contact,
    handover,
    hour_trend,
    inbox,
    kiosk_desk,
    kpi_bar,
    loop_bars,
    meeting_floor,
    meeting_line,
    meeting_screen,
    meeting_tasks,
    rectification_ledger,
    register_intake,
    room_title,
    seat_state,
    situation,
    stage_bars,
    standby,
    supervision_ladder,
    taking_call,
    time_bar,
    worker_roster,
)

PANELS: tuple[ModuleType, ...] = (
    situation,
    room_title,
    calendar_notice,
    seat_state,
    duty_posts,
    alarm_call,
    alert_list,
    case_board,
    kpi_bar,
    stage_bars,
    loop_bars,
    worker_roster,
    hour_trend,
    activity,
    time_bar,
    feed_health,
    inbox,
    exercise_mark,
    standby,
)

CLICKABLE: tuple[ModuleType, ...] = (
    alert_list,
    case_detail,
    taking_call,
    command_line,
    desk_board,
    bulk_tray,
    first_contact,
    handover,
    kiosk_desk,
    feed_watch,
    device_desk,
    meeting_floor,
    meeting_line,
    meeting_screen,
    meeting_tasks,
    supervision_ladder,
    rectification_ledger,
    assessment_table,
    register_intake,
)
