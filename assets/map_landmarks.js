/* What stands on the ground: rivers and roads drawn faintly, cameras and sensitive places when somebody wants them. */
(function (room) {
  "use strict";
  const m = room.map;
  const PLACE_MARKS = { school: "校", kindergarten: "幼", hospital: "医", clinic: "医", nursing: "养", elderly: "养", market: "市", station: "站", petrol: "油", gas: "气", factory: "厂", temple: "寺", police: "警", government: "政" };
  const NAMED_FROM = 24;           // so few in sight that each may have its name
  let known = null, asked = false;

  async function learn() {
    if (asked) return;
    asked = true;
    const answer = await fetch("/map/landmarks.json").catch(() => null);
    if (!answer || !answer.ok) { asked = false; return; }
    const told = await answer.json(), point = ([id, kind, name, lon, lat]) => ({ id, kind, name, x: m.worldX(lon), y: m.worldY(lat) });
    known = {
      cameras: told.cameras.map(point), places: told.places.map(point),
      lines: told.lines.map(([kind, name, places]) => ({ kind, name, places: places.map(([lon, lat]) => [m.worldX(lon), m.worldY(lat)]) })),
    };
    m.redraw(true);
  }

  /* Below everything else on the canvas: rivers wide and blue-grey, roads thin and dashed; neither asks for attention. */
  function paintGround(pen, f) {
    if (!m.state.show.lines) return;
    learn();
    if (!known) return;
    const u = m.unit();
    pen.lineJoin = pen.lineCap = "round";
    for (const { kind, places } of known.lines) {
      pen.globalAlpha = kind === "river" ? 0.5 : 0.4;
      pen.strokeStyle = m.token(kind === "river" ? "fine" : "second");
      pen.lineWidth = u * (kind === "river" ? 0.2 : 0.08);
      pen.beginPath();
      places.forEach(([x, y], at) => pen[at ? "lineTo" : "moveTo"](x * f.scale - f.dx, y * f.scale - f.dy));
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  function paintPoints(pen, f) {
    for (const kind of ["cameras", "places"]) {
      if (!m.state.show[kind]) continue;
      learn();
      if (known) paintKind(pen, f, kind);
    }
  }

  function paintKind(pen, f, kind) {
    const u = m.unit(), seen = known[kind].map((p) => [p, p.x * f.scale - f.dx, p.y * f.scale - f.dy]).filter(([, x, y]) => x > -u && y > -u && x < f.width + u && y < f.height + u);
    for (const [p, px, py] of seen) {
      if (kind === "cameras") paintCamera(pen, px, py, u);
      else paintPlace(pen, p, px, py, u);
      if (seen.length > NAMED_FROM) continue;
      pen.font = "400 " + u + "px " + m.family();
      pen.textAlign = "left";
      pen.textBaseline = "middle";
      m.haloText(pen, p.name, px + u * 0.8, py, "second");
    }
  }

  function paintCamera(pen, px, py, u) {
    const r = u * 0.36;
    pen.lineWidth = u * 0.1;
    pen.fillStyle = m.token("ground");
    pen.strokeStyle = m.token("second");
    pen.beginPath();
    pen.rect(px - r, py - r * 0.6, r * 1.3, r * 1.2);
    pen.moveTo(px + r * 0.3, py - r * 0.1);
    pen.lineTo(px + r, py - r * 0.6);
    pen.lineTo(px + r, py + r * 0.6);
    pen.lineTo(px + r * 0.3, py + r * 0.1);
    pen.fill();
    pen.stroke();
  }

  function paintPlace(pen, p, px, py, u) {
    pen.beginPath();
    pen.arc(px, py, u * 0.62, 0, 7);
    pen.fillStyle = m.token("surface");
    pen.fill();
    pen.lineWidth = u * 0.08;
    pen.strokeStyle = m.token("second");
    pen.stroke();
    pen.font = "600 " + u * 0.8 + "px " + m.family();
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = m.token("text");
    pen.fillText(PLACE_MARKS[p.kind] || "点", px, py + u * 0.05);
  }

  Object.assign(m, { paintGround, paintPoints });
})(window.room = window.room || {});
