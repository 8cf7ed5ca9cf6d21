"""The DOCX opened again and measured against GB/T 9704-2012."""

import io
from datetime import date

import docx
import pytest
from docx.oxml.ns import qn

from cases.documents import Document, Heading, Paragraph, Run, paragraph, plain_table
from reports.as_docx import docx_of

CIRCULAR = Document(
    "示范区\n2026年10月情况通报",
    (
        Heading(1, "一、总体情况"),
        Paragraph((Run("共受理"), Run("2384件", "/figure/received?from=2026-10-01", 1), Run("。"))),
        plain_table("表1", ("街道", "受理"), [("甲街道", 3), ("乙街道", 4)]),
    ),
    "示范区综治中心",
    date(2026, 11, 1),
    head="示范区综治中心文件",
    number="示综治〔2026〕11号",
    to="各街道综治中心",
    annex=(paragraph("数据出处"),),
)


@pytest.fixture(scope="module")
def opened():
    return docx.Document(io.BytesIO(docx_of(CIRCULAR, "https://room.example")))


def test_margins_are_those_of_the_standard_to_a_millimetre(opened):
    section = opened.sections[0]
    sides = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(side.mm) for side in sides] == [37, 35, 28, 26]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)


def test_a_page_holds_22_lines_of_28_characters(opened):
    grid = opened.sections[0]._sectPr.find(qn("w:docGrid"))
    pitch, closer = int(grid.get(qn("w:linePitch"))) / 20, int(grid.get(qn("w:charSpace"))) / 4096
    size = opened.styles["Normal"].font.size.pt
    assert 225 / 25.4 * 72 // pitch == 22 and 156 / 25.4 * 72 / (size + closer) == pytest.approx(28, abs=0.02)
    assert opened.styles["Normal"].paragraph_format.line_spacing.pt <= pitch
    assert not opened.styles["Normal"].paragraph_format.widow_control


@pytest.mark.parametrize(
    ("style", "points", "face"),
    [
        ("Normal", 16, "仿宋_GB2312"),
        ("Title", 22, "方正小标宋简体"),
        ("Heading 1", 16, "黑体"),
        ("Heading 2", 16, "楷体_GB2312"),
    ],
)
def test_type_sizes_and_faces(opened, style, points, face):
    found = opened.styles[style]
    assert found.font.size.pt == points
    assert found.element.rPr.rFonts.get(qn("w:eastAsia")) == face


def test_the_parts_stand_in_the_standards_order(opened):
    words = [each.text for each in opened.paragraphs if each.text]
    wanted = [
        "示范区综治中心文件",
        "示综治〔2026〕11号",
        "示范区\n2026年10月情况通报",
        "各街道综治中心：",
        "一、总体情况",
    ]
    assert words[:5] == wanted
    assert words[-4:] == ["示范区综治中心", "2026年11月1日", "附件", "数据出处"]


def test_the_head_is_red_and_the_date_has_four_characters_free(opened):
    head = next(each for each in opened.paragraphs if each.text == CIRCULAR.head)
    date_line = next(each for each in opened.paragraphs if each.text == "2026年11月1日")
    assert str(head.runs[0].font.color.rgb) == "DE0000"
    assert date_line.paragraph_format.right_indent.pt == pytest.approx(4 * 15.79, abs=0.1)


def test_page_numbers_stand_outside_in_size_four(opened):
    section = opened.sections[0]
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    assert (odd.alignment, even.alignment) == (2, 0)  # right, left
    assert {run.font.size.pt for run in (*odd.runs, *even.runs)} == {14}
    assert odd.text == "— PAGE —" or odd.runs[0].text == "— "


def test_a_figure_is_a_link_to_its_rows_and_has_its_number(opened):
    links = [rel.target_ref for rel in opened.part.rels.values() if rel.is_external]
    assert links == ["https://room.example/figure/received?from=2026-10-01"]
    line = next(each for each in opened.paragraphs if "2384件" in each.text)
    assert [run.text for run in line.runs if run.font.superscript] == ["1"]


def test_a_tables_head_is_repeated_and_its_rows_are_whole(opened):
    table = opened.tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["街道", "受理"],
        ["甲街道", "3"],
        ["乙街道", "4"],
    ]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
