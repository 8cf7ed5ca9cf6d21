/* Small series drawn on a canvas of their own: values as bars, the usual as a line; redrawn when their data change. */
(function (room) {
  "use strict";
  const numbers = (text) => (text ? text.split(",").map(Number) : []);
  const ink = (element, name) => getComputedStyle(element).getPropertyValue("--" + name).trim();

  function canvasOf(element) {
    let canvas = element.querySelector("canvas");
    if (!canvas) canvas = element.appendChild(document.createElement("canvas"));
    const ratio = window.devicePixelRatio || 1;
    const box = element.getBoundingClientRect();
    canvas.width = Math.max(1, Math.round(box.width * ratio));
    canvas.height = Math.max(1, Math.round(box.height * ratio));
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    return [pen, box.width, box.height];
  }

  function drawSteps(element) {
    const [pen, width, height] = canvasOf(element);
    const values = numbers(element.dataset.values), usual = numbers(element.dataset.usual);
    const unit = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const foot = unit * 1.35, count = Number(element.dataset.count || 24);
    const top = Math.max(1, ...values, ...usual), step = width / count;
    const head = unit * 1.3, y = (value) => head + (height - foot - head) * (1 - value / top);
    pen.fillStyle = ink(element, "fine");
    values.forEach((value, at) => pen.fillRect(at * step + 1, y(value), Math.max(1, step - 3), height - foot - y(value)));
    pen.strokeStyle = ink(element, "text");
    pen.lineWidth = unit / 10;
    pen.setLineDash([unit / 4, unit / 5]);
    pen.beginPath();
    usual.forEach((value, at) => pen[at ? "lineTo" : "moveTo"]((at + 0.5) * step, y(value)));
    pen.stroke();
    pen.setLineDash([]);
    pen.fillStyle = ink(element, "second");
    pen.font = unit + "px " + getComputedStyle(element).fontFamily;
    pen.textBaseline = "bottom";
    const names = element.dataset.names.split(",");
    names.forEach((name, at) => pen.fillText(name, (at * width) / names.length + 1, height));
    pen.textAlign = "right";
    pen.textBaseline = "top";
    pen.fillText(peaks(values, usual), width, 0);
    if (height > LARGE * unit && step > WIDE * unit) nameBars(pen, values, step, y, unit);
  }

  const LARGE = 14, WIDE = 1.8;    // rem of height and of a bar from which each has room for its number

  /* What the tallest bar and the top of the line stand for, so that the chart needs no axis. */
  function peaks(values, usual) {
    const most = (row) => Math.round(Math.max(...row) * 10) / 10;
    return [values.length ? `今日最高 ${most(values)} 件` : "", usual.length ? `往期 ${most(usual)} 件` : ""].filter(Boolean).join(" · ");
  }

  function nameBars(pen, values, step, y, unit) {
    pen.textAlign = "center";
    pen.textBaseline = "bottom";
    values.forEach((value, at) => value && pen.fillText(value, (at + 0.5) * step, y(value) - unit / 5));
  }

  /* 144 steps of ten minutes; the grave ones in red on top of theirs; hours named below. */
  function drawTicks(element) {
    const [pen, width, height] = canvasOf(element);
    const values = numbers(element.dataset.values), grave = numbers(element.dataset.usual);
    const unit = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const foot = unit * 1.3, step = width / values.length, top = Math.max(3, ...values);
    const end = Date.parse(element.dataset.end), floor = height - foot;
    pen.fillStyle = ink(element, "line");
    pen.fillRect(0, floor, width, 1);
    values.forEach((value, at) => {
      const high = (floor - 2) * (value / top), bad = (floor - 2) * (grave[at] / top);
      pen.fillStyle = ink(element, "fine");
      pen.fillRect(at * step + step * 0.2, floor - high, step * 0.6, high);
      pen.fillStyle = ink(element, "red");
      if (bad) pen.fillRect(at * step + step * 0.2, floor - bad, step * 0.6, bad);
    });
    pen.fillStyle = ink(element, "act");
    if (element.dataset.ends) pen.fillRect(width - 2, 0, 2, floor);
    pen.fillStyle = ink(element, "second");
    pen.font = unit + "px " + getComputedStyle(element).fontFamily;
    pen.textBaseline = "bottom";
    const hour = 3600e3, zone = 8 * hour, from = end - values.length * 600e3;
    for (let at = Math.ceil((from + zone) / (3 * hour)) * 3 * hour - zone; at < end - hour; at += 3 * hour) {
      const x = ((at - from) / (end - from)) * width;
      pen.fillRect(x, floor, 1, unit * 0.3);
      const name = new Date(at + zone).getUTCHours();
      pen.fillText(name === 0 && element.dataset.ends ? "今日 0 时" : name + " 时", x + 3, height);
    }
    pen.textAlign = "right";
    pen.fillText(element.dataset.ends || "", width, height);
  }

  const DRAW = { steps: drawSteps, ticks: drawTicks };

  function draw(element) {
    const kind = DRAW[element.dataset.series];
    if (kind && element.clientWidth) kind(element);
  }

  function drawAll() { document.querySelectorAll("[data-series]").forEach(draw); }

  const sizes = new ResizeObserver((entries) => entries.forEach((entry) => draw(entry.target)));
  const known = new WeakSet();

  new MutationObserver((changes) => {
    for (const change of changes) if (change.type === "attributes") draw(change.target);
    for (const element of document.querySelectorAll("[data-series]")) {
      if (!known.has(element)) { known.add(element); sizes.observe(element); }
    }
  }).observe(document.documentElement, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["data-values", "data-usual", "data-end"],
  });

  room.series = { drawAll };
})(window.room = window.room || {});
