/* The map on paper or as a file: what is seen, with a scale bar, the legend, the time and the source written on it. */
(function (room) {
  "use strict";
  const m = room.map;
  const ZONE = "Asia/Shanghai";     // the room's, whatever the machine before it is set to
  const LENGTHS = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000];

  /* The longest round length that fits, and its width in CSS pixels at the middle of the view. */
  function scaleBar(most) {
    const { map } = m.state, size = map.getSize(), left = map.containerPointToLatLng([0, size.y / 2]), right = map.containerPointToLatLng([100, size.y / 2]);
    const perPixel = m.metres([left.lng, left.lat], [right.lng, right.lat]) / 100;
    const long = [...LENGTHS].reverse().find((each) => each / perPixel <= most) || LENGTHS[0];
    return { words: m.metreWords(long), width: long / perPixel };
  }

  /* A living scale bar in the map's corner, written anew when the view changes. */
  const bar = document.createElement("div");
  bar.className = "map-scale";
  function drawBar() {
    const { words, width } = scaleBar(m.unit() * 10);
    bar.style.width = width + "px";
    bar.textContent = words;
  }

  function bindScale(map) {
    map.getContainer().appendChild(bar);
    map.on("moveend zoomend resize", drawBar);
    drawBar();
  }

  function paintPolygons(pen, box) {
    for (const path of m.state.map.getPanes().overlayPane.querySelectorAll("path")) paintPath(pen, path, box);
    const outline = m.state.map.getPane("outline");
    for (const path of outline.querySelectorAll("path")) paintPath(pen, path, box);
  }

  /* An SVG path where the browser shows it: its own matrix, less where the map begins. */
  let inks = new Map();            // the screen's colours → those of the paper, where they differ
  const ink = (colour) => inks.get(colour) || colour;

  function paintPath(pen, path, box) {
    const { a, b, c, d, e, f } = path.getScreenCTM(), shape = new Path2D(path.getAttribute("d"));
    pen.save();
    pen.transform(a, b, c, d, e - box.left, f - box.top);
    const paint = (name) => path.getAttribute(name);
    if (paint("fill") && paint("fill") !== "none") { pen.globalAlpha = Number(paint("fill-opacity") ?? 1); pen.fillStyle = ink(paint("fill")); pen.fill(shape, "evenodd"); }
    if (paint("stroke") && paint("stroke") !== "none") { pen.globalAlpha = Number(paint("stroke-opacity") ?? 1); pen.strokeStyle = ink(paint("stroke")); pen.lineWidth = Number(paint("stroke-width") ?? 1); pen.stroke(shape); }
    pen.restore();
  }

  const TILES = ".leaflet-tile-loaded", OVER = ".leaflet-heat-pane img, .leaflet-moving-pane canvas";

  function paintImages(pen, box, which) {
    for (const image of m.state.map.getContainer().querySelectorAll(which)) {
      const at = image.getBoundingClientRect();
      pen.globalAlpha = Number(getComputedStyle(image).opacity);
      pen.filter = inks.size ? "none" : getComputedStyle(image).filter;
      if (at.width) pen.drawImage(image, at.left - box.left, at.top - box.top, at.width, at.height);
      pen.globalAlpha = 1;
      pen.filter = "none";
    }
  }

  /* Words under the picture: legend left, scale bar and time right, the source below. */
  function paintFoot(pen, width, top, u) {
    pen.fillStyle = m.token("surface");
    pen.fillRect(0, top, width, u * 6);
    pen.textBaseline = "middle";
    paintLegend(pen, u, top + u * 1.2);
    paintForms(pen, u, top + u * 2.9);
    const { words, width: long } = scaleBar(u * 10), x = width - u - long, y = top + u * 1.2;
    pen.strokeStyle = pen.fillStyle = m.token("text");
    pen.lineWidth = 2;
    pen.strokeRect(x, y, long, u * 0.3);
    pen.fillRect(x, y, long / 2, u * 0.3);
    pen.font = "400 " + u + "px " + m.family();
    pen.textAlign = "right";
    pen.fillText(words, width - u, y + u * 1.2);
    pen.fillText((m.isPast() ? "历史画面 " : "") + new Date(m.now()).toLocaleString("zh-CN", { hour12: false, timeZone: ZONE }), width - u, top + u * 4.4);
    pen.textAlign = "left";
    pen.fillText(document.title + " · 数据来源：本平台案件库与定位" + (m.baseName ? m.baseName() : "") + " · 内部资料", u, top + u * 4.4);
  }

  function paintLegend(pen, x, y) {
    const u = m.unit(), box = document.getElementById("choropleth-legend");
    pen.font = "400 " + u + "px " + m.family();
    pen.textAlign = "left";
    for (const e of box ? box.children : []) {
      const swatch = e.querySelector && e.querySelector("i");
      if (swatch) { pen.fillStyle = getComputedStyle(swatch).backgroundColor; pen.fillStyle = ink(pen.fillStyle); pen.fillRect(x, y - u * 0.45, u * 1.6, u * 0.9); x += u * 2; }
      pen.fillStyle = m.token("text");
      const words = [...e.childNodes].map((each) => each.textContent).filter(Boolean).join(" ");
      pen.fillText(words, x, y);
      x += pen.measureText(words).width + u * 1.2;
    }
  }

  /* What each form on the map means; the same stamps as the map's own. */
  const FORMS = [
    [() => m.workerSprite(0, 0, 0), "可派"], [() => m.workerSprite(1, 0, 0), "已派"], [() => m.workerSprite(2, 0, 0), "途中"], [() => m.workerSprite(3, 0, 0), "到场"],
    ...[["dispute", "纠纷"], ["city", "环境城管"], ["safety", "安全"], ["order", "治安"], ["people", "民生"]].map(([kind, words]) => [() => m.incidentSprite(kind, 3, "on_time"), words]),
    [() => m.incidentSprite("dispute", 3, "at_risk"), "将超时"], [() => m.incidentSprite("dispute", 3, "overdue"), "超时"], [() => m.alertSprite("red", true), "预警"],
  ];

  function paintForms(pen, x, y) {
    const u = m.unit();
    for (const [stamp, words] of FORMS) {
      const sign = stamp();
      pen.drawImage(sign, x + u * 0.6 - sign.half, y - sign.half, sign.half * 2, sign.half * 2);
      pen.fillStyle = m.token("text");
      pen.fillText(words, x + u * 1.6, y);
      x += u * 1.6 + pen.measureText(words).width + u;
    }
  }

  /* The picture as a canvas, twice as fine as the screen where that is coarse. */
  function picture() {
    const box = m.state.map.getContainer().getBoundingClientRect(), u = m.unit(), ratio = Math.max(2, window.devicePixelRatio || 1);
    const canvas = document.createElement("canvas"), foot = u * 6;
    canvas.width = box.width * ratio;
    canvas.height = (box.height + foot) * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.fillStyle = m.token("ground");
    pen.fillRect(0, 0, box.width, box.height + foot);
    pen.save();
    pen.beginPath();
    pen.rect(0, 0, box.width, box.height);
    pen.clip();
    if (m.isBaseCopied()) paintImages(pen, box, TILES);
    paintPolygons(pen, box);
    paintImages(pen, box, OVER);
    pen.restore();
    paintFoot(pen, box.width, box.height, u);
    return canvas;
  }

  const stamp = () => new Date(m.now()).toLocaleString("sv-SE", { timeZone: ZONE }).slice(0, 16).replace(/[-:]/g, "").replace(" ", "T");

  function exportPicture() {
    m.paintNow();
    picture().toBlob((file) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = "地图-" + stamp() + ".png";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }, "image/png");
  }

  /* Paper is white whatever the screen is: the same picture in the light theme, on one page across. */
  const POLYGONS = ["step-0", "step-1", "step-2", "step-3", "step-4", "line", "edge"];
  function onPaper() {
    const shown = POLYGONS.map(m.token);
    return m.inTheme("light", () => {
      inks = new Map(POLYGONS.map((name, at) => [shown[at], m.token(name)]));
      try { return picture(); } finally { inks = new Map(); }
    });
  }

  const sheet = document.createElement("div");
  sheet.id = "map-print";
  const paper = document.createElement("style");
  paper.textContent = "@page { size: A4 landscape; margin: 8mm }";

  async function printPicture() {
    const image = new Image();
    image.alt = "地图";
    image.src = onPaper().toDataURL("image/png");
    await image.decode();
    sheet.replaceChildren(image, paper);
    document.body.appendChild(sheet);
    window.addEventListener("afterprint", () => sheet.remove(), { once: true });
    window.print();
  }

  Object.assign(m, { printPicture, bindScale, exportPicture, picture, scaleBar });
})(window.room = window.room || {});
