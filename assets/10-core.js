// What all scripts of the page share. Everything that people wrote (labels, file names, notes) goes
// into the page as text, never as HTML.
window.rosette = (function () {
  "use strict";

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name === "style") node.style.cssText = value;
      else node.setAttribute(name, value === true ? "" : String(value));
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return node;
  }

  function icon(name) {
    return el("span", { class: `icon icon-${name}`, "aria-hidden": "true" });
  }

  // -- addresses: the app's begin at "/", the browser's below the prefix of a proxy ----
  const prefix = document.documentElement.dataset.prefix;
  const at = (address) => prefix + address;
  const pathname = () =>
    location.pathname.startsWith(prefix) ? location.pathname.slice(prefix.length) || "/" : location.pathname;

  async function json(address, options) {
    const response = await fetch(at(address), options);
    if (response.status === 404 && address.startsWith("/api/")) throw new Error("newer");
    if (!response.ok) throw new Error(`The server answered ${response.status}.`);
    return response.json();
  }

  const run = () => document.getElementById("frame").dataset.run;
  const css = (token) =>
    getComputedStyle(document.documentElement).getPropertyValue(token).trim();
  const plural = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;

  // A label or file name wraps after what joins its words; in one line it loses its middle, since
  // names differ at their ends.
  function name(text) {
    const parts = String(text).split(/(?<=[_\-/])(?=[^_\-/])/);
    return el("span", { class: "nm" }, ...parts.flatMap((part, n) => (n ? [el("wbr"), part] : [part])));
  }
  const TAIL = 8; // characters of a name's end that are always shown
  function middle(text) {
    const whole = String(text);
    const signs = Array.from(whole); // whole characters, not halves of them
    if (signs.length < 22) return el("span", { class: "mid" }, el("span", {}, whole));
    return el("span", { class: "mid", title: whole },
      el("span", {}, signs.slice(0, -TAIL).join("")), el("span", {}, signs.slice(-TAIL).join("")));
  }

  // Words for people who do not see the page.
  function say(words) {
    const place = document.getElementById("said");
    if (place) place.textContent = words;
  }

  // -- the state of a page lives in its address; all of these take the browser's --------
  function go(href) {
    const url = new URL(href, location.href);
    const elsewhere = url.pathname !== location.pathname;
    remember();
    history.pushState(null, "", url);
    arrived();
    if (elsewhere) scrollTo(0, 0);
  }

  // Tells the server's callbacks where the browser is.
  const here = () => ({ pathname: pathname(), search: location.search });
  function arrived() {
    window.dash_clientside.set_props("url", { data: here() });
    dispatchEvent(new Event("rosette-arrived"));
  }

  // A change that redraws nothing: only the address should know.
  function note(changes) {
    const url = changed(changes);
    history.replaceState(history.state, "", url);
  }

  function changed(changes) {
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    return url;
  }

  // Where each page was scrolled to, for the browser's own back button.
  const places = new Map();
  function remember() {
    places.set(location.pathname + location.search, scrollY);
  }
  addEventListener("popstate", () => {
    arrived();
    const wanted = places.get(location.pathname + location.search);
    if (wanted === undefined) return;
    let tries = 0;
    (function settle() {
      scrollTo(0, wanted);
      if (Math.abs(scrollY - wanted) > 2 && tries++ < 60) requestAnimationFrame(settle);
    })();
  });
  addEventListener("scroll", remember, { passive: true });

  document.addEventListener("click", (event) => {
    const place = event.target.closest("[data-go]");
    if (place) return go(place.dataset.go);
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.target) return;
    const href = link.getAttribute("href");
    if (!href.startsWith(at("/")) || link.hasAttribute("download")) return;
    event.preventDefault();
    if (new URL(href, location.href).href !== location.href) go(href);
  });

  // -- what appears and goes: pages are drawn by the server's callbacks ----------------
  const watchers = [];
  // start(node) when an element that fits appears; what it returns is called when that is gone.
  function whenThere(selector, start) {
    watchers.push({ selector, start, node: null, key: null, stop: null });
    look();
  }

  function look() {
    for (const w of watchers) {
      const node = document.querySelector(w.selector);
      const key = node && (node.dataset.key || "") + "|" + (node.dataset.place || "");
      if (node === w.node && key === w.key) continue;
      if (w.stop) w.stop();
      w.node = node;
      w.key = key;
      w.stop = node ? w.start(node) || null : null;
    }
  }
  new MutationObserver(look).observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["data-place", "data-key"],
  });

  return {
    el, icon, at, pathname, json, run, css, plural, say, go, here, note, changed, whenThere, name, middle,
  };
})();
