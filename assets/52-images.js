// The Images page: one gallery of any slice of the data set.
(function (R) {
  "use strict";

  R.whenThere("#images-page", (page) => {
    const given = JSON.parse(page.dataset.items);
    if (!given.rows.length) return null;
    const captions = new Map(given.rows.map((row, n) => [row, given.captions[n]]));
    const selection = new R.Selection();
    const listen = new AbortController();
    const signal = listen.signal;
    for (const [row, text] of Object.entries(JSON.parse(page.dataset.decided)))
      R.decided.set(Number(row), text);

    const panel = R.itemPanel(page.querySelector("#item-panel"), {
      neighbour: (one) => panel.open(one.row),
      step: (by) => {
        const at = given.rows.indexOf(panel.row);
        if (at >= 0 && given.rows[at + by] !== undefined) panel.open(given.rows[at + by]);
      },
    });
    const gallery = new R.Gallery(page.querySelector("#slice-gallery"), {
      rows: given.rows,
      files: given.files,
      label: "Images",
      selection,
      open: (row) => panel.open(row),
      tag: (row) => captions.get(row) || "",
    });
    R.chosen = () => given.rows.filter((row) => selection.has(row));
    selection.addEventListener("change", () => R.bar(page, selection, R.chosen(), null), { signal });
    page.addEventListener(
      "click",
      (event) => {
        if (event.target.closest("#select-spare")) selection.replace(JSON.parse(page.dataset.spare));
        const order = event.target.closest("[data-order]");
        if (order)
          R.go(R.changed({ order: order.dataset.order || null, seed: order.dataset.seed || null, item: null }).href);
      },
      { signal },
    );
    const asked = new URL(location.href).searchParams;
    if (asked.has("item")) panel.open(Number(asked.get("item")), false);

    R.keys.page = {
      escape() {
        if (panel.isOpen) panel.close();
        else if (selection.size) selection.replace([]);
        else return false;
        return true;
      },
      press: (key, event) => R.decideKey(key, event),
    };
    return () => {
      listen.abort();
      gallery.stop();
      R.keys.page = null;
    };
  });
})(window.rosette);
