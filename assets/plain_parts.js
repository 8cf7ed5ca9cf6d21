/* Plain parts of a page: what no callback changes and nobody's id names is drawn by panels.js, not by Dash.

   Dash's renderer asks every component of a page anew at each change of any: with the 1,500 of a grid's page it took seven seconds to
   stand. So Dash is given a long page's layout with plain parts left empty, and they are filled as soon as their places are there.
   What stands beside the map stays: the map is measured before that. */
(function (room) {
  "use strict";
  const MANY = 600, FEWEST = 6;    // components that make a page long, and a part worth taking out
  const MARK = "data-part";
  const parts = [];                // children of each place, by its mark

  /* Dash's layout without its plain parts, both as JSON; `dependencies` names the ids that callbacks fill. */
  function taken(layout, dependencies) {
    if (room.charts) return layout;                       // a scene that gives itself new parts (charts_scene.js)
    const whole = JSON.parse(layout), filled = new Set(JSON.parse(dependencies).flatMap(({ output }) => outputs(output)));
    if (numberOf(whole) < MANY) return layout;
    const bare = JSON.stringify(hollow(whole, filled));
    if (parts.length) new MutationObserver(fillNew).observe(document.getElementById("react-entry-point"), { childList: true, subtree: true });
    return bare;
  }

  /* "a.children" or "..a.children...b.value..": the ids whose children a callback makes. */
  const outputs = (told) => told.replace(/^\.\.|\.\.$/g, "").split("...").filter((each) => /\.children(@|$)/.test(each))
    .map((each) => each.slice(0, each.lastIndexOf(".")));

  function hollow(component, filled) {
    if (Array.isArray(component)) return component.map((each) => hollow(each, filled));
    if (component === null || typeof component !== "object" || !component.props) return component;
    const { id, children } = component.props;
    if (typeof id === "object" && id !== null || filled.has(id) || listOf(children).some(isMap)) return component;
    const count = component.namespace === "dash_html_components" ? counted(children) : NaN;
    if (count >= FEWEST) return { ...component, props: { ...component.props, children: null, [MARK]: String(parts.push(children) - 1) } };
    if (count < FEWEST || children === null || typeof children !== "object") return component;
    return { ...component, props: { ...component.props, children: hollow(children, filled) } };
  }

  const listOf = (children) => (Array.isArray(children) ? children : [children]);
  const isMap = (component) => component !== null && typeof component === "object" && component.namespace === "dash_leaflet";

  function numberOf(children) {
    if (Array.isArray(children)) return children.reduce((sum, each) => sum + numberOf(each), 0);
    return children !== null && typeof children === "object" && children.props ? 1 + numberOf(children.props.children) : 0;
  }

  /* How many components these are, NaN where one of them is not plain. */
  function counted(children) {
    if (Array.isArray(children)) return children.reduce((sum, each) => sum + counted(each), 0);
    if (children === null || typeof children !== "object") return 0;
    return isPlain(children) ? 1 + counted(children.props.children) : NaN;
  }

  const isPlain = ({ namespace, type, props }) => namespace === "dash_html_components" && type !== "Textarea"
    && Object.entries(props).every(([name, value]) => name === "children" || name === "style" || (name !== "id" && !name.startsWith("n_clicks")
      && (value === null || typeof value !== "object")));

  function fillNew(records) {
    for (const { addedNodes } of records) for (const node of addedNodes) {
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      if (node.hasAttribute(MARK)) fill(node);
      for (const place of node.querySelectorAll(`[${MARK}]`)) fill(place);
    }
  }

  function fill(place) {
    if (!place.firstChild) room.panels.draw(place, { children: parts[place.getAttribute(MARK)] });
  }

  room.plainParts = { taken };
})(window.room = window.room || {});
