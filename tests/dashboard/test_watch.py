"""What a screen may say (reliability.md C76–C80, C98), and that nothing it says is echoed."""

import json

import pytest

from dashboard import watch


def frame(**changes: object) -> str:
    return json.dumps({"type": "watch", "topics": ["board"]} | changes)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "UNSUPPORTED_BINARY"),
        ("{", "BAD_JSON"),
        ("[" * 50_000, "BAD_JSON"),
        ("[]", "NOT_OBJECT"),
        ('{"type":"dance"}', "UNKNOWN_TYPE"),
        (frame(colour="red"), "UNKNOWN_FIELD"),
        (frame(topics="board"), "BAD_TYPE"),
        (frame(topics=[]), "BAD_TYPE"),
        (frame(topics=["board", 7]), "BAD_TYPE"),
        (frame(topics=["secrets"]), "BAD_ENUM"),
        (frame(positions="xml"), "BAD_ENUM"),
        (frame(epoch=["e"]), "BAD_TYPE"),
        (frame(scope="*"), "BAD_AREA"),
        (frame(scope="3301%"), "BAD_AREA"),
        (frame(scope={"$ne": ""}), "BAD_AREA"),
        (frame(scope=["A"] * 10_000), "BAD_AREA"),
        (frame(scope=5), "BAD_AREA"),
        (frame(since=[1]), "BAD_SEQ"),
        (frame(panels="kpi-bar"), "BAD_TYPE"),
        ('{"type":"look"}', "BAD_VALUE"),
        ('{"type":"look","case":"../etc"}', "BAD_VALUE"),
        ('{"type":"look","case":"","scope":"A"}', "UNKNOWN_FIELD"),
    ],
)
def test_a_frame_that_cannot_be_followed_is_refused_by_name(text, code):
    with pytest.raises(watch.BadFrame) as refused:
        watch.read(text)
    assert refused.value.code == code


@pytest.mark.parametrize("seq", [-1, 2**63, "abc", None, True, 1.5])
def test_a_number_that_cannot_be_resumed_from_asks_for_a_snapshot(seq):
    wish = watch.read(frame(since={"board": seq}))
    assert wish is not None
    assert (wish.since, wish.bad_seq) == ({}, {"board"})


def test_a_good_frame_is_read_whole():
    wish = watch.read(frame(scope="A1", since={"board": 7}, epoch="e", positions="binary"))
    assert wish == watch.Watch(frozenset({"board"}), "A1", {"board": 7}, frozenset(), "e", binary=True)


def test_a_page_is_sent_the_panels_it_shows():
    wish = watch.read(frame(topics=["panels"], panels=["kpi-bar"]))
    assert wish is not None
    assert (wish.shows("kpi-bar"), wish.shows("inbox")) == (True, False)
    assert watch.Watch(frozenset({"panels"})).shows("inbox")
    assert not watch.Watch(frozenset({"board"})).shows("inbox")


def test_a_beat_asks_for_nothing():
    assert watch.read('{"type":"beat"}') is None
