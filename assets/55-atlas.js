// The Map page: a lasso over the whole data set, and the gallery of what it caught.
(function (R) {
  "use strict";
  const { json, run, plural } = R;

  R.whenThere("#atlas", (page) => {
    const selection = new R.Selection(); // what the lasso caught
    const ticks = new R.Selection(); // what of it is ticked: that, and nothing else, is decided
    const listen = new AbortController();
    const signal = listen.signal;
    const picked = page.querySelector("#picked");
    const labels = new Map(); // row → label
    const suggested = new Map(); // row → the label it is suspected to be, "" for none

    const panel = R.itemPanel(page.querySelector("#item-panel"), {
      neighbour: (one) => panel.open(one.row, false),
      rows: () => gallery.rows,
      opened: (row) => (gallery.point(row), resized()),
      closed: () => (gallery.point(null), resized()),
    });
    const open = (row) => (panel.row === row ? panel.full() : panel.open(row, false));
    let wide = 0; // of the map, which the panel makes narrower
    function resized() {
      const box = page.querySelector(".graphbox");
      if (box.clientWidth === wide || !page.querySelector("[data-ready]")) return;
      wide = box.clientWidth;
      window.Plotly.Plots.resize(box.querySelector(".js-plotly-plot"));
    }
    const gallery = new R.Gallery(page.querySelector("#picked-gallery"), {
      rows: [], label: "Selected", selection: ticks, open, moved: (row) => panel.isOpen && panel.open(row, false),
      scroller: page.querySelector(".pk-body"),
      tag: (row) => labels.get(row) || "",
    });
    let caught = []; // what the lasso caught, by label
    let files = new Map();
    const arranged = R.arrange(page.querySelector("#arrange"), {
      rows: () => caught, own: "by label",
      shown(rows) {
        gallery.show(rows, rows.map((row) => files.get(row) || ""));
        const seen = new Set(rows);
        const kept = [...ticks.rows].filter((row) => seen.has(row)); // what is out of sight is not decided on
        if (kept.length !== ticks.size) ticks.replace(kept);
      },
    });
    const map = R.bindMap(page.querySelector(".graphbox"), {
      selection,
      open,
      pictures: true,
      floats: "#atlas > .float",
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
      caught = rows;
      gallery.show(rows);
      ticks.replace(rows);
      if (!rows.length) return;
      try {
        const told = await json(`/api/${run()}/selection`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ rows }),
        });
        if (signal.aborted || rows.length !== selection.size) return;
        told.rows.forEach((row, n) => (labels.set(row, told.labels[n]), suggested.set(row, told.suggested[n])));
        for (const [row, text] of Object.entries(told.decided)) R.decided.set(Number(row), text);
        picked.querySelector("#picked-words").textContent = told.words;
        const link = picked.querySelector("#picked-open");
        link.textContent = `Open ${told.label}`;
        link.setAttribute("href", R.at(`/class/${encodeURIComponent(told.label)}`));
        files = new Map(told.rows.map((row, n) => [row, told.files[n]]));
        caught = told.rows;
        arranged.apply();
        counted();
      } catch (error) {
        R.failed(error, changed);
      }
    }
    selection.addEventListener("change", changed, { signal });

    const ticked = () => gallery.rows.filter((row) => ticks.has(row));
    function counted() {
      const rows = ticked();
      const [n, whole] = [rows.length, selection.size].map((count) => count.toLocaleString("en"));
      picked.querySelector("#picked-title").textContent = `${n} of ${whole} ticked`;
      const to = new Set(rows.map((row) => suggested.get(row) || ""));
      R.bar(page, { rows, label: null, cluster: null, letters: "", suggestion: to.size === 1 ? [...to][0] : "" });
    }
    ticks.addEventListener("change", counted, { signal });
    page.addEventListener(
      "click",
      (event) => {
        if (event.target.closest("#picked-clear")) selection.replace([]);
        const tick = event.target.closest("[data-tick]");
        if (tick) ticks.replace(gallery.rows.filter((row) => tick.dataset.tick === "all" || (tick.dataset.tick === "suspects" && suggested.get(row))));
        const entry = event.target.closest("[data-group]");
        if (entry) toggle(entry);
      },
      { signal },
    );

    R.chosen = ticked;
    
    // A group of the legend that is hidden is out of the lasso's reach too.
    function toggle(entry) {
      const graph = page.querySelector(".js-plotly-plot");
      const shown = entry.getAttribute("aria-pressed") !== "true";
      const at = graph.data.findIndex((trace) => trace.name === entry.dataset.group);
      if (at < 0) return;
      entry.setAttribute("aria-pressed", shown);
      window.Plotly.restyle(graph, { visible: shown }, [at]);
    }

    // What the address asks for: a label, a saved selection, one image.
    async function follow() {
      const asked = new URL(location.href).searchParams;
      const item = asked.has("item") ? Number(asked.get("item")) : null;
      let rows = item === null ? [] : [item];
      try {
        if (asked.has("label"))
          rows = (await json(`/api/${run()}/find?exact=1&q=${encodeURIComponent(asked.get("label"))}`)).rows;
        else if (asked.has("selection")) {
          const found = await json(`/api/${run()}/selections/${encodeURIComponent(asked.get("selection"))}`);
          rows = found.rows;
          if (found.gone) R.slot(`${plural(found.gone, "image")} of it are not here any more`);
        }
      } catch (error) {
        R.slot("There is no such selection.", null, { tone: "warn" });
      }
      if (item !== null) panel.open(item, false);
      (function wait() {
        if (signal.aborted || !rows.length) return;
        if (!page.querySelector("[data-ready]")) return requestAnimationFrame(wait);
        if (asked.has("label") || asked.has("selection")) selection.replace(rows);
        map.frame(rows);
      })();
    }
    follow();
    addEventListener("rosette-arrived", follow, { signal });

    R.keys.page = {
      escape() {
        if (panel.isOpen) panel.close();
        else if (selection.size) selection.replace([]);
        else return false;
        return true;
      },
      press(key, event) {
        if (panel.press(key, event) || R.decideKey(key, event)) return true;
        if (key === "l") map.use("lasso");
        else if (key === "s" && ticks.size) R.go(R.similarTo(ticked()));
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
