/* The room's clock: server time, and every time that counts up on the screen. */
(function (room) {
  "use strict";
  const UNITS = [[86400, "天"], [3600, "小时"], [60, "分"]];
  let offset = 0, held = 0;        // a page of the past holds the clock at its moment

  /* A length of time as people say it; under ten minutes with its seconds, so that it is seen to run. */
  function spanWords(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    if (whole < 60) return whole + " 秒";
    if (whole < 600) return Math.floor(whole / 60) + " 分 " + (whole % 60) + " 秒";
    for (const [size, unit] of UNITS) if (whole >= size) return Math.floor(whole / size) + " " + unit;
    return whole + " 秒";
  }

  const hours = new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai", hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
  const days = new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai", month: "long", day: "numeric", weekday: "short",
  });

  function clockWords(ms) { return hours.format(new Date(ms)); }
  function now() { return held || Date.now() + offset; }
  function hold(ms) { held = ms; }

  /* Each beat names the server's time; the smallest lag seen is the best estimate, so only large errors move it. */
  function learn(serverMs) {
    const seen = serverMs - Date.now();
    if (Math.abs(seen - offset) > 400) offset = seen;
  }

  /* Write text without disturbing the nodes that React keeps: change the text node, never replace it. */
  function write(element, text) {
    const node = element.firstChild;
    if (!node) element.appendChild(document.createTextNode(text));
    else if (node.nodeValue !== text) node.nodeValue = text;
  }

  function tick() {
    const at = now();
    for (const e of document.querySelectorAll("[data-since]")) {
      write(e, spanWords((at - Date.parse(e.dataset.since)) / 1000));
    }
    for (const e of document.querySelectorAll("[data-clock]")) {
      write(e, e.dataset.clock === "day" ? days.format(new Date(at)) : clockWords(at));
    }
  }

  setInterval(tick, 1000);
  room.clock = { now, hold, learn, tick, write, spanWords, clockWords };
})(window.room = window.room || {});
