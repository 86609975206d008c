// The panel of one image, beside the gallery: picture, evidence, what is nearest, and the answers,
// which stand at its foot and are always in sight.
(function (R) {
  "use strict";
  const { el, icon, json, run, note, middle } = R;
  const CERTAIN = 0.5; // of a guess to be worth telling

  const size = (bytes) =>
    bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} KB`;

  function strip(words, images, open) {
    if (!images.length) return null;
    const tiles = images.slice(0, 6).map((one) =>
      el("button", { class: "t", "aria-label": `${one.label}, ${one.file}`, title: one.label, onclick: () => open(one) },
        el("img", { src: R.at(`/img/${run()}/${one.row}`), alt: "", width: 112, height: 112 }),
        one.tag ? el("span", { class: "tag" }, one.tag) : null));
    return el("div", {}, el("h2", { class: "small" }, words), el("div", { class: "near" }, tiles));
  }

  const fact = (name, ...values) => [el("dt", {}, name), el("dd", {}, ...values)];

  function facts(item) {
    const where = item.cluster < 0 ? "in no group" : item.typicality > 0.5 ? "well inside" : "at the edge";
    const guess = item.predicted[0];
    return el("dl", { class: "facts" },
      fact("Label", el("a", { class: "link", href: R.at(`/class/${encodeURIComponent(item.label)}`) }, R.name(item.label))),
      fact("Group", el("span", { class: `key sm c${item.cluster < 0 ? "N" : item.letter[0]}` }, item.letter), ` ${where}`),
      item.decision ? fact("Decided", R.shortDecision(item.decision)) : [],
      guess && guess.probability >= CERTAIN ? fact(item.says, `${guess.name} (${guess.probability.toFixed(2)})`) : [],
      fact("Size", `${item.width} × ${item.height}, ${item.format || "unknown"}, ${size(item.bytes)}${item.grey ? ", grey" : ""}`),
      item.copies.length ? fact("Copies", `${item.copies.length} more with the same bytes`) : [],
      item.picture === "gone" ? fact("File", "not where it was; this is its small picture") : [],
      fact("File", el("span", { class: "mono nm" }, item.file)));
  }

  function answers(item, act) {
    if (!R.decides()) return null;
    const button = (words, key, answer, look) =>
      el("button", { class: `btn ${look || ""}`, onclick: () => act(answer), "aria-keyshortcuts": key.toUpperCase() },
        el("span", {}, ...[words].flat()), el("kbd", {}, key));
    return el("div", { class: "acts" },
      item.suggestion ? button(["Yes,\u00a0", middle(item.suggestion)], "Y", "yes", "yes") : null,
      button(item.suggestion ? ["No,\u00a0", middle(item.label)] : ["Label is right"], "N", "keep", item.suggestion ? "no" : "wide"),
      button("Other…", "R", "other", "pickme"), button("Exclude", "X", "remove"), button("Not sure", "U", "unsure"),
      el("label", {}, el("input", { type: "checkbox", checked: R.goesOn(), onchange: (event) => R.goesOn(event.target.checked) }), "Then go to the next"));
  }

  let goesOn = true;
  R.goesOn = (wanted) => (wanted === undefined ? goesOn : (goesOn = wanted));

  // handlers: rows() in their order; neighbour(one); decide(row, answer, label), else it is written
  // at once; opened(row) and closed(); about(row) for what the page knows better than the server.
  R.itemPanel = function (panel, handlers) {
    const cache = new Map(); // row → promise of what is known of it
    let item = null;
    let row = null;
    let asked = 0;
    let back = null;
    const layout = panel.closest("[data-panel]") || panel.parentElement;

    const fetched = (wanted) => {
      if (!cache.has(wanted)) {
        if (cache.size > 60) cache.clear();
        cache.set(wanted, json(`/api/${run()}/item/${wanted}`).catch((error) => (cache.delete(wanted), Promise.reject(error))));
      }
      return cache.get(wanted);
    };

    function draw(found) {
      item = whole(found);
      const rows = handlers.rows();
      const place = rows.indexOf(item.row);
      const step = (by, words, sign) =>
        el("button", { class: "iconbtn", "aria-label": words, title: words, disabled: rows[place + by] === undefined, onclick: () => go(by) }, icon(sign));
      const letter = (one) => ({ ...one, tag: one.label === item.label ? one.letter : "" });
      panel.replaceChildren(
        el("header", {},
          el("b", { class: "mono sm name", tabindex: "-1", title: item.file }, item.file.split("/").pop()),
          place < 0 ? null : el("span", { class: "faint sm num" }, `${(place + 1).toLocaleString("en")} of ${rows.length.toLocaleString("en")}`),
          step(-1, "Previous image", "back"), step(1, "Next image", "next"),
          el("button", { class: "iconbtn", "aria-label": "Full screen", title: "Full screen, F", onclick: full }, icon("max")),
          el("button", { class: "iconbtn close", "aria-label": "Close", title: "Close, Esc", onclick: close }, icon("close"))),
        el("button", { class: "pic", "aria-label": `Full screen: ${item.file}, labelled ${item.label}`, onclick: full },
          el("img", { class: "big", src: R.at(`/img/${run()}/${item.row}?size=large`), alt: `${item.file}, labelled ${item.label}` })),
        el("div", { class: "body", tabindex: "0", role: "region", "aria-label": "What is known of it" },
          item.evidence ? el("p", { class: "evidence" }, item.evidence) : null,
          item.reason ? el("p", { class: "evidence" }, `Not read: ${item.reason}.`) : null,
          item.picture === "changed"
            ? el("p", { class: "evidence", role: "alert" }, "This file holds another picture now. What you see is the one that the run saw, made small; it can't be decided on until the next run.")
            : null,
          item.suggestion ? strip(`Nearest in ${item.suggestion}`, item.outside.filter((one) => one.label === item.suggestion), handlers.neighbour) : null,
          item.nearest.some((one) => one.label !== item.suggestion) ? strip("Nearest anywhere", item.nearest, handlers.neighbour) : null,
          strip(`Nearest in ${item.label}, its label today`, item.inside.map(letter), handlers.neighbour),
          item.suggestion ? null : strip("Nearest under other labels", item.outside, handlers.neighbour),
          el("p", {}, el("a", { class: "btn sm", href: R.similarTo([item.row]) }, "Find similar ", el("kbd", {}, "S"))),
          facts(item)),
        answers(item, act),
      );
      const next = rows[place + 1];
      if (place >= 0 && next !== undefined) fetched(next).catch(() => {}); // it will be asked for soon
    }

    // As high as the window has room, so that the answers at its foot are in sight.
    function fit() {
      if (row === null || panel.closest(".fit, .atlas")) return;
      const wide = innerWidth >= 1100;
      const top = Math.max(68, layout.getBoundingClientRect().top);
      panel.style.height = wide ? `${Math.max(360, innerHeight - top - 16)}px` : "";
    }
    addEventListener("scroll", fit, { passive: true });
    addEventListener("resize", fit, { passive: true });

    async function open(wanted, focus = true) {
      const mine = ++asked;
      if (row === null) back = document.activeElement;
      row = wanted;
      panel.classList.add("open");
      layout.classList.add("item-open");
      fit();
      note({ item: wanted });
      if (handlers.opened) handlers.opened(wanted);
      if (R.fullShown()) R.fullShown().show(wanted);
      try {
        const found = await fetched(wanted);
        if (mine !== asked) return;
        draw(found);
        if (focus && matchMedia("(max-width:1099.9px)").matches) panel.querySelector(".name").focus();
      } catch (error) {
        if (mine === asked) R.failed(error, () => open(wanted));
      }
    }

    function close() {
      asked++;
      R.closePicker();
      const had = panel.contains(document.activeElement);
      row = item = null;
      panel.classList.remove("open");
      layout.classList.remove("item-open");
      panel.replaceChildren();
      note({ item: null });
      if (handlers.closed) handlers.closed();
      if (had || !document.activeElement || document.activeElement === document.body)
        if (back && back.isConnected) back.focus({ preventScroll: true });
    }

    function go(by) {
      const rows = handlers.rows();
      const at = rows.indexOf(row);
      if (at >= 0 && rows[at + by] !== undefined) open(rows[at + by], false);
      return at >= 0;
    }

    // Keys may come faster than images: an answer is about the image that is open then, never about
    // the one that is still shown, and waits until what is known of it has come.
    let answering = Promise.resolve();
    let waiting = 0;
    function act(answer, label) {
      if (row === null || !R.decides()) return;
      if (!waiting && item && item.row === row) return acted(answer, label);
      waiting += 1;
      answering = answering.then(async () => {
        if (row !== null) {
          item = whole(await fetched(row));
          acted(answer, label);
        }
      }).catch((error) => R.failed(error)).finally(() => (waiting -= 1));
    }
    const whole = (found) => ({ ...found, decision: R.decided.get(found.row) || "", ...(handlers.about ? handlers.about(found.row) : {}) });

    function acted(answer, label) {
      if (answer === "other") return pick();
      if (answer === "yes" && !label && !item.suggestion) return pick();
      const to = label || (answer === "yes" ? item.suggestion : null);
      const done = item;
      if (to) R.remember(to);
      if (handlers.decide) handlers.decide(done.row, answer, to);
      else
        R.decide({ rows: [done.row], label: done.label, cluster: done.cluster, ...(to ? { action: "relabel", to_label: to } : { action: answer }) });
      const inside = panel.contains(document.activeElement);
      const rows = handlers.rows();
      const next = rows[rows.indexOf(done.row) + 1];
      if (goesOn && next !== undefined) open(next, false);
      else draw({ ...done });
      if (inside) (back && back.isConnected ? back : panel).focus({ preventScroll: true }); // the gallery has the keys again
    }

    const pick = () =>
      R.pick(panel.querySelector(".pickme"), {
        suggestion: item.suggestion, named: item.new, today: item.label, inside: document.querySelector(".full") ? null : panel,
        take: (label) => act("yes", label),
      });

    function full() {
      if (!item) return;
      R.full({
        row, rows: handlers.rows, item: fetched, about: handlers.about,
        answers: (shown) => answers(shown, (answer) => act(answer)),
        opened: (wanted) => open(wanted, false), press,
      });
    }

    // Keys of the image that is open; true when one was used.
    function press(key, event) {
      if (row === null) return false;
      if (key === "ArrowLeft" || key === "ArrowUp" || key === "k") go(-1);
      else if (key === "ArrowRight" || key === "ArrowDown" || key === "j") go(1);
      else if (key === "f" || key === "Enter") full();
      else if (key === "s") R.go(R.similarTo([row]));
      else if (key === "z" && R.decides()) event.shiftKey ? R.redo() : R.undo();
      else if (R.decides() && !event.shiftKey && "ynrxu".includes(key) && key.length === 1)
        act({ y: "yes", n: "keep", r: "other", x: "remove", u: "unsure" }[key]);
      else return false;
      return true;
    }

    R.onDecided(() => {
      if (item && item.row === row && panel.isConnected && (R.decided.get(row) || "") !== item.decision) draw(item);
    });
    const settled = () => answering; // when all answers that were given are taken in
    return { open, close, press, full, settled, get row() { return row; }, get isOpen() { return row !== null; } };
  };
})(window.rosette);
