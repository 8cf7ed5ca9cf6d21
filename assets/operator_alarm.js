/* What calls out is sounded here, once on this screen: red three tones, orange one, risen and flood their own.

   Which calls there are, and that they are at most ten in ten minutes, the server says (cases/alarms.py). */
(function (room) {
  "use strict";
  const FRESH_MS = 30000;          // a screen that opens later does not sound what others heard long ago
  const SOUNDS = { red: [3, 990], orange: [1, 770], yellow: [1, 700], blue: [1, 600], rose: [3, 1180], flood: [5, 880] };
  const sounded = new Set();

  function hear(call) {
    if (sounded.has(call.id)) return;
    sounded.add(call.id);
    if (room.clock.now() - Date.parse(call.at) > FRESH_MS) return;
    const [count, pitch] = SOUNDS[call.why === "came" ? call.level : call.why];
    room.play(count, pitch);
  }

  room.live.on("panel", (message) => {
    if (message.id !== "alarm-call") return;
    const calls = JSON.parse(message.props["data-calls"] || "[]"), known = new Set(calls.map((call) => call.id));
    for (const id of sounded) if (!known.has(id)) sounded.delete(id);
    calls.forEach(hear);
    const kind = message.props.className.replace("alarm-call ", "");
    document.documentElement.dataset.alarm = kind;
  });
})(window.room = window.room || {});
