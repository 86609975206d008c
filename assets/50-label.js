// The Class page: galleries side by side, the map, and what is selected in either.
(function (R) {
  "use strict";
  const { el, run, note, plural } = R;
  const TYPICAL = 12; // shown first
  const BORDERLINE = 12; // then the least typical

  function sections(rows) {
    if (rows.length <= TYPICAL + BORDERLINE + 4) return [["", rows]];
    return [
      ["Most typical", rows.slice(0, TYPICAL)],
      ["Least typical", rows.slice(-BORDERLINE).reverse()],
      [`${plural(rows.length - TYPICAL - BORDERLINE, "more image")}`, rows.slice(TYPICAL, -BORDERLINE)],
    ];
  }

  R.whenThere("#label-page", (page) => {
    const selection = new R.Selection();
    const listen = new AbortController();
    const signal = listen.signal;
    const clusters = new Map(); // number → rows
    const clusterOf = new Map(); // row → number
    const files = new Map(); // row → file
    const suggestions = new Map(
      [...page.querySelectorAll("[data-cluster-column]")].map((column) => [Number(column.dataset.clusterColumn), column.dataset.suggestion]),
    );
    const invented = new Map([...page.querySelectorAll("[data-cluster-column]")].map((column) => [Number(column.dataset.clusterColumn), column.dataset.new]));
    const suspects = new Map(JSON.parse(page.dataset.suspects)); // row → what it looks like
    let galleries = [];
    let order = []; // rows in the order of the galleries
    let lasso = false;

    const panel = R.itemPanel(page.querySelector("#item-panel"), {
      neighbour: (one) => {
        if (files.has(one.row)) panel.open(one.row);
        else R.go(R.at(`/class/${encodeURIComponent(one.label)}?item=${one.row}`));
      },
      rows: () => order,
      opened: (row) => galleries.forEach((gallery) => gallery.point(row)),
      closed: () => galleries.forEach((gallery) => gallery.point(null)),
    });
    const open = (row) => (panel.row === row ? panel.full() : panel.open(row, false));
    const follow = (row) => panel.isOpen && panel.open(row, false);

    const map = R.bindMap(page.querySelector(".graphbox"), {
      selection,
      open,
      above: true,
      lassoed: () => (lasso = true),
    });

    const picked = page.querySelector("#picked");
    const pickedGallery = new R.Gallery(page.querySelector("#picked-gallery"), {
      rows: [], label: "Selected", selection, open,
    });

    // The galleries, one or three for each cluster; some: what is in sight, in its order, null for all.
    function lay(some) {
      galleries.filter((gallery) => gallery !== pickedGallery).forEach((gallery) => gallery.stop());
      galleries = [pickedGallery];
      order = [];
      const columns = [];
      for (const host of page.querySelectorAll(".gallery[data-cluster]")) {
        const number = Number(host.dataset.cluster);
        const rows = some ? some.filter((row) => clusterOf.get(row) === number) : clusters.get(number) || [];
        const name = host.closest("[aria-label]").getAttribute("aria-label");
        const own = [];
        const nodes = [];
        for (const [words, part] of some ? [["", rows]] : sections(rows)) {
          if (words) nodes.push(el("h3", { class: "cap" }, words));
          const grid = el("div", { id: `grid-${number}-${nodes.length}` });
          nodes.push(grid);
          own.push([grid, words, part]);
        }
        if (some && !rows.length) nodes.splice(0, nodes.length, el("p", { class: "faint sm" }, "None of them here."));
        host.replaceChildren(...nodes);
        columns.push(
          (some && !rows.length ? [] : own).map(([grid, words, part]) => {
            order = order.concat(part);
            const gallery = new R.Gallery(grid, {
              rows: part,
              files: part.map((row) => files.get(row)),
              label: words ? `${name}, ${words}` : name,
              selection,
              open,
              moved: follow,
              tag: (row) => (suspects.has(row) ? `→ ${suspects.get(row)}` : ""),
            });
            galleries.push(gallery);
            return gallery;
          }),
        );
      }
      columns.forEach((own, n) =>
        own.forEach((gallery, line) => {
          const pick = (other) => other && other[Math.min(line, other.length - 1)];
          gallery.beside = { left: pick(columns[n - 1]), right: pick(columns[n + 1]) };
        }),
      );
      if (panel.isOpen) galleries.forEach((gallery) => gallery.point(panel.row));
    }

    function fill(given) {
      for (const cluster of given) {
        clusters.set(cluster.number, cluster.rows);
        cluster.rows.forEach((row, n) => (files.set(row, cluster.files[n]), clusterOf.set(row, cluster.number)));
      }
      lay(null);
      const strip = page.querySelector("[data-strip]");
      if (strip) {
        const rows = clusters.get(-1) || [];
        strip.replaceChildren(
          ...rows.slice(0, 60).map((row) =>
            el("button", { class: "t", "aria-label": files.get(row), onclick: () => open(row) },
              el("img", { src: R.at(`/img/${run()}/${row}`), alt: "", loading: "lazy", width: 112, height: 112 })),
          ),
        );
      }
      begin();
    }

    // What the address asks for; without it the odd cluster that has a suggestion.
    function begin() {
      const asked = new URL(location.href).searchParams;
      const letters = asked.get("select");
      if (letters) letters.split(".").forEach((n) => selection.add(clusters.get(Number(n)) || []));
      else {
        const odd = page.querySelector(".col[data-suggestion]:not([data-suggestion='']), .col[data-new]:not([data-new=''])");
        if (odd) selection.replace(clusters.get(Number(odd.dataset.clusterColumn)) || []);
      }
      const row = Number(asked.get("item"));
      if (asked.has("item") && files.has(row)) panel.open(row, false);
    }

    // -- what is selected ---------------------------------------------------------------
    const whole = () =>
      [...clusters].filter(([n, rows]) => n >= 0 && rows.length && rows.every((r) => selection.has(r)));

    function changed() {
      const full = whole();
      const inFull = full.reduce((sum, [, rows]) => sum + rows.length, 0);
      const exact = full.length > 0 && inFull === selection.size;
      for (const button of page.querySelectorAll("[data-all]")) {
        const all = full.some(([n]) => n === Number(button.dataset.all));
        button.setAttribute("aria-pressed", all);
        button.classList.toggle("ghost", !all);
        button.lastElementChild.textContent = all ? "All ticked" : "Tick all";
        const column = button.closest(".col");
        column.classList.toggle("target", all);
        column.classList.toggle("all", all);
      }
      const rows = order.filter((row) => selection.has(row));
      const show = lasso && rows.length > 0;
      picked.hidden = !show;
      if (show) {
        picked.querySelector("#picked-title").textContent = `${plural(rows.length, "image")} ticked`;
        pickedGallery.show(rows, rows.map((row) => files.get(row)));
      }
      if (!rows.length) lasso = false;
      note({ select: exact ? full.map(([n]) => n).join(".") : null });
      R.bar(page, {
        rows, label: page.dataset.label, cluster: exact && full.length === 1 ? full[0][0] : null,
        letters: exact ? full.map(([n]) => letterOf(n)).join(" and ") : "", suggestion: suggested(rows), named: named(rows),
      });
    }
    selection.addEventListener("change", changed, { signal });

    const letterOf = (n) => page.querySelector(`[data-cluster-column="${n}"] .key`).textContent;

    // The label that is suggested for all of them; unticking some does not change it.
    function suggested(rows) {
      const labels = new Set();
      for (const row of rows) labels.add(suggestions.get(clusterOf.get(row)) || suspects.get(row) || "");
      return labels.size === 1 ? [...labels][0] : "";
    }

    // The label that could be made for all of them, where none fits.
    function named(rows) {
      const labels = new Set(rows.map((row) => (suspects.get(row) ? "" : invented.get(clusterOf.get(row)) || "")));
      return labels.size === 1 ? [...labels][0] : "";
    }

    // How much of each cluster is decided.
    function counts() {
      for (const column of page.querySelectorAll("[data-cluster-column]")) {
        const rows = clusters.get(Number(column.dataset.clusterColumn)) || [];
        const n = rows.filter((row) => R.decided.has(row)).length;
        const place = column.querySelector("[data-count]");
        place.textContent = n ? `${plural(rows.length, "image")}, ${n.toLocaleString("en")} decided` : plural(rows.length, "image");
      }
    }

    page.addEventListener(
      "click",
      (event) => {
        const all = event.target.closest("[data-all]");
        if (all) {
          const rows = clusters.get(Number(all.dataset.all)) || [];
          lasso = false;
          if (all.getAttribute("aria-pressed") === "true") selection.remove(rows);
          else selection.replace(rows);
        }
        if (event.target.closest("#picked-clear")) {
          lasso = false;
          selection.replace([]);
        }
      },
      { signal },
    );

    R.keys.page = {
      escape() {
        if (panel.isOpen) panel.close();
        else if (selection.size) { lasso = false; selection.replace([]); }
        else return false;
        return true;
      },
      press(key, event) {
        if (panel.press(key, event) || R.decideKey(key, event)) return true;
        if (key === "]" && page.dataset.after) R.go(page.dataset.after);
        else if (key === "[" && page.dataset.before) R.go(page.dataset.before);
        else if (key === "k" && page.dataset.before) R.go(page.dataset.before);
        else if (key === "j" && page.dataset.after) R.go(page.dataset.after);
        else if (key === "l") map.use("lasso");
        else if (key === "s" && selection.size) R.go(R.similarTo(R.chosen()));
        else if (/^[a-i]$/.test(key)) {
          const rows = clusters.get(key.charCodeAt(0) - 97);
          if (!rows || !rows.length) return false;
          lasso = false;
          selection.replace(rows);
        } else return false;
        return true;
      },
    };

    for (const [row, text] of Object.entries(JSON.parse(page.dataset.decided)))
      R.decided.set(Number(row), text);
    R.chosen = () => order.filter((row) => selection.has(row));
    fill(JSON.parse(page.dataset.items));
    const inGroups = [...clusters].flatMap(([n, rows]) => (n >= 0 ? rows : []));
    R.arrange(page.querySelector("#arrange"), {
      rows: () => inGroups, selection, own: "typical, then odd", shown: (some, arranged) => lay(arranged ? some : null),
    });
    counts();
    R.onDecided(counts, { signal });

    return () => {
      listen.abort();
      map.stop();
      galleries.forEach((gallery) => gallery.stop());
      R.keys.page = null;
    };
  });
})(window.rosette);
