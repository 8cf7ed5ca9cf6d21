/* Sound: one tone for a new report, those of assets/operator_alarm.js for alarms; where the browser blocks it, a button says so. */
(function (room) {
  "use strict";
  let context = null, played = 0;

  function tone(at, pitch) {
    const sound = context.createOscillator(), volume = context.createGain();
    sound.frequency.value = pitch;
    volume.gain.setValueAtTime(0.2, context.currentTime + at);
    volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + at + 0.25);
    sound.connect(volume).connect(context.destination);
    sound.start(context.currentTime + at);
    sound.stop(context.currentTime + at + 0.3);
  }

  function play(count, pitch) {
    if (!context || context.state !== "running") return mark();
    for (let i = 0; i < count; i++) tone(i * 0.35, pitch);
    played++;
  }

  function mark() {
    const ready = Boolean(context) && context.state === "running";
    for (const e of document.querySelectorAll("[data-sound]")) {
      e.dataset.sound = ready ? "ready" : "blocked";
      const words = ready ? "试音" : "声音被浏览器拦住 · 点此开启";
      if (e.textContent !== words) e.textContent = words;
    }
  }

  async function test() {
    context = context || new AudioContext();
    await context.resume();
    mark();
    play(1, 880);
  }

  document.addEventListener("click", (event) => { if (event.target.closest("[data-sound]")) test(); });
  document.addEventListener("keydown", () => { if (context && context.state !== "running") context.resume().then(mark); });
  setInterval(mark, 1000);         // the button is drawn after us, and a browser may block again
  room.play = play;
  if (!/^\/(duty|wall)?$/.test(location.pathname)) return;
  try { context = new AudioContext(); } catch (none) { context = null; }

  if (location.pathname === "/duty") room.live.on("hint", (hint) => { if (hint.version === 1) play(1, 660); });
  room.sound = () => ({ played, state: context ? context.state : "none" });
})(window.room = window.room || {});
