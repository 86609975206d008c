// One cell of the matrix, opened beside it: both directions, ticks, and what can be done with them.
(function (R) {
  "use strict";
  const { el, icon, json, run, plural, middle } = R;
  let pair = null; // {given, looks, told, ticks: {there, back}, way}
  const place = () => document.getElementById("confusion-cell");
  const list = () => document.querySelector("#confusion-page .pairs");

  R.openPair = async function (given, looks, matrix) {
    const mine = (pair = { given, looks, by: matrix.by, next: matrix.next, way: "there" });
    R.note({ cell: JSON.stringify([given, looks]) });
    if (R.markPair) R.markPair(given, looks);
    try {
      const told = await json(`/api/${run()}/pair?${new URLSearchParams({ given, looks, by: matrix.by })}`);
      if (mine !== pair || !place()) return;
      for (const [row, text] of Object.entries(told.decided)) R.decided.set(Number(row), text);
      pair.told = told;
      pair.ticks = {};
      for (const way of ["there", "back"]) {
        pair.ticks[way] = new R.Selection();
        pair.ticks[way].rows = new Set(told[way].filter((row) => !R.decided.has(row)));
        pair.ticks[way].addEventListener("change", acts);
      }
      if (!pair.ticks.there.size && pair.ticks.back.size) pair.way = "back";
      draw();
    } catch (error) {
      R.failed(error, () => R.openPair(given, looks, matrix));
    }
  };

  function close() {
    pair = null;
    stop();
    R.note({ cell: null });
    place().hidden = true;
    list().hidden = false;
    if (R.markPair) R.markPair(null, null);
    document.getElementById("confusion-box").focus({ preventScroll: true });
  }

  let gallery = null;
  function stop() {
    if (gallery) gallery.stop();
    gallery = null;
  }

  const names = () => (pair.way === "there" ? [pair.given, pair.looks] : [pair.looks, pair.given]);
  const rows = (way) => pair.told[way].filter((row) => !R.decided.has(row));
  const ticked = (way) => rows(way).filter((row) => pair.ticks[way].has(row));

  function draw() {
    stop();
    const [from, to] = names();
    const line = [...document.querySelectorAll(".pairline")].find((one) => one.dataset.given === from && one.dataset.looks === to);
    const tab = (way, a, b) =>
      el("button", { "aria-pressed": String(pair.way === way), onclick: () => ((pair.way = way), draw()) }, `${a} → ${b} `, el("span", { class: "faint num" }, rows(way).length.toLocaleString("en")));
    const host = el("div", { id: "pair-gallery" });
    const tools = el("div", { class: "row wrap arrange-tools" });
    const today = pair.told.today[to].map((row) => el("span", { class: "t" }, el("img", { src: R.at(`/img/${run()}/${row}`), alt: "", width: 54, height: 54 })));
    place().replaceChildren(
      el("div", { class: "top" },
        el("button", { class: "back", onclick: close }, icon("back"), "All pairs"),
        el("h2", { tabindex: "-1" }, `${rows(pair.way).length} `, R.name(from), " look like ", R.name(to)),
        el("div", { class: "seg dir", role: "group", "aria-label": "Direction" }, tab("there", pair.given, pair.looks), tab("back", pair.looks, pair.given)),
        line ? el("p", { class: "evidence sm" }, line.dataset.why) : null),
      tools, el("div", { class: "gal" }, host),
      el("div", { class: "cmp" }, el("h4", {}, R.name(to), " today, to compare"), el("div", { class: "strip" }, today)),
      el("div", { class: "act", id: "pair-acts" }));
    place().hidden = false;
    list().hidden = true;
    gallery = new R.Gallery(host, {
      rows: rows(pair.way), label: `${from}, look like ${to}`, selection: pair.ticks[pair.way], ticks: true, scroller: innerWidth >= 1100 ? place().parentElement : null,
      open: (row) => R.full({ row, rows: () => gallery.rows, item: (asked) => json(`/api/${run()}/item/${asked}`) }),
    });
    R.arrange(tools, {
      rows: () => rows(pair.way), selection: pair.ticks[pair.way], own: "least typical first",
      shown: (some) => gallery.show(some),
    });
    acts();
  }

  function acts() {
    const foot = document.getElementById("pair-acts");
    if (!foot || !pair) return;
    if (!R.decides()) return foot.remove();
    const [from, to] = names();
    const [n, there, back] = [ticked(pair.way).length, ticked("there").length, ticked("back").length];
    const { smaller } = pair.told;
    const larger = smaller === pair.given ? pair.looks : pair.given;
    foot.replaceChildren(
      el("button", { class: "btn primary lg", disabled: !n, onclick: relabel }, el("span", {}, `Relabel ${n} to `, middle(to)), el("kbd", {}, "Y")),
      el("div", { class: "two" },
        el("button", { class: "btn", disabled: !(there && back), onclick: swap }, el("span", {}, `Swap: ${there} and ${back}`)),
        el("button", { class: "btn", title: `All ${plural(pair.told.sizes[smaller], "image")} of ${smaller} become ${larger}`, onclick: () => merge(larger) }, el("span", {}, "One kind: merge"))),
      el("div", { class: "quiet" },
        el("button", { class: "btn ghost sm", disabled: !n, onclick: () => answer("keep") }, "Labels are right", el("kbd", {}, "N")),
        el("button", { class: "btn ghost sm", disabled: !n, onclick: () => answer("unsure") }, "Not sure", el("kbd", {}, "U")),
        el("a", { class: "btn ghost sm end", href: R.at(`/images?${new URLSearchParams({ given: from, [pair.next]: to })}`) }, "Open", el("kbd", {}, "↵"))));
  }

  // -- what the buttons write ------------------------------------------------------------------------
  const group = (way, to) => ({ rows: ticked(way), action: "relabel", to_label: to });
  function relabel() {
    const [from, to] = names();
    R.remember(to);
    write({ rows: ticked(pair.way), action: "relabel", to_label: to, label: from });
  }
  const swap = () => write({ each: [group("there", pair.looks), group("back", pair.given)] }, "Swapped");
  const merge = (larger) => write({ rows: pair.told.smaller_rows, action: "relabel", to_label: larger });
  const answer = (action) => write({ rows: ticked(pair.way), action });

  // The next cell opens by itself; what is decided leaves the matrix.
  function write(content, words) {
    if ((content.each || [content]).every((one) => !one.rows.length)) return;
    const here = pair;
    R.decide(content, words);
    if (rows("there").length + rows("back").length) return draw();
    const lines = [...document.querySelectorAll(".pairline")];
    const at = lines.findIndex((one) => [one.dataset.given, one.dataset.looks].join() === [here.given, here.looks].join());
    const next = lines.slice(at + 1).find((one) => [one.dataset.given, one.dataset.looks].join() !== [here.looks, here.given].join());
    if (next) R.openPair(next.dataset.given, next.dataset.looks, here);
    else close();
  }

  // After the page was drawn anew: what the address says was open.
  R.pairShown = function (matrix) {
    const asked = new URL(location.href).searchParams.get("cell");
    let cell = null;
    try {
      cell = asked && JSON.parse(asked);
    } catch (error) {
      return; // not one of ours
    }
    if (!Array.isArray(cell) || cell.length !== 2) return;
    if (pair && pair.told && pair.given === cell[0] && pair.looks === cell[1]) {
      draw();
      if (R.markPair) R.markPair(...cell);
    } else R.openPair(String(cell[0]), String(cell[1]), matrix);
  };

  R.whenThere("#confusion-page", (page) => {
    const listen = new AbortController();
    const { signal } = listen;
    page.addEventListener("click", (event) => {
      const line = event.target.closest(".pairline");
      const box = document.getElementById("confusion-box");
      if (!line || !box || event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      R.openPair(line.dataset.given, line.dataset.looks, JSON.parse(box.dataset.cells));
    }, { signal });
    R.onDecided(() => pair && pair.told && place() && !place().hidden && draw(), { signal });
    R.keys.page = {
      escape: () => Boolean(pair) && (close(), true),
      press(key, event) {
        if (key === "z" && R.decides()) return event.shiftKey ? R.redo() : R.undo(), true;
        if (!pair || !pair.told) return false;
        const lines = [...document.querySelectorAll(".pairline")];
        const at = lines.findIndex((one) => one.dataset.given === pair.given && one.dataset.looks === pair.looks);
        const to = lines[at + { j: 1, k: -1 }[key]];
        if (to) R.openPair(to.dataset.given, to.dataset.looks, pair);
        else if (!R.decides()) return false;
        else if (key === "y") relabel();
        else if (key === "n") answer("keep");
        else if (key === "u") answer("unsure");
        else return false;
        return true;
      },
    };
    return () => {
      listen.abort();
      stop();
      pair = null;
      R.keys.page = null;
    };
  });
})(window.rosette);
