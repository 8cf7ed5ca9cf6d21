/* The board of the desk: one column a stage, only the rows in view are in the page; dropped or keyed to the next stage. */
(function (room) {
  "use strict";
  if (!new URLSearchParams(location.search).get("view")) return;
  const STAGES = ["reported", "accepted", "dispatched", "handled", "verified", "closed"];
  const RANK = { overdue: 0, at_risk: 1, on_time: 2 };
  const SPARE = 3;                 // rows kept above and below what is seen

  const cards = new Map();         // case number → card of the wire
  const columns = new Map();       // stage → its element, its cards in order, its row elements
  let names = {}, whole = null, dragged = null, wanted = 0, sorted = false, rowHeight = 0, isPlaced = false;

  const store = (id, data) => { try { window.dash_clientside.set_props(id, { data }); } catch (notYet) { /* the next press */ } };

  /* The page may be drawn a second time when Dash stands: the columns of the board that is there now count. */
  let bound = null;
  function bind() {
    const board = document.getElementById("desk-board");
    if (!board || board === bound) return Boolean(board);
    bound = board;
    names = JSON.parse(board.dataset.board);
    rowHeight = 4.5 * parseFloat(getComputedStyle(document.documentElement).fontSize);
    for (const element of board.querySelectorAll("[data-column]")) {
      const rows = element.querySelector(".column-rows"), sheet = rows.querySelector(".sheet");
      sheet.replaceChildren();
      columns.set(element.dataset.column, { stage: element.dataset.column, element, rows, sheet, count: element.querySelector(".column-count"), list: [], pool: [] });
      rows.addEventListener("scroll", draw, { passive: true });
    }
    sorted = isPlaced = false;
    new ResizeObserver(draw).observe(board);
    return true;
  }

  /* A reload of this tab finds every column where it stood; how far it was scrolled is all that is kept. */
  const KEPT = "room.board";
  function keepPlaces() {
    if (isPlaced) sessionStorage.setItem(KEPT, JSON.stringify(Object.fromEntries([...columns.values()].map((c) => [c.stage, c.rows.scrollTop]))));
  }

  function takePlaces() {
    if (isPlaced || !cards.size) return;
    isPlaced = true;
    const places = JSON.parse(sessionStorage.getItem(KEPT) || "{}");
    for (const column of columns.values()) column.rows.scrollTop = places[column.stage] || 0;
  }

  function begin() {
    addEventListener("pagehide", keepPlaces);
    room.live.on("board", take);
    room.live.on("kpi", (message) => { whole = (message.data.figures || (message.data.put || {}).figures || {}).open ?? whole; note(); });
    room.live.want("board");
    setInterval(() => { if (!bound || !bound.isConnected) draw(); }, 250);
    setInterval(() => { for (const c of columns.values()) c.pool.forEach((e) => { e.told = null; }); draw(); }, 20000);   // clocks move
  }

  function take(message) {
    if (message.type === "snapshot") { cards.clear(); message.data.cards.forEach((c) => cards.set(c.case, c)); }
    else { message.data.put.forEach((c) => cards.set(c.case, c)); message.data.gone.forEach((no) => cards.delete(no)); }
    sorted = false;
    draw();
  }

  function sort() {
    if (sorted) return;
    sorted = true;
    for (const column of columns.values()) column.list = [];
    for (const card of cards.values()) if (card.state !== "void" && card.state !== "merged" && columns.has(card.stage)) columns.get(card.stage).list.push(card);
    for (const column of columns.values()) {
      column.list.sort((a, b) => RANK[a.standing] - RANK[b.standing] || (a.due_at || "9") .localeCompare(b.due_at || "9") || a.case.localeCompare(b.case));
      count(column);
    }
    note();
  }

  function count(column) {
    if (column.stage === "closed") return;
    const late = column.list.filter((c) => c.standing === "overdue").length;
    const oldest = column.list.reduce((at, c) => (c.reported_at < at ? c.reported_at : at), "9");
    const age = column.list.length ? " · 最久 " + room.clock.spanWords((room.clock.now() - Date.parse(oldest)) / 1000) : "";
    column.count.textContent = column.list.length + " 件" + (late ? " · 超时 " + late : "") + age;
    column.element.toggleAttribute("data-late", late > 0);
  }

  function note() {
    const place = document.getElementById("desk-board-note");
    if (!place) return;
    const left = cards.size >= names.most && whole > cards.size ? whole - cards.size : 0;
    const words = left ? "列出最急的 " + cards.size + " 件，另有 " + left + " 件未列出" : "";
    if (place.textContent !== words) place.textContent = words;
  }

  function draw() { if (!wanted) wanted = requestAnimationFrame(paint); }

  /* While a card is in the hand nothing moves under it. */
  function paint() {
    wanted = 0;
    if (dragged || !bind()) return;
    sort();
    for (const column of columns.values()) fill(column);
    takePlaces();
  }

  function fill(column) {
    const height = column.rows.clientHeight, list = column.list;
    column.sheet.style.height = list.length * rowHeight + "px";
    const first = Math.max(0, Math.floor(column.rows.scrollTop / rowHeight) - SPARE);
    const last = Math.min(list.length, Math.ceil((column.rows.scrollTop + height) / rowHeight) + SPARE);
    const slots = Math.max(column.pool.length, last - first);
    for (let slot = 0; slot < slots; slot++) {
      const at = first + ((slot - (first % slots) + slots) % slots);     // a row keeps its element while it is in view
      const element = column.pool[slot] || (column.pool[slot] = column.sheet.appendChild(made()));
      element.hidden = at >= last;
      if (!element.hidden) tell(element, list[at], at);
    }
  }

  function made() {
    const row = document.createElement("a");
    row.className = "card";
    row.draggable = true;
    row.innerHTML = '<div class="clock"><span class="sign light"></span><span class="due"></span><small class="age"></small></div><b></b><span class="where"></span>';
    return row;
  }

  function tell(row, card, at) {
    const top = at * rowHeight + "px";
    if (row.style.top !== top) row.style.top = top;
    if (row.told === card) return;
    row.told = card;
    row.className = "card " + card.standing;
    Object.assign(row.dataset, { case: card.case, stage: card.stage, standing: card.standing, version: card.version });
    row.href = "/case/" + card.case;
    const [clock, title, where] = row.children;
    clock.children[0].className = "sign light " + card.standing;
    clock.children[1].textContent = due(card);
    clock.children[2].textContent = "报 " + span(room.clock.now() - Date.parse(card.reported_at));
    const marks = (card.exercise ? "演练 " : "") + (card.severity <= 2 ? names.severities[card.severity] + " " : "") + (card.state === "returned" ? "退单 " : "");
    title.textContent = marks + card.title;
    where.textContent = (names.grids[card.grids[card.grids.length - 1]] || "待定") + " · " + (names.units[card.unit] || "未派");
  }

  const span = (ms) => room.clock.spanWords(Math.max(0, ms) / 1000).replace(/ \d+ 秒$/, "");
  function due(card) {
    if (card.state === "suspended") return "已挂起";
    if (!card.due_at) return "无时限";
    const left = Date.parse(card.due_at) - room.clock.now();
    return (left < 0 ? "超时 " : "剩 ") + span(Math.abs(left));
  }

  /* What was seen goes with the card: which case, at which version. */
  function order(card, to) {
    if (card.stage === to) return;
    room.choose(card.case);
    store("desk-board-order", { case: card.case, version: Number(card.version), to, at: Date.now() });
  }

  document.addEventListener("dragstart", (event) => {
    const row = event.target.closest && event.target.closest("#desk-board .card");
    if (!row) return;
    dragged = { ...row.dataset };
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", row.dataset.case);
    document.getElementById("desk-board").dataset.dragging = row.dataset.stage;
  });
  const over = (event) => dragged && event.target.closest && event.target.closest("#desk-board [data-column]");
  document.addEventListener("dragover", (event) => {
    const column = over(event);
    if (!column || "over" in column.dataset) return void (column && event.preventDefault());
    event.preventDefault();
    unmark();
    column.dataset.over = "";
  });
  document.addEventListener("drop", (event) => { const column = over(event); if (column) { event.preventDefault(); order(dragged, column.dataset.column); } });
  const unmark = () => document.querySelectorAll("#desk-board [data-over]").forEach((e) => delete e.dataset.over);
  document.addEventListener("dragend", () => {
    dragged = null;
    const board = document.getElementById("desk-board");
    if (board) delete board.dataset.dragging;
    unmark();
    draw();
  });

  /* By keyboard: ↑ ↓ within a column, ← → to the next; with Shift the card itself goes to the next stage. */
  function where() {
    const card = cards.get(room.chosen());
    return card && columns.has(card.stage) ? { card, column: columns.get(card.stage), at: columns.get(card.stage).list.indexOf(card) } : null;
  }

  function show(column, at) {
    const card = column.list[Math.min(column.list.length - 1, Math.max(0, at))];
    if (!card) return;
    const top = column.list.indexOf(card) * rowHeight, rows = column.rows;
    if (top < rows.scrollTop) rows.scrollTop = top;
    else if (top + rowHeight > rows.scrollTop + rows.clientHeight) rows.scrollTop = top + rowHeight - rows.clientHeight;
    room.choose(card.case, card.version);
  }

  function walk(by) {
    const here = where();
    if (here) return show(here.column, here.at + by);
    show([...columns.values()].find((c) => c.list.length) || columns.get("reported"), 0);
  }

  function across(by) {
    const here = where();
    if (!here) return walk(1);
    for (let n = STAGES.indexOf(here.column.stage) + by; n >= 0 && n < STAGES.length - 1; n += by) {
      if (columns.get(STAGES[n]).list.length) return show(columns.get(STAGES[n]), here.at);
    }
  }

  function push(by) {
    const here = where();
    const to = here && STAGES[STAGES.indexOf(here.card.stage) + by];
    if (to) order(here.card, to);
  }

  const asked = () => document.querySelector("#desk-board-asked [data-board-do]");
  const cancel = () => store("desk-board-order", null);
  const PRESS = { ArrowDown: () => walk(1), ArrowUp: () => walk(-1), j: () => walk(1), k: () => walk(-1), ArrowRight: () => across(1), ArrowLeft: () => across(-1) };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !columns.size) return;
    const stop = () => { event.preventDefault(); event.stopImmediatePropagation(); };
    const within = (part) => event.target.closest && event.target.closest(part);
    const inForm = within("#desk-board-asked");
    if (within(".dash-dropdown-content")) return;   // an open list's keys are its own
    if (asked() && event.key === "Enter" && (inForm ? event.target.tagName !== "BUTTON" : !room.isTyping(event.target))) { stop(); return asked().click(); }
    if (asked() && event.key === "Escape") { stop(); return cancel(); }
    if (room.isTyping(event.target) || inForm) return;
    if (event.shiftKey && event.key === "ArrowRight") { stop(); return push(1); }
    if (event.shiftKey && event.key === "ArrowLeft") { stop(); return push(-1); }
    if (!event.shiftKey && PRESS[event.key]) { stop(); PRESS[event.key](); }
  }, true);
  document.addEventListener("click", (event) => { if (event.target.closest("[data-board-cancel]")) cancel(); });

  begin();
  room.board = { cards, columns };
})(window.room = window.room || {});
