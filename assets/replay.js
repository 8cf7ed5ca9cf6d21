/* The past: a wall whose address has `at` is fed moments of the kept past instead of the link, and nothing on it acts.

   Each moment comes whole (dashboard/past.py) and goes the same way as the link's frames. Keys: , . space Q B. */
(function (room) {
  "use strict";
  const STEP_MS = 600e3, DAY_MS = 864e5, SLOWEST_MS = 1000, QUICKEST_MS = 400;
  const asked = new URLSearchParams(location.search).get("at");
  const isPast = room.live.isPast;

  const local = (ms) => new Date(ms + 8 * 3600e3).toISOString().slice(0, 19) + "+08:00";
  const addressOf = (ms) => "/?at=" + encodeURIComponent(local(ms)).replaceAll("%3A", ":");

  let at = isPast ? Date.parse(asked.replace(" ", "+")) : 0;
  let wanted = null, reading = false, playing = 0, speed = 60;

  const said = {};                 // Dash's page takes the first picture's place: what was said is said there again
  const say = (id, words) => { said[id] = words; sayAll(); };
  function sayAll() {
    for (const [id, words] of Object.entries(said)) for (const e of document.querySelectorAll("#" + id)) room.clock.write(e, words);
  }

  /* One question at a time; of those asked meanwhile only the last is asked. */
  async function show(ms) {
    wanted = Math.min(ms, Date.now());
    if (reading) return;
    reading = true;
    while (wanted !== null) {
      const next = wanted;
      wanted = null;
      await read(next);
    }
    reading = false;
  }

  async function read(ms) {
    try {
      const answer = await fetch("/api/v1/past?at=" + encodeURIComponent(new Date(ms).toISOString()));
      if (answer.status === 401) return location.assign("/login");
      const told = await answer.json();
      if (!answer.ok) return fail(told.msg || "这一时刻读取失败");
      draw(told);
    } catch (lost) { fail("这一时刻读取失败，画面停在上一时刻"); }
  }

  function fail(words) { stop(); say("replay-trouble", words); }

  function draw(told) {
    at = Date.parse(told.as_of);
    room.clock.hold(at);
    say("replay-moment", told.words);
    say("replay-trouble", "");
    document.title = "历史 " + told.words;
    for (const message of told.messages) room.live.receive(JSON.stringify(message));
    room.live.receive(Uint8Array.from(atob(told.positions), (c) => c.charCodeAt(0)).buffer);
    room.clock.tick();
    history.replaceState(null, "", addressOf(at) + (isFramed ? "&framed=1" : ""));
    mark();
  }

  /* Playing: time runs `speed` times as fast, and is shown as often as moments can be read. */
  function play() { playing = playing || setTimeout(step, 0, performance.now(), at); mark(); }
  function stop() { clearTimeout(playing); playing = 0; mark(); }

  async function step(begunAt, from) {
    const goal = from + (performance.now() - begunAt) * speed, drawnAt = performance.now();
    if (goal >= Date.now()) { stop(); await show(Date.now()); return say("replay-trouble", "已到现在"); }
    await show(goal);
    if (!playing) return;
    const pause = (speed > 10 ? QUICKEST_MS : SLOWEST_MS) - (performance.now() - drawnAt);
    playing = setTimeout(step, Math.max(20, pause), begunAt, from);
  }

  function goTo(ms) {
    if (!isPast) return location.assign(addressOf(ms));
    const wasPlaying = playing;
    stop();
    return show(ms).then(() => { if (wasPlaying) play(); });
  }

  async function goToNext(kind) {
    stop();
    const answer = await fetch("/api/v1/past/next?kind=" + kind + "&after=" + encodeURIComponent(new Date(at).toISOString()));
    const told = await answer.json();
    if (answer.ok && told.at) await show(Date.parse(told.at));
    else say("replay-trouble", answer.ok ? "此后没有了" : told.msg);
  }

  const WAYS = {
    back: () => goTo((isPast ? at : Date.now()) - STEP_MS), forward: () => goTo(at + STEP_MS),
    play: () => (playing ? stop() : play()),
    speed: (value) => { const wasPlaying = playing; stop(); speed = Number(value); if (wasPlaying) play(); mark(); },
    next: goToNext,
    beside: () => window.top.location.assign("/moments?left=" + encodeURIComponent(local(at)) + "&right=" + encodeURIComponent(local(Math.min(at + 3600e3, Date.now())))),
  };

  function mark() {
    for (const e of document.querySelectorAll('[data-replay="speed"]')) e.setAttribute("aria-pressed", String(Number(e.dataset.value) === speed));
    for (const e of document.querySelectorAll('[data-replay="play"]')) {
      e.setAttribute("aria-pressed", String(Boolean(playing)));
      const words = e.querySelector("span");
      if (words) words.textContent = playing ? "暂停" : "播放";
    }
  }

  document.addEventListener("click", (event) => {
    const way = event.target.closest && event.target.closest("[data-replay]");
    if (way) { way.blur(); return WAYS[way.dataset.replay](way.dataset.value); }
  });

  /* The bar: a press goes to its moment, a pull keeps going. */
  let pulled = false;
  function pull(event) {
    const track = event.target.closest ? event.target.closest(".time-track") : null;
    const bar = track || (pulled && document.querySelector(".time-track"));
    if (!bar) return;
    const box = bar.getBoundingClientRect(), share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    goTo(Date.parse(bar.dataset.end) - (1 - share) * DAY_MS);
  }
  document.addEventListener("pointerdown", (event) => { if (event.button === 0 && event.target.closest && event.target.closest(".time-track")) { pulled = isPast; pull(event); } });
  document.addEventListener("pointermove", (event) => { if (pulled) pull(event); });
  document.addEventListener("pointerup", () => { pulled = false; });

  const isFramed = window.top !== window;
  if (!isPast) return;

  /* Nothing acts and nothing sounds here, whatever else is loaded on the page. */
  document.documentElement.dataset.past = isFramed ? "framed" : "";
  if (window.OscillatorNode) OscillatorNode.prototype.start = function () {};
  const LEADS = "[data-replay], .map-keys, .map-whole, #replay-banner, .time-track, .leaflet-container";
  for (const kind of ["click", "dblclick", "submit"]) {
    window.addEventListener(kind, (event) => {
      if (event.target.closest && event.target.closest(LEADS)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    }, true);
  }
  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(Tab|F5|F11|F12|Enter|Shift)$/.test(event.key)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const button = [...document.querySelectorAll(LEADS.split(", ").map((each) => each + " [data-key], " + each + "[data-key]").join())].find((e) => e.dataset.key === key && e.id !== "grid-heat");
    event.stopImmediatePropagation();
    if (button) { event.preventDefault(); button.click(); }
  }, true);

  room.replay = { show, play, stop, at: () => at, isPlaying: () => Boolean(playing) };
  setInterval(() => { sayAll(); mark(); }, 250);
  if (at <= Date.now()) show(at);  // the page itself says what is wrong with another
})(window.room = window.room || {});
