/* Where things lie: points sorted into cells, so that finding those near a place or in a box does not ask all of them. */
(function (room) {
  "use strict";
  const m = room.map;
  const MOST_CELLS = 65536, PER_CELL = 4;

  /* An index over columns {size, x, y, here} in world units; made anew when asked after `changes` moved on. */
  function indexOf(columns) {
    let made = -1, side = 1, west = 0, north = 0, perX = 1, perY = 1, starts = new Uint32Array(2), slots = new Uint32Array(0), cells = new Int32Array(0);

    const cut = (value) => (value < 0 ? 0 : value >= side ? side - 1 : value | 0);
    const cellOf = (x, y) => cut((y - north) * perY) * side + cut((x - west) * perX);

    function measure() {
      let east = -Infinity, south = -Infinity, count = 0;
      west = north = Infinity;
      for (let i = 0; i < columns.size; i++) {
        if (!columns.here[i]) continue;
        count++;
        if (columns.x[i] < west) west = columns.x[i];
        if (columns.x[i] > east) east = columns.x[i];
        if (columns.y[i] < north) north = columns.y[i];
        if (columns.y[i] > south) south = columns.y[i];
      }
      side = Math.max(1, Math.floor(Math.sqrt(Math.min(MOST_CELLS, count / PER_CELL))));
      perX = side / Math.max(east - west, 1e-12);
      perY = side / Math.max(south - north, 1e-12);
      return count;
    }

    function make() {
      if (made === columns.changes) return;
      made = columns.changes;
      const count = measure();
      starts = new Uint32Array(side * side + 1);
      if (slots.length < count) slots = new Uint32Array(count * 2);
      if (cells.length < columns.size) cells = new Int32Array(columns.size * 2);
      for (let i = 0; i < columns.size; i++) if (columns.here[i]) starts[(cells[i] = cellOf(columns.x[i], columns.y[i])) + 1]++;
      for (let cell = 0; cell < side * side; cell++) starts[cell + 1] += starts[cell];
      const next = starts.slice();
      for (let i = 0; i < columns.size; i++) if (columns.here[i]) slots[next[cells[i]]++] = i;
    }

    /* Calls `visit(slot)` for every point in the box; world units, edges included. */
    function inBox(left, top, right, bottom, visit) {
      make();
      const [x0, x1, y0, y1] = [cut((left - west) * perX), cut((right - west) * perX), cut((top - north) * perY), cut((bottom - north) * perY)];
      for (let row = y0; row <= y1; row++) {
        for (let at = starts[row * side + x0]; at < starts[row * side + x1 + 1]; at++) {
          const i = slots[at];
          if (columns.x[i] >= left && columns.x[i] <= right && columns.y[i] >= top && columns.y[i] <= bottom) visit(i);
        }
      }
    }

    /* The nearest point within a reach, [slot, distance], or null; world units. */
    function nearest(x, y, reach) {
      let best = null, least = reach;
      inBox(x - reach, y - reach, x + reach, y + reach, (i) => {
        const distance = Math.hypot(columns.x[i] - x, columns.y[i] - y);
        if (distance <= least) { least = distance; best = i; }
      });
      return best === null ? null : [best, least];
    }

    return { inBox, nearest };
  }

  /* Whether more than so many points lie in a frame: a plain walk, cheaper than an index that every tick would spoil. */
  m.seenAtLeast = (columns, f, most) => {
    if (columns.count <= most) return false;
    const { size, x, y, here } = columns, left = f.dx / f.scale, top = f.dy / f.scale, right = (f.dx + f.width) / f.scale, bottom = (f.dy + f.height) / f.scale;
    let seen = 0;
    for (let i = 0; i < size; i++) if (here[i] && x[i] > left && x[i] < right && y[i] > top && y[i] < bottom && ++seen > most) return true;
    return false;
  };

  m.find = (columns) => columns.index || (columns.index = indexOf(columns));
})(window.room = window.room || {});
