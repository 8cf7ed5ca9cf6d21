/* Heat over the grids: one picture from the server, by count, by what is late, by repeats, or against the time before. */
(function (room) {
  "use strict";
  const m = room.map;
  const EVERY_MS = 30000;
  const WORDS = { count: "上报", overdue: "超时", repeat: "同处重复", change: "增减" };
  const choice = { of: "count", metres: 150, days: 30 };
  let told = null;

  const query = () => "of=" + choice.of + "&metres=" + choice.metres + "&days=" + choice.days;
  const address = () => "/map/heat.png?" + query() + "&v=" + Math.floor(Date.now() / EVERY_MS);

  /* The server says where its picture lies and what its brightest means; both of one reading. */
  async function learn() {
    const answer = await fetch("/map/heat.json?" + query());
    if (!answer.ok || !m.state.heat) return;
    const read = await answer.json();
    if (!m.state.heat) return;                           // put away meanwhile
    told = read;
    m.state.heat.setBounds(told.bounds);
    m.drawLegend();
  }

  function show() {
    m.state.heat = L.imageOverlay(address(), m.state.config.bounds, { pane: "heat", opacity: 0.85, alt: "热力" });
    const overlay = m.state.heat;
    learn().then(() => { if (m.state.heat === overlay) overlay.addTo(m.state.map); });
  }

  function toggleHeat() {
    if (m.state.heat) { m.state.heat.remove(); m.state.heat = null; }
    else show();
    m.mark();
    m.recolour();
  }

  /* What is shown now, null where nothing is; and showing it again. */
  const heatShown = () => (m.state.heat ? { ...choice } : null);
  function showHeat(chosen) {
    for (const name of Object.keys(choice)) {
      const select = document.querySelector('[data-heat="' + name + '"]');
      if (select) select.value = chosen[name];
      if (!select || select.value === String(chosen[name])) choice[name] = chosen[name];   // a choice that is no longer offered stays as it is
      else select.value = choice[name];
    }
    if (m.state.heat) renew();
    else toggleHeat();
  }

  function renew() {
    if (!m.state.heat) return;
    m.state.heat.setUrl(address());
    learn();
  }

  /* Heat and choropleth share the blues: while one is shown the other rests. */
  function heatLegend() {
    const [from, to] = choice.of === "change" ? ["少于前期", "多于前期"] : ["0", ""];
    const title = "<b>热力 · " + WORDS[choice.of] + "</b><small>近 " + choice.days + " 天" + (choice.of === "change" ? "比前 " + choice.days + " 天" : "") + " · 带宽 " + choice.metres + " 米</small>";
    if (!told) return title;
    const ramp = '<i class="ramp" style="background:linear-gradient(90deg,' + told.scale.join(",") + ')"></i>';
    const peak = told.peak_per_km2.toFixed(told.peak_per_km2 < 10 ? 1 : 0) + " 件／平方公里";
    const ends = choice.of === "change" ? "<span>" + from + " −" + peak + ramp + to + " +" + peak + "</span>" : "<span>" + from + ramp + "最密 " + peak + "</span>";
    return title + ends + "<small>" + told.count + " 件" + (choice.of === "change" ? "，前期 " + told.count_before + " 件" : "") + "</small>";
  }

  document.addEventListener("change", (event) => {
    const e = event.target.closest && event.target.closest("[data-heat]");
    if (!e) return;
    choice[e.dataset.heat] = e.dataset.heat === "of" ? e.value : Number(e.value);
    told = null;
    renew();
    m.drawLegend();
  });

  setInterval(renew, EVERY_MS);
  Object.assign(m, { toggleHeat, heatLegend, heatShown, showHeat });
})(window.room = window.room || {});
