// The Images page: one gallery of any slice of the data set, sorted, filtered and sized at will.
(function (R) {
  "use strict";
  const { plural } = R;
  const CELLS = [72, 112, 176]; // px of an image: small, medium, large

  R.whenThere("#images-page", (page) => {
    const given = JSON.parse(page.dataset.items);
    if (!given.rows.length) return null;
    const facts = new Map(given.rows.map((row, n) => [row, {
      n, file: given.files[n], caption: given.captions[n], label: given.labels[n], to: given.to[n],
      suspicion: given.suspicion[n], typicality: given.typicality[n], pixels: given.pixels[n], alike: given.alike[n],
    }]));
    const selection = new R.Selection();
    const listen = new AbortController();
    const { signal } = listen;
    let rows = given.rows;
    for (const [row, text] of Object.entries(JSON.parse(page.dataset.decided))) R.decided.set(Number(row), text);

    const place = (selector, input) => page.querySelector(selector) && page.querySelector(selector).replaceWith(input);
    place(".find-place", R.el("input", { type: "search", placeholder: "any part", autocomplete: "off", "data-view": "text", "aria-label": "Name contains" }));
    const from = page.querySelector(".alike-place");
    if (from) from.replaceWith(R.el("input", { type: "range", min: "0", max: "1", step: "0.01", value: from.dataset.from, "data-view": "alike", "aria-label": "At least this alike" }));

    const host = page.querySelector("#slice-gallery");
    const panel = R.itemPanel(page.querySelector("#item-panel"), {
      rows: () => rows,
      neighbour: (one) => panel.open(one.row, false),
      about: (row) => (facts.has(row) && facts.get(row).to ? { suggestion: facts.get(row).to } : {}),
      opened: (row) => gallery.point(row),
      closed: () => gallery.point(null),
    });
    const gallery = new R.Gallery(host, {
      rows, files: given.files, label: "Images", selection,
      open: (row) => (panel.row === row ? panel.full() : panel.open(row, false)),
      moved: (row) => panel.isOpen && panel.open(row, false),
      tag: (row) => facts.get(row).caption || "",
    });
    R.chosen = () => rows.filter((row) => selection.has(row));

    function bar() {
      const chosen = R.chosen();
      const to = new Set(chosen.map((row) => facts.get(row).to || ""));
      R.bar(page, { rows: chosen, label: given.label, cluster: null, letters: "", suggestion: to.size === 1 ? [...to][0] : given.label_of_like });
    }
    selection.addEventListener("change", bar, { signal });

    // -- which images, in which order ----------------------------------------------------------------
    const field = (name) => page.querySelector(`[data-view="${name}"]`);
    const orders = {
      found: (a, b) => a.n - b.n,
      suspicion: (a, b) => b.suspicion - a.suspicion,
      typical: (a, b) => b.typicality - a.typicality,
      odd: (a, b) => a.typicality - b.typicality,
      file: (a, b) => (a.file < b.file ? -1 : 1),
      large: (a, b) => b.pixels - a.pixels,
      small: (a, b) => a.pixels - b.pixels,
    };
    const shows = {
      all: () => true,
      open: (row) => !R.decided.has(row),
      decided: (row) => R.decided.has(row),
      suspect: (row) => facts.get(row).suspicion >= 0.5,
    };
    function arrange() {
      const text = (field("text").value || "").toLowerCase().split(/[\s_\-./]+/).filter(Boolean);
      const least = field("alike") ? Number(field("alike").value) : -1;
      const shown = shows[field("show").value] || shows.all;
      const order = orders[field("order").value] || orders.found;
      rows = given.rows.filter((row) => {
        const one = facts.get(row);
        const said = `${one.file} ${one.label}`.toLowerCase();
        return shown(row) && text.every((word) => said.includes(word)) && (least < 0 || one.alike >= least);
      });
      rows.sort((a, b) => order(facts.get(a), facts.get(b)) || facts.get(a).n - facts.get(b).n);
      gallery.show(rows, rows.map((row) => facts.get(row).file));
      if (panel.isOpen) gallery.point(panel.row);
      page.querySelector("#slice-count").textContent =
        rows.length === given.rows.length ? plural(rows.length, "image") : `${rows.length.toLocaleString("en")} of ${plural(given.rows.length, "image")}`;
      if (field("alike")) field("alike").title = `At least ${least.toFixed(2)} alike`;
      // what is out of sight is not decided on
      const seen = new Set(rows);
      const kept = [...selection.rows].filter((row) => seen.has(row));
      if (kept.length !== selection.size) selection.replace(kept);
      else bar();
    }
    page.addEventListener("input", (event) => event.target.dataset.view && event.target.dataset.view !== "cell" && arrange(), { signal });
    page.addEventListener("change", (event) => event.target.dataset.view === "cell" && sized(Number(event.target.value)), { signal });
    function sized(n) {
      host.style.setProperty("--cell", `${CELLS[n] || CELLS[1]}px`);
      gallery.draw();
      try {
        localStorage.setItem("rosette-cell", String(n));
      } catch (error) {
        // storage is forbidden: the size holds for this page only
      }
    }
    try {
      const kept = localStorage.getItem("rosette-cell");
      if (kept !== null) (field("cell").value = kept), sized(Number(kept));
    } catch (error) {
      // as above
    }

    page.addEventListener("click", (event) => {
      if (event.target.closest("#select-spare")) selection.replace(JSON.parse(page.dataset.spare));
      if (event.target.closest("#select-all")) selection.replace(selection.size === rows.length ? [] : rows);
      const order = event.target.closest("[data-order]");
      if (order) R.go(R.changed({ order: order.dataset.order || null, seed: order.dataset.seed || null, item: null }).href);
    }, { signal });
    const asked = new URL(location.href).searchParams;
    arrange();
    if (asked.has("item")) panel.open(Number(asked.get("item")), false);

    R.keys.page = {
      escape() {
        if (panel.isOpen) panel.close();
        else if (selection.size) selection.replace([]);
        else return false;
        return true;
      },
      press(key, event) {
        if (panel.press(key, event) || R.decideKey(key, event)) return true;
        if (key === "s" && selection.size) R.go(R.similarTo(R.chosen()));
        else return false;
        return true;
      },
    };
    return () => {
      listen.abort();
      gallery.stop();
      R.keys.page = null;
    };
  });
})(window.rosette);
