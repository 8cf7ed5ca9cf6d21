/* Classes of a quantity: whole steps that people know, equal numbers of grids, or natural breaks; each says what it hides. */
(function (room) {
  "use strict";
  const m = room.map;
  const CLASSES = 4;               // above "nothing": five colours in all
  const MOST_VALUES = 400;         // natural breaks look at so many different values; more are thinned evenly
  const LADDERS = [[1, 2, 3, 4], [1, 2, 4, 6], [1, 3, 5, 8], [1, 4, 7, 10], [1, 5, 9, 14], [1, 6, 12, 20], [1, 10, 20, 30], [1, 20, 40, 60], [1, 50, 100, 150], [1, 100, 200, 400], [1, 500, 1000, 2000], [1, 2000, 5000, 10000], [1, 10000, 20000, 50000]];

  const ascending = (values) => Float64Array.from(values).sort();

  /* The least of each class so that about a tenth of the grids end in the top one; `before` is kept while it still fits. */
  function steps(values, before) {
    const sorted = ascending(values), high = sorted[Math.floor(sorted.length * 0.9)] || 0;
    if (before && high <= before[3] * 1.25 && high >= before[3] * 0.6) return before;      // colours keep their meaning while they fit
    return LADDERS.find((ladder) => high <= ladder[3]) || LADDERS[LADDERS.length - 1];
  }

  /* Equal numbers of the grids that have any; equal values are never parted, so ties may leave a class empty. */
  function quantile(values) {
    const sorted = ascending(values.filter((value) => value > 0));
    return Array.from({ length: CLASSES }, (_, at) => (at ? sorted[Math.floor((at * sorted.length) / CLASSES)] : sorted[0]) ?? Infinity);
  }

  /* Fisher's exact breaks: the least sum of squared distances from each class's mean (Fisher 1958, as Jenks draws it). */
  function natural(values) {
    const sorted = thinned(ascending(values.filter((value) => value > 0))), count = sorted.length;
    if (new Set(sorted).size <= CLASSES) { const own = [...new Set(sorted)]; return Array.from({ length: CLASSES }, (_, at) => own[at] ?? Infinity); }
    const sum = new Float64Array(count + 1), square = new Float64Array(count + 1);
    sorted.forEach((value, at) => { sum[at + 1] = sum[at] + value; square[at + 1] = square[at] + value * value; });
    const spread = (from, to) => square[to] - square[from] - (sum[to] - sum[from]) ** 2 / (to - from);
    let cost = Float64Array.from({ length: count + 1 }, (_, to) => (to ? spread(0, to) : 0));
    const cuts = [];
    for (let k = 1; k < CLASSES; k++) {
      const next = new Float64Array(count + 1).fill(Infinity), cut = new Int32Array(count + 1);
      for (let to = k + 1; to <= count; to++) for (let from = k; from < to; from++) {
        const tried = cost[from] + spread(from, to);
        if (tried < next[to]) { next[to] = tried; cut[to] = from; }
      }
      cuts.push(cut);
      cost = next;
    }
    const breaks = [];
    for (let k = CLASSES - 1, to = count; k > 0; k--) { to = cuts[k - 1][to]; breaks.unshift(sorted[to]); }
    return [sorted[0], ...breaks];
  }

  function thinned(sorted) {
    if (sorted.length <= MOST_VALUES) return sorted;
    return Float64Array.from({ length: MOST_VALUES }, (_, at) => sorted[Math.round((at * (sorted.length - 1)) / (MOST_VALUES - 1))]);
  }

  /* 0 for nothing, 1 to 4 for a value at or above that class's least. */
  function classOf(value, least) {
    let at = 0;
    while (at < CLASSES && value >= least[at]) at++;
    while (at > 1 && least[at - 1] === least[at - 2]) at--;         // a class of the same least is empty: ties lie in the lower
    return at;
  }

  /* How many values lie in each class, and which bounds cut through equal values. */
  function tally(values, least) {
    const counts = new Array(CLASSES + 1).fill(0);
    for (const value of values) counts[classOf(value, least)]++;
    return counts;
  }

  m.classes = { steps, quantile, natural, classOf, tally };
})(window.room = window.room || {});
