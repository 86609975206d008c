// The Map page: a lasso over the whole data set, and the gallery of what it caught.
(function (R) {
  "use strict";
  const { json, run, plural } = R;

  R.whenThere("#atlas", (page) => {
    const selection = new R.Selection();
    const listen = new AbortController();
    const signal = listen.signal;
    const picked = page.querySelector("#picked");
    const labels = new Map(); // row → label

    const panel = R.itemPanel(page.querySelector("#item-panel"), {
      neighbour: (one) => panel.open(one.row),
      step: (by) => {
        const rows = gallery.rows;
        const at = rows.indexOf(panel.row);
        if (at >= 0 && rows[at + by] !== undefined) panel.open(rows[at + by]);
      },
    });
    const open = (row) => panel.open(row);
    const gallery = new R.Gallery(page.querySelector("#picked-gallery"), {
      rows: [], label: "Selected", selection: new R.Selection(), open,
      scroller: page.querySelector(".pk-body"),
      tag: (row) => labels.get(row) || "",
    });
    const map = R.bindMap(page.querySelector(".graphbox"), {
      selection,
      open,
      moved: (layout) => {
        if (!document.getElementById("atlas-sampled").textContent) return;
        const [x0, x1] = layout.xaxis.range;
        const [y0, y1] = layout.yaxis.range;
        window.dash_clientside.set_props("atlas-window", { data: [x0, x1, y0, y1] });
      },
    });

    async function changed() {
      const rows = [...selection.rows];
      picked.hidden = !rows.length;
      page.classList.toggle("picking", rows.length > 0);
      if (!rows.length) return;
      picked.querySelector("#picked-title").textContent = `${plural(rows.length, "image")} in the lasso`;
      gallery.show(rows);
      try {
        const told = await json(`/api/${run()}/selection`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ rows }),
        });
        if (signal.aborted || rows.length !== selection.size) return;
        told.rows.forEach((row, n) => labels.set(row, told.labels[n]));
        picked.querySelector("#picked-words").textContent = told.words;
        const link = picked.querySelector("#picked-open");
        link.textContent = `Open ${told.label}`;
        link.setAttribute("href", `/class/${encodeURIComponent(told.label)}`);
        gallery.show(told.rows, told.files);
      } catch (error) {
        R.failed(error, changed);
      }
    }
    selection.addEventListener("change", changed, { signal });
    page.addEventListener(
      "click",
      (event) => {
        if (event.target.closest("#picked-clear")) selection.replace([]);
        if (event.target.closest("#bar-csv")) R.exportRows([...selection.rows]);
      },
      { signal },
    );

    R.chosen = () => [...selection.rows];
    R.atlasSelection = selection;
    const asked = new URL(location.href).searchParams;
    const wanted = asked.has("label")
      ? `/api/${run()}/find?exact=1&q=${encodeURIComponent(asked.get("label"))}`
      : asked.has("selection")
        ? `/api/${run()}/selections/${encodeURIComponent(asked.get("selection"))}`
        : null;
    if (wanted)
      json(wanted).then((found) => {
        (function wait() {
          if (signal.aborted) return;
          if (!page.querySelector("[data-ready]")) return requestAnimationFrame(wait);
          selection.replace(found.rows);
          map.frame(found.rows);
          if (found.gone) R.toast(`${plural(found.gone, "image")} of it are not here any more`);
        })();
      }, () => R.toast("There is no such selection."));
    if (asked.has("item")) panel.open(Number(asked.get("item")), false);

    R.keys.page = {
      escape() {
        if (panel.isOpen) panel.close();
        else if (selection.size) selection.replace([]);
        else return false;
        return true;
      },
      press(key, event) {
        if (R.decideKey(key, event)) return true;
        if (key === "l") map.use("lasso");
        else return false;
        return true;
      },
    };
    return () => {
      listen.abort();
      map.stop();
      gallery.stop();
      R.keys.page = null;
    };
  });
})(window.rosette);
