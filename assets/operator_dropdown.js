/* Dash's dropdown takes the keyboard's focus in an input that it hides from readers' aids (4.4): its button takes it instead. */
(function () {
  "use strict";
  function handOver(root) {
    for (const target of root.querySelectorAll(".dash-dropdown-focus-target[tabindex='0']")) {
      const button = target.parentElement.querySelector("button.dash-dropdown");
      if (!button) continue;
      target.tabIndex = -1;
      button.tabIndex = 0;
    }
  }
  new MutationObserver(() => handOver(document)).observe(document.documentElement, { childList: true, subtree: true });
})();
