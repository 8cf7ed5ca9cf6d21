"""The PDF opened again: page, lines, characters a line, page numbers, links, and words that can be read out of it."""

import ctypes
import re
from datetime import date

import pypdfium2
import pytest
from pypdfium2 import raw

from cases.documents import Document, NoChineseFont, Paragraph, Run, plain_table
from reports import fonts
from reports.as_pdf import pdf_of
from reports.layout import PT_PER_MM

LONG = Document(
    "情况通报",
    (
        Paragraph((Run("本月共受理"), Run("2384件", "/figure/received", 1), Run("。"), Run("综治中心" * 400))),
        plain_table("表1", ("街道", "受理"), [(f"第{n}街道", n) for n in range(60)]),
    ),
    "示范区综治中心",
    date(2026, 11, 1),
)


@pytest.fixture(scope="module")
def opened():
    try:
        found = fonts.find()
    except NoChineseFont as problem:
        pytest.skip(str(problem))
    return pypdfium2.PdfDocument(pdf_of(LONG, found, "https://room.example"))


def lines_of(page):
    """(distance of the letters' foot from the page's top, text) of each line."""
    text, found = page.get_textpage(), {}
    for index in range(text.count_chars()):
        left, bottom, *_ = text.get_charbox(index, loose=True)
        found.setdefault(round(page.get_height() - bottom), []).append((left, text.get_text_range(index, 1)))
    return [(top, "".join(each for _, each in sorted(letters))) for top, letters in sorted(found.items())]


def test_a_page_is_a4_and_its_text_keeps_the_margins(opened):
    page = opened[1]
    assert (round(page.get_width() / PT_PER_MM), round(page.get_height() / PT_PER_MM)) == (210, 297)
    boxes = [page.get_textpage().get_charbox(n, loose=True) for n in range(page.get_textpage().count_chars())]
    letters = [box for box in boxes if box[1] > 35 * PT_PER_MM]  # without the page's number
    assert min(box[0] for box in letters) == pytest.approx(28 * PT_PER_MM, abs=PT_PER_MM)
    assert max(box[2] for box in letters) <= (210 - 26 + 1) * PT_PER_MM


def test_a_full_page_has_22_lines_of_28_characters(opened):
    lines = [words.strip() for _, words in lines_of(opened[1])]
    text = [words for words in lines if words and set(words) <= set("综治中心")]
    assert len(text) == 22 and {len(words) for words in text} == {28}


def test_the_pages_are_numbered_outside(opened):
    feet = [lines_of(page)[-1][1].strip() for page in opened]
    assert [re.sub(r"\D", "", foot) for foot in feet] == [str(n + 1) for n in range(len(opened))]
    boxes = [page.get_textpage() for page in opened]
    numbers = [text.get_charbox(text.count_chars() - 1)[0] for text in boxes[:2]]
    assert numbers[0] > 400 and numbers[1] < 150


def test_a_figures_link_leads_to_its_rows(opened):
    assert addresses(opened[0]) == ["https://room.example/figure/received"]


def addresses(page):
    """The addresses of a page's links."""
    at, link, found = ctypes.c_int(0), raw.FPDF_LINK(), []
    while raw.FPDFLink_Enumerate(page.raw, ctypes.byref(at), ctypes.byref(link)):
        action = raw.FPDFLink_GetAction(link)
        size = raw.FPDFAction_GetURIPath(page.pdf.raw, action, None, 0)
        held = ctypes.create_string_buffer(size)
        raw.FPDFAction_GetURIPath(page.pdf.raw, action, held, size)
        found.append(held.value.decode())
    return found


def test_a_long_table_has_its_head_on_each_page(opened):
    heads = [sum("街道受理" in words.replace(" ", "") for _, words in lines_of(page)) for page in opened]
    rows = sum(len(re.findall(r"第\d+街道", page.get_textpage().get_text_range())) for page in opened)
    assert heads.count(1) >= 2 and rows == 60


def test_without_chinese_letters_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "FOLDERS", (tmp_path,))
    with pytest.raises(NoChineseFont, match="fonts-noto-cjk"):
        fonts.find()
