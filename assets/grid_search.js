/* Enter, or a choice, in the field of dashboard/components/grid_search.py goes to the grid that is meant. */
(function () {
  "use strict";
  const code = (option) => option.split(" ").pop();

  /* Whole entry, code, name, letters; then what begins with the words, outermost first. */
  function meant(words, options) {
    const fits = [
      (o) => o === words, (o) => code(o) === words, (o) => o.split(" ").includes(words),
      (o) => o.split(" ").some((part) => part.startsWith(words)), (o) => o.includes(words),
    ];
    return fits.map((fit) => options.find(fit)).find(Boolean);
  }

  function go(place, isChosen) {
    const words = place.querySelector("input").value.trim(), options = [...place.querySelectorAll("option")].map((o) => o.value);
    const found = isChosen ? options.find((o) => o === words) : words && meant(words.toLowerCase(), options);
    if (found) location.assign("/grid/" + encodeURIComponent(code(found)) + "?weeks=" + place.dataset.gridSearch);
    else if (!isChosen) place.querySelector("input").select();
  }

  document.addEventListener("keydown", (event) => {
    const place = event.key === "Enter" && event.target.closest && event.target.closest("[data-grid-search]");
    if (place) go(place, false);
  });
  document.addEventListener("input", (event) => {
    const place = event.inputType === "insertReplacementText" && event.target.closest("[data-grid-search]");
    if (place) go(place, true);
  });
})();
