"""`python -m geo locate`: the table comes back whole, with one code column a level."""

import csv
import gzip

import numpy as np
import pytest

from geo.__main__ import main
from geo.crs import from_wgs84_many
from geo.grids import GridBook
from tests.geo.build import brute_force, row, square, wavy_nest, write_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("town"), wavy_nest())


def locate(folder, tmp_path, content, *options, name="points.csv"):
    source, target = tmp_path / name, tmp_path / "out.csv"
    source.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    assert main(["locate", "--grids", str(folder), str(source), *options, "-o", str(target)]) == 0
    return list(csv.reader(target.read_text("utf-8").splitlines()))


def test_coordinates_are_written_back_with_the_codes(folder, tmp_path, capsys):
    table = locate(folder, tmp_path, "lon,lat\n118.5150,29.3150\n0,0\n")
    assert table == [
        ["lon", "lat", "level1", "level2", "level3"],
        ["118.5150", "29.3150", "T", "T0", "T005"],
        ["0", "0", "", "", ""],
    ]
    assert "100%" in capsys.readouterr().err


def test_many_points_get_the_answer_of_brute_force(folder, tmp_path):
    rng = np.random.default_rng(3)
    points = rng.uniform([118.49, 29.29], [118.55, 29.35], (500, 2)).round(6)
    table = locate(folder, tmp_path, "lon,lat\n" + "".join(f"{lon},{lat}\n" for lon, lat in points.tolist()))
    book = GridBook.load(folder)
    for line in table[1:]:
        truth = brute_force(book, float(line[0]), float(line[1]))
        assert line[2:] == [code or "" for code in truth]


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
def test_points_of_another_system_are_moved_first(folder, tmp_path, crs):
    lons, lats = from_wgs84_many([118.515], [29.315], crs)
    table = locate(
        folder,
        tmp_path,
        f"lat,lon\n{lats[0]!r},{lons[0]!r}\n".replace("np.float64(", "").replace(")", ""),
        "--crs",
        crs,
    )
    assert table[1][2:] == ["T", "T0", "T005"]


def test_other_columns_stay_and_old_answers_are_replaced(folder, tmp_path):
    table = locate(folder, tmp_path, 'id,lon,level1,lat,text\n7,118.515,旧,29.315,"a,b"\n')
    assert table == [
        ["id", "lon", "lat", "text", "level1", "level2", "level3"],
        ["7", "118.515", "29.315", "a,b", "T", "T0", "T005"],
    ]


def test_unreadable_coordinates_stay_empty_and_are_counted(folder, tmp_path, capsys):
    table = locate(folder, tmp_path, "lon,lat\nx,29.3\n118.515\n,\nnan,inf\n118.515,29.315\n")
    assert [line[2:] for line in table[1:]] == [["", "", ""]] * 4 + [["T", "T0", "T005"]]
    assert "坐标无法读取 4 行" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-8"])
def test_tables_of_spreadsheets_are_read(folder, tmp_path, encoding):
    content = "经度,纬度,社区\r\n118.515,29.315,古荡\r\n".encode(encoding)
    table = locate(folder, tmp_path, content, "--lon", "经度", "--lat", "纬度")
    assert table[1] == ["118.515", "29.315", "古荡", "T", "T0", "T005"]


def test_a_packed_table_is_unpacked_on_the_way(folder, tmp_path):
    assert locate(folder, tmp_path, gzip.compress(b"lon,lat\n118.515,29.315\n"), name="p.csv.gz")[1][2] == "T"


def test_repairs_in_memory_are_counted_and_do_not_stop_it(tmp_path, capsys):
    bad = write_folder(tmp_path / "bad", [[row("A", square(0, 0)), row("A", square(0.5, 0)), row("", square(3, 0))]])
    table = locate(bad, tmp_path, "lon,lat\n118.507,29.305\n118.512,29.305\n118.535,29.305\n")
    assert [line[2] for line in table[1:]] == ["A", "A-2", "01"]
    assert "网格数据在内存中修正 2 处" in capsys.readouterr().err


def test_a_table_without_coordinates_leaves_no_file_behind(folder, tmp_path, capsys):
    source, target = tmp_path / "p.csv", tmp_path / "out.csv"
    source.write_text("x,y\n1,2\n")
    assert main(["locate", "--grids", str(folder), str(source), "-o", str(target)]) == 1
    assert "MISSING_COLUMN" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.csv"]


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"lon,lat\n1,2\n\xff\xff\n", "p.csv", "ENCODING_UNKNOWN"),
        (b'lon,lat\n"' + b"x" * 200_000, "p.csv", "BAD_TABLE"),
        (b"lon,lat\n1,2\n", "p.csv.gz", "BAD_CONTENT"),
        (gzip.compress(b"lon,lat\n" + b"1,2\n" * 9999, mtime=0)[:-9], "p.csv.gz", "BAD_CONTENT"),
    ],
)
def test_c136_a_table_that_is_none_is_refused_in_words(folder, tmp_path, capsys, content, name, code):
    (tmp_path / name).write_bytes(content)
    assert main(["locate", "--grids", str(folder), str(tmp_path / name), "-o", str(tmp_path / "out.csv")]) == 1
    assert code in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


def test_a_missing_table_is_answered_with_one_line(folder, tmp_path, capsys):
    assert main(["locate", "--grids", str(folder), str(tmp_path / "no.csv"), "-o", str(tmp_path / "o.csv")]) == 1
    assert "无法读写" in capsys.readouterr().err
