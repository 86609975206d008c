// Single suspects in bulk: each image has its own suggestion; ticks are what is decided. Nothing is
// written before "Accept", so there is one undo for all of it.
(function (R) {
  "use strict";
  const { el, icon, run, plural, middle } = R;
  const TALL = 44; // px of the words below an image
  const [GAP, LINES] = [10, 16]; // px between images, and between rows of them
  const SMALLEST = 124; // px of an image
  const BEYOND = 2; // rows drawn above and below what is seen

  R.whenThere("#strays-page", (page) => {
    const given = JSON.parse(page.dataset.items);
    if (!given.rows.length) return null;
    const listen = new AbortController();
    const { signal } = listen;
    const host = page.querySelector("#strays-gallery");
    const accept = page.querySelector("#accept");
    // set: what was set by hand: "yes", "no", "keep", "remove" or "unsure"; null follows the slider
    let items = given.rows.map((row, n) => ({ row, file: given.files[n], label: given.labels[n], to: given.to[n], sure: given.sure[n], set: null }));
    let whole = items; // those that wait, in their own order; items: those in sight
    const byRow = new Map(items.map((one) => [one.row, one]));
    const history = []; // of what was set, for Z
    let from = given.tick_from;
    let at = 0;
    const tiles = new Map();

    const on = (one) => Boolean(one.to) && (one.set === "yes" || (one.set === null && one.sure >= from));
    const answered = () => items.filter((one) => on(one) || ["keep", "remove", "unsure"].includes(one.set));
    const ticked = () => items.filter(on);

    // -- the gallery ---------------------------------------------------------------------------------
    host.setAttribute("role", "group");
    host.setAttribute("aria-label", "Suspects");
    const inner = el("div", {});
    host.replaceChildren(inner);
    const framed = () => getComputedStyle(host).overflowY === "auto";

    function measure() {
      const narrow = innerWidth < 768;
      const least = narrow ? 3 / R.tileScale() : 1; // of a phone three in a line
      const columns = Math.max(1, Math.round(least), Math.floor((host.clientWidth - 10 + GAP) / (SMALLEST * R.tileScale() + GAP)));
      const side = (host.clientWidth - 10 - GAP * (columns - 1)) / columns;
      return { columns, side, step: side + TALL + LINES };
    }
    let m = measure();

    function draw() {
      if (!host.isConnected || !items.length) return;
      m = measure();
      inner.style.height = `${Math.ceil(items.length / m.columns) * m.step}px`;
      const box = host.getBoundingClientRect();
      const top = inner.getBoundingClientRect().top;
      const [low, high] = framed() ? [box.top, box.bottom] : [0, innerHeight];
      const first = Math.max(0, Math.floor((low - top) / m.step) - BEYOND) * m.columns;
      const last = Math.min(items.length, (Math.ceil((high - top) / m.step) + BEYOND) * m.columns);
      for (const [n, node] of tiles) if ((n < first || n >= last) && n !== at) node.remove(), tiles.delete(n);
      for (let n = first; n < last; n++) place(n);
      place(at);
    }
    let waiting = 0;
    const later = () => (waiting = waiting || requestAnimationFrame(() => ((waiting = 0), draw())));

    function place(n) {
      let node = tiles.get(n);
      if (!node) tiles.set(n, (node = tile(n))), inner.append(node);
      node.style.cssText = `left:${5 + (n % m.columns) * (m.side + GAP)}px;top:${5 + Math.floor(n / m.columns) * m.step}px;width:${m.side}px`;
    }

    function tile(n) {
      const one = items[n];
      const checked = on(one);
      const words = one.set === "keep" ? [el("span", { class: "to" }, middle(one.label)), el("span", {}, "is right")]
        : one.set === "remove" ? [el("s", {}, middle(one.label)), el("span", { class: "to" }, "left out")]
        : one.set === "unsure" ? [el("span", {}, middle(one.label)), el("span", { class: "to" }, "not sure")]
        : one.to ? [el("s", {}, middle(one.label)), el("span", { class: "to" }, "→\u00a0", middle(one.to))]
        : [el("span", {}, middle(one.label)), el("span", { class: "to" }, "no label fits")];
      const look = { keep: "right", remove: "gone", unsure: "unsure off" }[one.set] || (checked ? (one.set === "yes" ? "mine" : "") : "off");
      return el("div", { class: `sx ${look}`, "data-n": n },
        el("button", {
          class: `t ${n === at ? "cursor" : ""} ${one.set === "remove" ? "gone" : ""}`, role: "checkbox", "aria-checked": String(checked), tabindex: n === at ? "0" : "-1",
          "aria-label": `${one.file}, labelled ${one.label}${one.to ? `, looks like ${one.to}` : ""}`,
        }, el("img", { src: R.at(`/img/${run()}/${one.row}`), alt: "", width: 112, height: 112, draggable: "false" }), el("span", { class: "ck" }, icon("check"))),
        el("div", { class: "cp" }, words));
    }

    function renew(n) {
      const old = tiles.get(n);
      if (!old) return;
      const had = old.contains(document.activeElement);
      const node = tile(n);
      old.replaceWith(node);
      tiles.set(n, node);
      place(n);
      if (had) node.firstChild.focus({ preventScroll: true });
    }
    const renewAll = () => [...tiles.keys()].forEach(renew);

    // -- the slider and the button -------------------------------------------------------------------
    const bars = page.querySelector(".sure .h");
    const slider = el("input", { type: "range", min: "0.5", max: "1", step: "0.01", value: String(from), "aria-label": "Tick images from this sureness up" });
    page.querySelector(".sure").append(slider);
    slider.addEventListener("input", () => {
      from = Number(slider.value);
      renewAll();
      tell();
    }, { signal });

    function tell() {
      const n = ticked().length;
      const set = items.filter((one) => one.set).length;
      const all = answered().length;
      slider.style.setProperty("--p", `${(from - 0.5) * 200}%`);
      page.querySelector("#ticked").replaceChildren(
        el("b", { class: "num" }, `${n.toLocaleString("en")} of ${items.length.toLocaleString("en")} ticked`), `, from ${from.toFixed(2)} up`, el("br"),
        el("span", { class: "hand" }, set ? `${plural(set, "image")} set by hand ${set === 1 ? "stays as you left it" : "stay as you left them"}` : "Ticks are what is decided. Click a tick to change it."));
      const counts = Array(bars.childElementCount).fill(0);
      for (const one of items) counts[Math.max(0, Math.min(counts.length - 1, Math.floor(((one.sure - 0.5) / 0.5) * counts.length)))] += 1;
      const most = Math.max(1, ...counts);
      [...bars.children].forEach((bar, n) => {
        bar.className = 0.5 + (n + 0.5) / (2 * counts.length) >= from ? "on" : "";
        bar.style.height = counts[n] ? `${14 + 86 * Math.sqrt(counts[n] / most)}%` : "0";
      });
      if (!accept) return;
      page.querySelector("#accept-words").textContent = all === n ? `Accept ${plural(n, "suggestion")}` : `Save ${plural(all, "answer")}`;
      accept.disabled = !all;
    }

    // -- moving and answering ------------------------------------------------------------------------
    const panel = R.itemPanel(page.querySelector("#item-panel"), {
      rows: () => items.map((one) => one.row),
      neighbour: (one) => panel.open(one.row),
      about: (row) => (byRow.has(row) ? { suggestion: byRow.get(row).to || null } : {}),
      decide: (row, answer, label) => (byRow.has(row) ? set(byRow.get(row), answer, label) : R.decide({ rows: [row], ...(label ? { action: "relabel", to_label: label } : { action: answer }) })),
      opened: (row) => cursor(items.findIndex((one) => one.row === row), false),
      closed: later,
    });

    function cursor(n, focus = true) {
      if (n < 0 || n >= items.length) return;
      const before = at;
      at = n;
      renew(before);
      draw();
      renew(at);
      const node = tiles.get(at);
      node.scrollIntoView({ block: "nearest" });
      if (focus) node.firstChild.focus({ preventScroll: true });
    }

    function set(one, answer, label) {
      history.push([one, one.set, one.to]);
      if (label) one.to = label;
      one.set = answer;
      renew(items.indexOf(one));
      tell();
    }

    function toggle(n) {
      const one = items[n];
      if (one.to) set(one, on(one) ? "no" : "yes");
    }

    function back() {
      const [one, before, to] = history.pop();
      Object.assign(one, { set: before, to });
      renew(items.indexOf(one));
      tell();
      if (panel.isOpen) panel.open(one.row, false);
      else cursor(items.indexOf(one));
    }

    async function save() {
      await panel.settled();
      const chosen = answered();
      if (!chosen.length) return;
      const groups = new Map();
      for (const one of chosen) {
        const key = on(one) ? `relabel ${one.to}` : one.set;
        if (!groups.has(key)) groups.set(key, { rows: [], ...(on(one) ? { action: "relabel", to_label: one.to } : { action: one.set }) });
        groups.get(key).rows.push(one.row);
      }
      const before = whole;
      const rest = whole.filter((one) => !chosen.includes(one));
      const wasOpen = panel.isOpen;
      show(rest);
      if (wasOpen && items.length) panel.open(items[Math.min(at, items.length - 1)].row, false);
      else if (wasOpen) panel.close();
      const answer = await R.decide({ each: [...groups.values()] }, `${plural(chosen.length, "image")} decided`);
      if (!answer) show(before); // nothing is lost where it was refused
    }

    // Undone, here or by others: they come back.
    function show(some) {
      whole = some;
      history.length = 0;
      const said = whole.length ? `${plural(whole.length, "image")} ${whole.length === 1 ? "looks" : "look"} like another label` : "All of them are decided";
      page.querySelector("#strays-left").textContent = said;
      arranged.apply();
    }
    const arranged = R.arrange(page.querySelector("#arrange"), {
      rows: () => whole.map((one) => one.row), own: "most sure", shown: (rows) => inSight(rows.map((row) => byRow.get(row))),
    });
    // In another order, or fewer: what is out of sight is not decided on.
    function inSight(some) {
      items = some;
      at = Math.max(0, Math.min(at, items.length - 1));
      tiles.clear();
      inner.replaceChildren();
      inner.style.height = "";
      if (items.length) draw();
      else if (whole.length) inner.append(el("p", { class: "faint" }, "None of them is in sight. Show all to go on."));
      else inner.replaceChildren(el("div", { class: "empty" }, icon("review"), el("h2", {}, "Nothing left here"), el("a", { class: "btn primary", href: R.at("/queue") }, "Next in the queue")));
      tell();
    }
    R.onDecided(() => {
      const rest = [...byRow.values()].filter((one) => !R.decided.has(one.row));
      if (rest.length === whole.length && rest.every((one, n) => one === whole[n])) return;
      show(rest);
    }, { signal });

    host.addEventListener("click", (event) => {
      const node = event.target.closest(".sx");
      if (!node) return;
      const n = Number(node.dataset.n);
      cursor(n);
      if (event.target.closest(".ck")) toggle(n);
      else panel.open(items[n].row, false);
    }, { signal });
    if (accept) accept.addEventListener("click", save, { signal });
    host.addEventListener("scroll", later, { passive: true, signal });
    addEventListener("scroll", later, { passive: true, signal });
    document.addEventListener("rosette-tiles", () => inSight(items), { signal });
    const sizes = new ResizeObserver(later);
    sizes.observe(host);
    R.chosen = () => ticked().map((one) => one.row);
    draw();
    tell();
    const asked = new URL(location.href).searchParams;
    if (asked.has("item") && byRow.has(Number(asked.get("item")))) panel.open(Number(asked.get("item")), false);
    else if (innerWidth >= 1100) panel.open(items[0].row, false);

    R.keys.page = {
      escape: () => panel.isOpen && (panel.close(), cursor(at), true),
      press(key, event) {
        const steps = { j: 1, k: -1, ArrowRight: 1, ArrowLeft: -1, ArrowDown: m.columns, ArrowUp: -m.columns };
        if (!items.length) return R.decideKey(key, event);
        if (key === "z" && !event.shiftKey && history.length) back();
        else if (key === "y" && event.shiftKey) save();
        else if (key in steps) {
          const next = Math.max(0, Math.min(items.length - 1, at + steps[key]));
          if (panel.isOpen) panel.open(items[next].row, false);
          cursor(next);
        } else if (key === " ") toggle(at);
        else if (panel.isOpen) return panel.press(key, event);
        else if (key === "Enter" || key === "f") panel.open(items[at].row, false);
        else if (R.decides() && "ynxu".includes(key)) {
          set(items[at], { y: items[at].to ? "yes" : null, n: "keep", x: "remove", u: "unsure" }[key]);
          cursor(Math.min(items.length - 1, at + 1));
        } else if (key === "r" && R.decides())
          R.pick(tiles.get(at), { suggestion: items[at].to, today: items[at].label, take: (label) => (set(items[at], "yes", label), cursor(Math.min(items.length - 1, at + 1))) });
        else return R.decideKey(key, event);
        return true;
      },
    };
    return () => {
      listen.abort();
      sizes.disconnect();
      R.keys.page = null;
    };
  });
})(window.rosette);
