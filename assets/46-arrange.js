// How every gallery is sorted, filtered and sized, and all of it ticked: one row of tools, the same
// on each page. What is out of sight is never decided on.
(function (R) {
  "use strict";
  const { el, run, plural } = R;

  // -- the size of tiles, of all galleries at once ---------------------------------------------------
  const SCALES = { small: 0.66, medium: 1, large: 1.6 }; // times the size that a gallery has by itself
  const KEPT = "rosette-tiles";
  let size = "medium";
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept in SCALES) size = kept;
  } catch (error) {
    // storage is forbidden: the size holds until the page is left
  }
  R.tileScale = () => SCALES[size];
  function resize(name) {
    size = name;
    try {
      localStorage.setItem(KEPT, name);
    } catch (error) {
      // as above
    }
    document.dispatchEvent(new Event("rosette-tiles"));
  }

  // -- orders and filters ----------------------------------------------------------------------------
  const ORDERS = [
    ["", "as found", null],
    ["suspicion", "most suspicious", (a, b) => b.suspicion - a.suspicion],
    ["typical", "most typical", (a, b) => b.typicality - a.typicality],
    ["odd", "least typical", (a, b) => a.typicality - b.typicality],
    ["file", "file name", (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0)],
    ["large", "largest", (a, b) => b.pixels - a.pixels],
    ["small", "smallest", (a, b) => a.pixels - b.pixels],
  ];
  const SUSPECT_FROM = 0.5;
  const SHOWS = [
    ["", "all images", null],
    ["open", "not decided", (one) => !R.decided.has(one.row)],
    ["decided", "decided", (one) => R.decided.has(one.row)],
    ["suspect", "suspects", (one) => one.suspicion >= SUSPECT_FROM],
  ];
  const wordsIn = (text) => text.toLowerCase().split(/[\s_\-./]+/).filter(Boolean);

  // What the server knows of some rows: row → {row, file, label, to, suspicion, typicality, pixels}.
  async function fetched(rows) {
    const told = await R.json(`/api/${run()}/facts`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ rows }),
    });
    return R.factsOf(told);
  }
  R.factsOf = function (told) {
    const names = Object.keys(told).filter((name) => Array.isArray(told[name]) && told[name].length === told.rows.length && name !== "rows");
    return new Map(told.rows.map((row, n) => [row, Object.fromEntries([["row", row], ...names.map((name) => [name, told[name][n]])])]));
  };

  const choice = (words, options, value, changed) => {
    const select = el("select", { "aria-label": words, onchange: () => changed(select.value) },
      options.map(([name, said]) => el("option", { value: name, selected: name === value }, said)));
    return el("label", { class: "chip in" }, el("span", {}, words), select);
  };

  // host: where the tools stand. options: rows(), all in their own order; shown(rows, arranged), told
  // what is in sight and whether that is another order or fewer than all; own: words for their own
  // order; facts: a Map of what is known of each row, asked of the server without it; selection: what
  // is ticked, for "Tick all"; also(fact): one more filter; more: other tools, put at the end.
  R.arrange = function (host, options) {
    let known = options.facts || null;
    let order = ORDERS[0];
    let show = SHOWS[0];
    let asked = 0;
    let now = options.rows();
    const { selection } = options;
    const text = el("input", { type: "search", placeholder: "any part", autocomplete: "off", "aria-label": "Name contains", oninput: () => apply() });
    const count = el("span", { class: "shown sm num", "aria-live": "polite" });
    const all = selection && R.decides() ? el("button", { class: "btn sm", id: "select-all", onclick: tickAll }, "Tick all") : null;
    const orders = ORDERS.map(([name, said, by]) => [name, name ? said : options.own || said, by]);
    host.classList.add("arrange");
    host.setAttribute("role", "group");
    host.setAttribute("aria-label", "Gallery");
    host.replaceChildren(...[
      options.before || null,
      choice("Sort by", orders, "", (name) => ((order = ORDERS.find((one) => one[0] === name)), apply())),
      choice("Show", SHOWS, "", (name) => ((show = SHOWS.find((one) => one[0] === name)), apply())),
      el("label", { class: "chip in" }, el("span", {}, "Name contains"), text),
      choice("Tiles", Object.keys(SCALES).map((name) => [name, name]), size, resize),
      all, options.more || null, count].flat().filter(Boolean));

    function tickAll() {
      selection.replace(now.every((row) => selection.has(row)) ? [] : now);
    }
    function marked() {
      if (all) all.textContent = now.length && now.every((row) => selection.has(row)) ? "Tick none" : "Tick all";
    }
    if (selection) selection.addEventListener("change", marked);

    const fact = (row) => (known && known.get(row)) || { row };
    async function apply() {
      const mine = ++asked;
      const whole = options.rows();
      const words = wordsIn(text.value);
      const needs = Boolean(order[2] || words.length || show[0] === "suspect");
      if (needs && !options.facts && !whole.every((row) => known && known.has(row))) {
        try {
          const told = await fetched(whole);
          if (mine !== asked) return;
          known = told;
        } catch (error) {
          if (mine === asked) R.failed(error, apply);
          return;
        }
      }
      now = whole.filter((row) => {
        const one = fact(row);
        const said = words.length ? `${one.file} ${one.label}`.toLowerCase() : "";
        return (!show[2] || show[2](one)) && words.every((word) => said.includes(word)) && (!options.also || options.also(one));
      });
      if (order[2]) {
        const place = new Map(now.map((row, n) => [row, n]));
        now.sort((a, b) => order[2](fact(a), fact(b)) || place.get(a) - place.get(b));
      }
      count.textContent = now.length === whole.length ? "" : `${now.length.toLocaleString("en")} of ${plural(whole.length, "image")}`;
      host.dataset.shown = now.length;
      options.shown(now, Boolean(order[2]) || now.length !== whole.length);
      if (!selection) return;
      const seen = new Set(now);
      const kept = [...selection.rows].filter((row) => seen.has(row));
      if (kept.length !== selection.size) selection.replace(kept);
      marked();
    }
    return { apply, fact, get rows() { return now; } };
  };
})(window.rosette);
