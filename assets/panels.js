/* Panels are made in Python as Dash component JSON; this draws that JSON into the page, changing only what changed.

   Why not dash_clientside.set_props: one new case changes nine panels, and the renderer took over a second of script to
   take them in (docs/decisions). The renderer keeps what people act on: stores, the case pane, the map's layers. */
(function (room) {
  "use strict";
  const NAMES = { className: "class", htmlFor: "for", tabIndex: "tabindex" };
  const SAYS_FALSE = /^(aria|data)-|^(draggable|contentEditable|spellCheck)$/;   // elsewhere an attribute that is there means yes

  /* Draw a panel's props into its root; the root's own children are ours from the first time on. */
  function draw(root, props) {
    dress(root, props, root.panelProps);
    root.panelProps = props;
    fill(root, props.children);
  }

  function listOf(children) {
    if (children === null || children === undefined) return [];
    return (Array.isArray(children) ? children : [children]).filter((child) => child !== null && child !== "");
  }

  const keyOf = (wanted) => (typeof wanted === "object" && wanted.props.id) || "";

  function fill(parent, children) {
    const keyed = new Map();
    for (const child of parent.children) if (child.id) keyed.set(child.id, child);
    let at = parent.firstChild;
    for (const wanted of listOf(children)) {
      const node = fitting(wanted, at, keyed) || made(wanted);
      if (node === at) at = at.nextSibling;
      else parent.insertBefore(node, at);
      if (typeof wanted === "object") take(node, wanted.props);
      else say(node, String(wanted));
    }
    while (at) { const next = at.nextSibling; at.remove(); at = next; }
  }

  /* The node that stands here already, or the one with the same id somewhere among its siblings. */
  function fitting(wanted, at, keyed) {
    if (typeof wanted !== "object") return at && at.nodeType === Node.TEXT_NODE ? at : null;
    const key = keyOf(wanted), tag = wanted.type.toUpperCase();
    if (key) return keyed.get(key) || null;
    return at && at.nodeType === Node.ELEMENT_NODE && at.tagName === tag && !at.id ? at : null;
  }

  function made(wanted) {
    return typeof wanted === "object" ? document.createElement(wanted.type.toLowerCase()) : document.createTextNode("");
  }

  /* A text that runs on the page (a counting time) is left alone until Python says something new. */
  function say(node, text) {
    if (node.told === text) return;
    node.told = text;
    node.nodeValue = text;
  }

  /* Python sends null for "none declared": what the page itself puts there (a time, a canvas) stays. */
  const hasChildren = (props) => props.children !== null && props.children !== undefined;

  function take(node, props) {
    dress(node, props, node.panelProps);
    const had = node.panelProps && hasChildren(node.panelProps);
    node.panelProps = props;
    if (had || hasChildren(props)) fill(node, props.children);
  }

  function dress(node, props, before) {
    for (const [name, value] of Object.entries(props)) {
      if (name === "children" || (before && before[name] === value)) continue;
      if (name === "style") Object.assign(node.style, value);
      else if (value === null || value === undefined || (value === false && !SAYS_FALSE.test(name))) node.removeAttribute(NAMES[name] || name);
      else if (node.getAttribute(NAMES[name] || name) !== String(value)) node.setAttribute(NAMES[name] || name, value);
    }
    for (const name of Object.keys(before || {})) {
      if (name !== "children" && name !== "style" && !(name in props)) node.removeAttribute(NAMES[name] || name);
    }
  }

  room.panels = { draw };
})(window.room = window.room || {});
