// The Images page: one gallery of any slice of the data set, sorted, filtered and sized at will.
(function (R) {
  "use strict";

  R.whenThere("#images-page", (page) => {
    const given = JSON.parse(page.dataset.items);
    if (!given.rows.length) return null;
    const facts = R.factsOf(given);
    const selection = new R.Selection();
    const listen = new AbortController();
    const { signal } = listen;
    let rows = given.rows;
    for (const [row, text] of Object.entries(JSON.parse(page.dataset.decided))) R.decided.set(Number(row), text);

    const tools = page.querySelector("#arrange");
    const more = tools.querySelector(".more-tools");
    // How alike images must be at least, where they were asked for by others.
    const from = tools.querySelector(".alike-place");
    const alike = from && R.el("input", { type: "range", min: "0", max: "1", step: "0.01", value: from.dataset.from, "aria-label": "At least this alike", oninput: () => arranged.apply() });
    if (from) from.replaceWith(alike);

    const host = page.querySelector("#slice-gallery");
    const panel = R.itemPanel(page.querySelector("#item-panel"), {
      rows: () => rows,
      neighbour: (one) => panel.open(one.row, false),
      about: (row) => (facts.has(row) && facts.get(row).to ? { suggestion: facts.get(row).to } : {}),
      opened: (row) => gallery.point(row),
      closed: () => gallery.point(null),
    });
    const gallery = new R.Gallery(host, {
      rows, files: given.file, label: "Images", selection,
      open: (row) => (panel.row === row ? panel.full() : panel.open(row, false)),
      moved: (row) => panel.isOpen && panel.open(row, false),
      tag: (row) => facts.get(row).captions || "",
    });
    R.chosen = () => rows.filter((row) => selection.has(row));

    function bar() {
      const chosen = R.chosen();
      const to = new Set(chosen.map((row) => facts.get(row).to || ""));
      R.bar(page, { rows: chosen, label: given.shared, cluster: null, letters: "", suggestion: to.size === 1 ? [...to][0] : given.label_of_like });
    }
    selection.addEventListener("change", bar, { signal });

    const arranged = R.arrange(tools, {
      rows: () => given.rows, facts, selection, before: tools.querySelector(".similar"), more,
      also: alike && ((one) => one.alike >= Number(alike.value)),
      shown(some) {
        rows = some;
        gallery.show(rows, rows.map((row) => facts.get(row).file));
        if (panel.isOpen) gallery.point(panel.row);
        if (alike) alike.title = `At least ${Number(alike.value).toFixed(2)} alike`;
        bar();
      },
    });

    page.addEventListener("click", (event) => {
      if (event.target.closest("#select-spare")) selection.replace(JSON.parse(page.dataset.spare));
      const order = event.target.closest("[data-order]");
      if (order) R.go(R.changed({ order: order.dataset.order || null, seed: order.dataset.seed || null, item: null }).href);
    }, { signal });
    const asked = new URL(location.href).searchParams;
    arranged.apply();
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
