"""CAP documents read: what is right is understood, what is wrong is said once, with its place, never with its value."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cases.cap.levels import level_of
from cases.cap.message import CapProblem, Circle
from cases.cap.reading import read
from cases.cap.xml_tree import MOST_BYTES
from cases.model import AlertLevel
from tests.cases.cap.documents import HEAD, INFO, changed, document, faults

LAUGHS = "".join(f'<!ENTITY l{n} "{"&l" + str(n - 1) + ";" * 1 if n else "ha"}">' for n in range(9))
BOMB = f'<?xml version="1.0"?><!DOCTYPE alert [{LAUGHS}]><alert>&l8;</alert>'.encode()
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert>&x;</alert>'
REFERS = "<references>met.example,MET-0,2026-11-21T07:00:00+08:00</references>"


def test_a_document_is_understood() -> None:
    said = read(document())
    assert (said.identifier, said.sender, said.status, said.msg_type) == ("MET-1", "met.example", "Actual", "Alert")
    assert said.sent == datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    [info] = said.infos
    assert (info.event, info.headline, info.instruction) == ("暴雨", "暴雨橙色预警", "停止户外作业")
    assert info.areas[0].polygons[0][0] == (120.01, 30.01)  # lat,lon on the wire, (lon, lat) here
    assert faults(document()) == []


def test_circles_codes_and_earlier_messages_are_understood() -> None:
    body = changed(
        ("<msgType>Alert", "<msgType>Update"),
        ("<info>", f"{REFERS}<info>"),
        ("<polygon>", "<circle>30.05,120.05 2.5</circle><polygon>"),
        ("</area>", "<geocode><valueName>网格码</valueName><value>A1</value></geocode></area>"),
    )
    said = read(body)
    assert (said.references[0].sender, said.references[0].identifier) == ("met.example", "MET-0")
    area = said.infos[0].areas[0]
    assert (area.circles, area.geocodes) == ((Circle((120.05, 30.05), 2.5),), (("网格码", "A1"),))


def test_a_signature_of_another_namespace_is_passed_over() -> None:
    signed = document(more='<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature>')
    assert read(signed) == read(document())


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (b"", "BAD_XML", None),
        (b"{}", "BAD_XML", None),
        (document()[:-20], "BAD_XML", None),
        (BOMB, "BAD_XML", None),
        (OUTSIDE, "BAD_XML", None),
        (b'<?xml version="1.0" encoding="gb-nonsense"?><alert/>', "BAD_XML", None),
        (b"<alert>" + b" " * MOST_BYTES + b"</alert>", "TOO_LONG", None),
        (b"<a>" * 40 + b"</a>" * 40, "TOO_LONG", None),
        (b"<alert/>", "UNKNOWN_TYPE", "alert"),
        (changed(("cap:1.2", "cap:1.1")), "UNKNOWN_TYPE", "alert"),
        (changed(("<identifier>MET-1</identifier>", "")), "MISSING_FIELD", "identifier"),
        (changed(("<identifier>MET-1", "<identifier> ")), "MISSING_FIELD", "identifier"),
        (changed(("MET-1", "MET 1")), "BAD_ID", "identifier"),
        (changed(("met.example", "a,b")), "BAD_ID", "sender"),
        (changed(("MET-1", "M" * 201)), "TOO_LONG", "identifier"),
        (changed(("08:00:00+08:00", "08:00:00")), "BAD_TIME", "sent"),
        (changed(("2026-11-21T08", "2026-13-21T08")), "BAD_TIME", "sent"),
        (changed(("2126-11-21", "9999-12-31")), "BAD_TIME", "expires"),
        (changed(("Actual", "Real")), "BAD_ENUM", "status"),
        (changed(("<severity>Severe", "<severity>Very")), "BAD_ENUM", "severity"),
        (changed(("<category>Met", "<category>Weather")), "BAD_ENUM", "category"),
        (changed(("<expires>", "<expire>"), ("</expires>", "</expire>")), "UNKNOWN_FIELD", "expire"),
        (changed(("<event>暴雨</event>", "<event>暴雨</event><event>雷电</event>")), "DUPLICATE_KEY", "event"),
        (changed(("<areaDesc>东片</areaDesc>", "")), "MISSING_FIELD", "areaDesc"),
        (document(info=""), "MISSING_FIELD", "info"),
        (changed(("<msgType>Alert", "<msgType>Cancel")), "MISSING_FIELD", "references"),
        (changed(("<info>", "<references>MET-0</references><info>")), "BAD_ID", "references"),
        (changed(("30.01,120.01 30.09,120.01", "120.01,30.01 120.01,30.09")), "SUSPECT_SWAPPED", "polygon"),
        (changed(("30.09,120.19", "30.09,999")), "OUT_OF_RANGE", "polygon"),
        (changed(("30.09,120.19", "30.09,nan")), "BAD_NUMBER", "polygon"),
        (changed(("30.09,120.19", "30.09;120.19")), "BAD_NUMBER", "polygon"),
        (changed(("30.01,120.19 30.01,120.01", "30.01,120.19 30.02,120.02")), "OUT_OF_RANGE", "polygon"),
        (changed(("<polygon>", "<circle>30.05,120.05</circle><polygon>")), "BAD_NUMBER", "circle"),
        (changed(("<polygon>", "<circle>30.05,120.05 -1</circle><polygon>")), "OUT_OF_RANGE", "circle"),
        (changed(("三小时", "三\x85小时")), "BAD_TEXT", "description"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(body: bytes, code: str, field: str | None) -> None:
    with pytest.raises(CapProblem) as said:
        read(body)
    assert (said.value.code, said.value.field) == (code, field)
    assert any("一" <= letter <= "鿿" for letter in said.value.msg)
    assert "passwd" not in said.value.msg


@pytest.mark.parametrize(
    ("severity", "certainty", "urgency", "level"),
    [
        ("Extreme", "Observed", "Immediate", AlertLevel.RED),
        ("Severe", "Likely", "Expected", AlertLevel.ORANGE),
        ("Moderate", "Possible", "Future", AlertLevel.YELLOW),
        ("Minor", "Unknown", "Unknown", AlertLevel.BLUE),
        ("Unknown", "Unknown", "Unknown", AlertLevel.YELLOW),
        ("Extreme", "Unlikely", "Expected", AlertLevel.ORANGE),
        ("Severe", "Observed", "Past", AlertLevel.YELLOW),
        ("Minor", "Unlikely", "Past", AlertLevel.BLUE),
    ],
)
def test_the_colour_follows_the_table(severity: str, certainty: str, urgency: str, level: AlertLevel) -> None:
    info = INFO.replace("Severe", severity).replace("Likely", certainty).replace("Expected", urgency)
    assert level_of(read(document(HEAD, info)).infos[0]) is level


def test_a_colour_that_the_issuer_names_is_the_colour() -> None:
    named = "<parameter><valueName>预警级别</valueName><value>红色</value></parameter><area>"
    assert level_of(read(changed(("<area>", named))).infos[0]) is AlertLevel.RED
