"""Heat as a picture: points counted in cells, smoothed, coloured and written as a PNG with a clear background."""

import hashlib
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, cos, exp, log, pi, radians, tan

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Coordinates = npt.NDArray[np.float64]
Cells = npt.NDArray[np.intp]
Numbers = npt.ArrayLike

EARTH_RADIUS_M = 6_378_137.0
# Beyond three sigma a Gaussian has lost 99 % of its height; Web Mercator ends at this latitude.
REACH_SIGMAS = 3.0
# Cells a sigma may span before the picture is made of fewer; a browser stretches it smoothly.
WIDEST_SIGMA = 24.0
SMALLEST_SIZE = 16
LAST_LATITUDE = 85.051128
# One hue from the room's dark ground to near white: more is always brighter, also in grey print.
SCALE = ((36, 84, 158), (52, 116, 200), (84, 156, 232), (150, 202, 248), (236, 246, 255))
# More and less than before: neither a hazard's colour nor heat's blue, told apart by the colour-blind too.
MORE, LESS = (196, 148, 255), (64, 190, 160)
COLOURS = 64
STRONGEST_ALPHA = 225
# The share of the scale over which the picture fades in, so that no hard edge shows where nothing happened.
FADE_IN = 0.45
# The finest latitude step told apart, in parts of a cell: a point on a row's edge may fall this far on the other side.
STEPS_PER_ROW = 64
TILE_ROWS = 16
UNTHREADED_PRODUCTS = 262_144
# Points counted at a time: what fits the processor's cache on the way.
CHUNK = 65_536
COMPRESSION = 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """West, south, east and north edges of a picture, in degrees WGS-84."""

    west: float
    south: float
    east: float
    north: float


def mercator(lat: float) -> float:
    """Web Mercator's northing of a latitude in degrees, in radians."""
    return log(tan(pi / 4.0 + radians(lat) / 2.0))


class HeatMap:
    """Counts in `size` × `size` cells of Web Mercator, kept as points come and go.

    A picture costs the same at any number of points. `bounds` are degrees; Leaflet lays the picture between them
    unchanged, since its rows are even in Mercator's northing. `bandwidth_m` is the Gaussian's sigma in metres on the
    ground at the middle latitude; where it spans many cells, `size` becomes smaller than asked for.
    """

    def __init__(self, bounds: Bounds, *, size: int = 512, bandwidth_m: float = 150.0) -> None:
        if not (bounds.west < bounds.east and -LAST_LATITUDE <= bounds.south < bounds.north <= LAST_LATITUDE):
            raise ValueError(f"bounds enclose nothing: {bounds}")
        if size < 2 or bandwidth_m <= 0.0:
            raise ValueError("size is at least 2 and bandwidth_m positive")
        self.bounds = bounds
        self.size = size = coarsest_size(bounds, size, bandwidth_m)
        self._top = mercator(bounds.north)
        self._per_lon = size / (bounds.east - bounds.west)
        self._per_northing = size / (self._top - mercator(bounds.south))
        self._per_lat = STEPS_PER_ROW * size / (bounds.north - bounds.south)
        rows, columns = sigmas(bounds, size, bandwidth_m)
        self._kernels = gaussian(rows, size), gaussian(columns, size)
        self._counts = np.zeros((size, size), np.float64)
        self._starts = self._row_starts()
        self._columns = self._walled(np.arange(size))
        self._picture: bytes | None = None

    def add(self, lons: Numbers, lats: Numbers, weights: Numbers | None = None) -> int:
        """Count points (degrees, WGS-84) in; those outside the bounds or not finite are left out; how many were in."""
        return self._change(lons, lats, weights, 1.0)

    def remove(self, lons: Numbers, lats: Numbers, weights: Numbers | None = None) -> int:
        """Take points out again that were added with the same weights."""
        return self._change(lons, lats, weights, -1.0)

    def _change(self, lons: Numbers, lats: Numbers, weights: Numbers | None, sign: float) -> int:
        x, y = np.atleast_1d(np.asarray(lons, np.float64)), np.atleast_1d(np.asarray(lats, np.float64))
        if x.shape != y.shape or x.ndim != 1:
            raise ValueError(f"{x.shape} longitudes for {y.shape} latitudes")
        cells = np.empty(len(x), np.intp)
        for start in range(0, len(x), CHUNK):
            part = slice(start, start + CHUNK)
            cells[part] = self._cells(x[part], y[part])
        worth = None if weights is None else np.broadcast_to(np.asarray(weights, np.float64), x.shape)
        self._picture = None
        return self._count(cells, worth, sign)

    def _count(self, cells: Cells, worth: Coordinates | None, sign: float) -> int:
        outside = self._counts.size
        if len(cells) * 20 < outside:
            inside = cells < outside
            np.add.at(self._counts.reshape(-1), cells[inside], sign * (1.0 if worth is None else worth[inside]))
            return int(np.count_nonzero(inside))
        counts = np.bincount(cells, worth, minlength=outside + 1)
        self._counts += sign * counts[:outside].reshape(self._counts.shape)
        return len(cells) - (int(counts[outside]) if worth is None else int(np.count_nonzero(cells == outside)))

    def _row_starts(self) -> Cells:
        """The first cell of each latitude step's row: a table, since tan and log of a million points cost 20 ms."""
        steps = (np.arange(STEPS_PER_ROW * self.size) + 0.5) / self._per_lat
        northings = np.log(np.tan(pi / 4.0 + np.radians(self.bounds.south + steps) / 2.0))
        rows: Cells = ((self._top - northings) * self._per_northing).astype(np.intp)
        return self._walled(np.minimum(np.maximum(rows, 0), self.size - 1) * self.size)

    def _walled(self, table: Cells) -> Cells:
        """The table with `outside` before its first and after its last entry, where clipped look-ups end."""
        wall = np.array([self._counts.size], np.intp)
        return np.concatenate([wall, table, wall])

    def _cells(self, lons: Coordinates, lats: Coordinates) -> Cells:
        """The cell of each point, row by row from the north-west; one past the last for a point outside or not finite.

        Numbers are cut towards zero, so 1 is added first: whatever lies west or south of the edge then finds the wall.
        """
        with np.errstate(invalid="ignore"):
            columns = ((lons - self.bounds.west) * self._per_lon + 1.0).astype(np.intp)
            steps = ((lats - self.bounds.south) * self._per_lat + 1.0).astype(np.intp)
        cells = self._columns.take(columns, mode="clip")
        cells += self._starts.take(steps, mode="clip")
        return np.minimum(cells, self._counts.size, out=cells)

    def density(self) -> Floats:
        """Smoothed counts per cell, row 0 in the north."""
        rows, columns = self._kernels
        return blurred(blurred(np.maximum(self._counts, 0.0).astype(np.float32), rows).T, columns).T

    def picture(self) -> bytes:
        """A PNG of `size` × `size` pixels, transparent where there is nothing; the same bytes until a point changes."""
        if self._picture is None:
            self._picture = png(shades(self.density()))
        return self._picture

    @property
    def etag(self) -> str:
        """A strong ETag of the picture, quoted."""
        return etag_of(self.picture())

    @property
    def cell_km2(self) -> float:
        """The ground that one cell of the middle row covers, in km²."""
        middle = radians((self.bounds.south + self.bounds.north) / 2.0)
        width = radians(self.bounds.east - self.bounds.west) * EARTH_RADIUS_M * cos(middle) / self.size
        northing = mercator(self.bounds.north) - mercator(self.bounds.south)
        return width * northing * EARTH_RADIUS_M * cos(middle) / self.size / 1e6


def etag_of(picture: bytes) -> str:
    """A strong ETag of a picture, quoted."""
    return f'"{hashlib.blake2b(picture, digest_size=12).hexdigest()}"'


def difference_picture(density: Floats, before: Floats) -> bytes:
    """A PNG of two densities of one shape: violet where there is more than before, teal where less, else clear."""
    change = density - before
    peak = float(np.abs(change).max()) if change.size else 0.0
    middle = COLOURS // 2
    if peak <= 0.0:
        return png(np.full(change.shape, middle, np.uint8), diverging_palette())
    share = np.sign(change) * np.sqrt(np.abs(change) / np.float32(peak))
    return png(np.asarray(np.rint(middle + share * (middle - 1)), np.uint8), diverging_palette())


def sigmas(bounds: Bounds, size: int, bandwidth_m: float) -> tuple[float, float]:
    """`bandwidth_m` in rows and in columns of a picture: a metre is not the same number of cells both ways."""
    middle = radians((bounds.south + bounds.north) / 2.0)
    share = bandwidth_m / (EARTH_RADIUS_M * cos(middle))
    rows = share * size / (mercator(bounds.north) - mercator(bounds.south))
    return rows, share * size / radians(bounds.east - bounds.west)


def coarsest_size(bounds: Bounds, size: int, bandwidth_m: float) -> int:
    """`size`, or less where the smoothing spans so many cells that fewer show the same and cost a tenth."""
    widest = max(sigmas(bounds, size, bandwidth_m))
    return size if widest <= WIDEST_SIGMA else max(SMALLEST_SIZE, ceil(size * WIDEST_SIGMA / widest))


def gaussian(sigma: float, size: int) -> Floats:
    """A kernel of odd length, cut at three sigma and at the picture's size, that sums to 1."""
    reach = min(max(0, ceil(REACH_SIGMAS * sigma)), size - 1)
    weights = [exp(-0.5 * (i / sigma) ** 2) for i in range(-reach, reach + 1)]
    return np.asarray(weights, np.float32) / np.float32(sum(weights))


def blurred(values: Floats, kernel: Floats) -> Floats:
    """Convolve the columns of `values` with `kernel`, nothing lying beyond the edges.

    A tile at a time is one small matrix product with the same band matrix: ten times quicker than a loop over the
    kernel's taps. Tiles stay below the size from which OpenBLAS wakes its threads, whose spinning costs a busy machine
    more than it saves.
    """
    reach, (height, width) = len(kernel) // 2, values.shape
    padded = np.zeros((height + 2 * reach + TILE_ROWS, width), np.float32)
    padded[reach : reach + height] = values
    band = np.zeros((TILE_ROWS, TILE_ROWS + 2 * reach), np.float32)
    for row in range(TILE_ROWS):
        band[row, row : row + len(kernel)] = kernel
    smooth = np.empty((height + TILE_ROWS, width), np.float32)
    across = max(16, UNTHREADED_PRODUCTS // band.size)
    for top in range(0, height, TILE_ROWS):
        for left in range(0, width, across):
            tile = padded[top : top + TILE_ROWS + 2 * reach, left : left + across]
            smooth[top : top + TILE_ROWS, left : left + across] = band @ tile
    return smooth[:height]


def shades(density: Floats) -> npt.NDArray[np.uint8]:
    """Palette numbers, 0 for nothing up to COLOURS - 1 at the peak; the square root lets single incidents be seen."""
    peak = float(density.max())
    if peak <= 0.0:
        return np.zeros(density.shape, np.uint8)
    return np.asarray(np.sqrt(density * np.float32(1.0 / peak)) * (COLOURS - 1) + 0.5, np.uint8)


Palette = tuple[bytes, bytes]


def diverging_palette() -> Palette:
    """PLTE and tRNS for differences: the middle is clear, both ends fade in from it."""
    colours, alphas, middle = bytearray(), bytearray(), COLOURS // 2
    for number in range(COLOURS):
        share = (number - middle) / (middle - 1)
        colours += bytes(LESS if share < 0 else MORE)
        alphas.append(round(STRONGEST_ALPHA * min(1.0, abs(share)) ** 1.5))
    return bytes(colours), bytes(alphas)


def palette() -> Palette:
    """The PNG's PLTE and tRNS: colour 0 is clear, the next ones fade in."""
    colours, alphas = bytearray(), bytearray()
    for number in range(COLOURS):
        share = number / (COLOURS - 1)
        place = share * (len(SCALE) - 1)
        low = min(int(place), len(SCALE) - 2)
        colours += bytes(round(a + (b - a) * (place - low)) for a, b in zip(SCALE[low], SCALE[low + 1], strict=True))
        fade = min(1.0, share / FADE_IN)
        alphas.append(round(STRONGEST_ALPHA * fade * fade * (3.0 - 2.0 * fade)))
    return bytes(colours), bytes(alphas)


def png(pixels: npt.NDArray[np.uint8], painted: Palette | None = None) -> bytes:
    """An 8-bit palette PNG of the palette numbers in `pixels`, row 0 at the top; heat's own palette by default."""
    height, width = pixels.shape
    rows = np.zeros((height, width + 1), np.uint8)
    rows[:, 1:] = pixels
    colours, alphas = painted or palette()
    chunks: Sequence[tuple[bytes, bytes]] = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", colours),
        (b"tRNS", alphas),
        (b"IDAT", zlib.compress(rows.tobytes(), COMPRESSION)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
