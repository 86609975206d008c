// The panel of one image: large view, evidence, what is nearest, what the model would say, facts.
(function (R) {
  "use strict";
  const { el, icon, json, run, note } = R;

  const size = (bytes) =>
    bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} KB`;
  const percent = (p) => `${Math.round(p * 100)} %`;

  function strip(words, images, open, label) {
    if (!images.length) return null;
    const tiles = images.map((one) =>
      el(
        "button",
        { class: "t", "aria-label": `${one.label}, ${one.file}`, onclick: () => open(one) },
        el("img", { src: R.at(`/img/${run()}/${one.row}`), alt: "", width: 112, height: 112 }),
        el("span", { class: "tag" }, one.label === label ? (one.letter ? `${one.letter}` : label) : one.label),
      ),
    );
    return el("div", {}, el("h3", { class: "small" }, words), el("div", { class: "strip" }, tiles));
  }

  function fact(name, ...values) {
    return [el("dt", {}, name), el("dd", {}, ...values)];
  }

  function bars(item) {
    if (!item.predicted.length) return null;
    return el(
      "div",
      {},
      el("h3", { class: "small" }, "The model would say"),
      item.predicted.slice(0, 3).map((p) =>
        el(
          "div",
          { class: "pbar" },
          el("span", { title: p.name }, p.name),
          el("span", {}, el("i", { style: `width:${Math.max(1, p.probability * 100)}%` })),
          el("em", {}, percent(p.probability)),
        ),
      ),
    );
  }

  function facts(item) {
    const where =
      item.cluster < 0 ? "in neither" : item.typicality > 0.5 ? "sits well inside" : "at the edge";
    return el(
      "dl",
      { class: "facts" },
      fact("Label", el("a", { class: "link", href: R.at(`/class/${encodeURIComponent(item.label)}`) }, item.label)),
      fact("Cluster", el("span", { class: `key sm c${item.cluster < 0 ? "N" : item.letter[0]}` }, item.letter), ` ${where}`),
      item.suspicion === null ? [] : fact("Suspicion", item.suspicion.toFixed(2)),
      item.suggestion ? fact("Looks like", item.suggestion) : [],
      fact("Size", `${item.width} × ${item.height}, ${item.format || "unknown"}, ${size(item.bytes)}${item.grey ? ", grey" : ""}`),
      item.decision ? fact("Decision", R.shortDecision(item.decision)) : [],
      fact("Copies", item.copies.length ? `${item.copies.length} more with the same bytes` : "None"),
      item.picture === "gone" ? fact("File", "not where it was; this is its thumbnail") : [],
    );
  }

  // handlers: neighbour(one), step(by)
  R.itemPanel = function (panel, handlers) {
    let shown = null;
    let asked = 0;
    let back = null;

    function draw(item) {
      const title = el("b", { class: "mono name", tabindex: "-1", title: item.file }, item.file);
      panel.replaceChildren(
        el(
          "div",
          { class: "row itemhead" },
          title,
          el("span", { class: "grow" }),
          el("button", { class: "iconbtn", "aria-label": "Previous image", title: "Previous image", onclick: () => handlers.step(-1) }, icon("back")),
          el("button", { class: "iconbtn", "aria-label": "Next image", title: "Next image", onclick: () => handlers.step(1) }, icon("next")),
          el("button", { class: "iconbtn close", "aria-label": "Close", title: "Close", onclick: () => close() }, icon("close")),
        ),
        el("img", { class: "big", src: R.at(`/img/${run()}/${item.row}?size=large`), alt: `${item.file}, labelled ${item.label}` }),
        el(
          "div",
          { class: "in" },
          item.evidence ? el("p", { class: "evidence" }, item.evidence) : null,
          item.reason ? el("p", { class: "evidence" }, `Not read: ${item.reason}.`) : null,
          item.picture === "changed"
            ? el("p", { class: "evidence", role: "alert" }, "This file holds another picture now. What you see is the thumbnail of the one that the run saw; it can't be decided on until the next run.")
            : null,
          strip("Nearest anywhere", item.nearest, handlers.neighbour, item.label),
          strip(`Nearest under ${item.label}`, item.inside, handlers.neighbour, item.label),
          strip("Nearest under other labels", item.outside, handlers.neighbour, item.label),
          bars(item),
          R.itemActions(item, () => open(item.row, false)),
          facts(item),
        ),
      );
    }

    async function open(row, focus = true) {
      const mine = ++asked;
      if (!panel.classList.contains("open")) back = document.activeElement;
      panel.classList.add("open");
      note({ item: row });
      try {
        const item = await json(`/api/${run()}/item/${row}`);
        if (mine !== asked) return;
        shown = row;
        draw(item);
        panel.scrollTop = 0;
        if (focus && panel.dataset.focus === "yes") panel.querySelector(".name").focus();
      } catch (error) {
        R.failed(error, () => open(row));
      }
    }

    function close() {
      asked++;
      shown = null;
      panel.classList.remove("open");
      panel.replaceChildren(el("p", { class: "hint" }, panel.dataset.empty || ""));
      note({ item: null });
      if (back && back.isConnected) back.focus({ preventScroll: true });
    }

    panel.replaceChildren(el("p", { class: "hint" }, panel.dataset.empty || ""));
    return { open, close, get row() { return shown; }, get isOpen() { return shown !== null; } };
  };
})(window.rosette);
