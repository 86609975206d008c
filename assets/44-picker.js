// Choosing a label: suggested, of today, recent, then all, each with images and its count. A name
// that is nearly an old one is warned of, and the old one is chosen first.
(function (R) {
  "use strict";
  const { el, icon, json, run, plural, name } = R;
  const MOST_RECENT = 3;
  const WIDE = 404; // px of the list and its margin

  let known = null; // all labels, or the first of very many
  const ask = (text) => json(`/api/${run()}/labels?q=${encodeURIComponent(text)}`);
  const all = () => (known = known || ask("").catch((error) => ((known = null), Promise.reject(error))));
  R.onDecided(() => (known = null)); // a new label may have come

  const key = () => `rosette-recent-${document.getElementById("frame").dataset.name}`;
  R.recent = function () {
    try {
      return JSON.parse(localStorage.getItem(key())) || [];
    } catch (error) {
      return []; // storage is forbidden, or holds something else
    }
  };
  R.remember = function (label) {
    const list = [label, ...R.recent().filter((other) => other !== label)].slice(0, MOST_RECENT);
    try {
      localStorage.setItem(key(), JSON.stringify(list));
    } catch (error) {
      // as above: none are remembered
    }
  };

  // A label as it stands in a field; one that is not there yet says so.
  R.labelled = (label, isNew) => (isNew ? [R.middle(label), el("span", { class: "isnew" }, "new")] : R.middle(label));

  let closing = null;
  R.picking = () => Boolean(closing);
  R.closePicker = () => closing && closing();

  // options: {suggestion, named, today, take(label), inside} — named: a new label that what is decided
  // on could get; inside: the panel that the list opens in
  R.pick = function (anchor, options) {
    R.closePicker();
    const from = document.activeElement;
    let shown = []; // labels of the options, "" for the new one
    let at = -1;
    let asked = 0;
    let listed = null; // the text that the list belongs to
    let wanted = false; // Enter was pressed before it came

    const input = el("input", {
      "aria-label": "Label", placeholder: "Find or name a label", spellcheck: "false", autocomplete: "off",
      role: "combobox", "aria-expanded": "true", "aria-controls": "pick-list", "aria-autocomplete": "list",
    });
    const list = el("div", { class: "rest", id: "pick-list", role: "listbox", "aria-label": "Labels" });
    const pop = el("div", { class: "pop", role: "dialog", "aria-label": "Choose a label" },
      el("div", { class: "inp" }, icon("find"), input), list,
      el("div", { class: "foot" },
        el("span", {}, el("kbd", {}, "↑"), el("kbd", {}, "↓"), "move"),
        el("span", {}, el("kbd", {}, "↵"), "choose"), el("span", {}, el("kbd", {}, "Esc"), "leave")));

    function close(back = true) {
      closing = null;
      removeEventListener("pointerdown", outside, true);
      pop.remove();
      // the gallery, not a field, has the keys again: Z after Enter undoes
      if (back && from && from.isConnected && from !== document.body) from.focus({ preventScroll: true });
    }
    closing = close;
    const outside = (event) => pop.contains(event.target) || close(false);
    addEventListener("pointerdown", outside, true);

    function take(label) {
      close();
      R.remember(label);
      options.take(label);
    }

    function option(one, words) {
      const n = shown.push(one.label) - 1;
      return el("div", { class: "opt", role: "option", id: `pick-${n}`, "aria-selected": "false", onclick: () => take(one.label), onpointermove: () => at === n || move(n) },
        el("span", { class: "th" }, one.rows.map((row) => el("span", { class: "t" }, el("img", { src: R.at(`/img/${run()}/${row}`), alt: "", width: 30, height: 30 })))),
        words || name(one.label), el("span", { class: "c" }, one.size ? one.size.toLocaleString("en") : ""));
    }
    const head = (words) => el("div", { class: "hd", role: "presentation" }, words);

    function begin(answer) {
      const of = (label) => answer.labels.find((one) => one.label === label) || { label, size: 0, rows: [] };
      const { suggestion, named, today } = options;
      const recent = R.recent().filter((label) => label !== suggestion && label !== today && label !== named);
      return [
        suggestion ? [head("Looks like"), option(of(suggestion))]
          : named ? [head("Like none of your labels. What it shows"), ...created({ near: [] }, named)]
          : [head("Like none of your labels. Type to name it")],
        today ? [head("Its label today"), option(of(today))] : [],
        recent.length ? [head("Recent"), recent.map((label) => option(of(label)))] : [],
        head(`All ${plural(answer.total, "label")}`), answer.labels.map((one) => option(one)),
      ].flat(2);
    }

    function found(answer, text) {
      const bold = (one) => {
        const start = one.label.toLowerCase().indexOf(text.toLowerCase());
        return start < 0 ? null : el("span", { class: "nm" }, one.label.slice(0, start), el("b", {}, one.label.slice(start, start + text.length)), one.label.slice(start + text.length));
      };
      const nodes = [];
      if (answer.near.length) nodes.push(head("Very close to what you typed"), ...answer.near.map((one) => option(one)));
      if (answer.labels.length) nodes.push(head(plural(answer.labels.length, "label")), ...answer.labels.map((one) => option(one, bold(one))));
      if (!nodes.length) nodes.push(head("No label is called that"));
      if (!answer.exact) nodes.push(...created(answer, text));
      return nodes;
    }

    function created(answer, text) {
      const near = answer.near[0];
      const n = shown.push(text) - 1;
      return [
        near ? el("div", { class: "spell" }, icon("warn"), el("span", {}, el("b", {}, near.label), ` exists with ${plural(near.size, "image")}. A second label so alike is seldom wanted.`)) : "",
        el("div", { class: "opt new", role: "option", id: `pick-${n}`, "aria-selected": "false", onclick: () => take(text), onpointermove: () => at === n || move(n) },
          el("span", { class: "plus" }, icon("plus")), el("span", {}, "Create “", name(text), "”"), el("span", { class: "c" }, "new")),
      ];
    }

    async function draw() {
      const text = input.value.trim().replace(/\s+/g, " ");
      const mine = ++asked;
      let answer;
      try {
        answer = text ? await ask(text) : await all();
      } catch (error) {
        if (mine === asked) list.replaceChildren(head(`The labels could not be read: ${error.message}`));
        return;
      }
      if (mine !== asked || closing !== close) return;
      shown = [];
      list.replaceChildren(...(text ? found(answer, text) : begin(answer)));
      listed = text;
      // without a suggestion nothing is chosen beforehand, so that Enter can't take a wrong name
      move(text || options.suggestion || options.named ? 0 : -1);
      if (wanted) choose();
    }

    function move(n) {
      at = shown.length ? Math.max(-1, Math.min(shown.length - 1, n)) : -1;
      list.querySelectorAll("[role=option]").forEach((node, place) => {
        node.setAttribute("aria-selected", place === at);
        if (place === at) node.scrollIntoView({ block: "nearest" });
      });
      if (at >= 0) input.setAttribute("aria-activedescendant", `pick-${at}`);
      else input.removeAttribute("aria-activedescendant");
    }

    function choose() {
      wanted = listed !== input.value.trim().replace(/\s+/g, " ");
      if (!wanted && at >= 0) take(shown[at]);
    }

    input.addEventListener("input", draw);
    pop.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "ArrowDown" || event.key === "ArrowUp") move(at + (event.key === "ArrowDown" ? 1 : -1));
      else if (event.key === "Enter") choose();
      else if (event.key === "Escape") close();
      else if (event.key !== "Tab") return;
      event.preventDefault(); // Tab stays: there is nowhere else to go but back
    });

    document.body.append(pop);
    place(pop, anchor, options.inside);
    input.focus({ preventScroll: true });
    draw();
  };

  // In the panel of an image below its picture, so that one sees what one names; else at the button.
  function place(pop, anchor, inside) {
    if (inside && innerWidth >= 1100) {
      const panel = inside.getBoundingClientRect();
      const body = (inside.querySelector(".body") || inside).getBoundingClientRect();
      pop.classList.add("in-panel");
      pop.style.cssText = `left:${panel.left}px;width:${panel.width}px;top:${body.top}px;bottom:${innerHeight - Math.min(panel.bottom, innerHeight)}px`;
      return;
    }
    const box = anchor ? anchor.getBoundingClientRect() : { left: innerWidth / 2 - WIDE / 2, top: 120, bottom: 120 };
    const above = box.top - 18;
    const below = innerHeight - box.bottom - 18;
    const up = below < 400 && above > below;
    pop.style.left = `${Math.max(12, Math.min(box.left, innerWidth - WIDE))}px`;
    pop.style.maxHeight = `${Math.max(220, Math.min(560, up ? above : below))}px`;
    if (up) pop.style.bottom = `${innerHeight - box.top + 6}px`;
    else pop.style.top = `${Math.min(box.bottom + 6, innerHeight - 240)}px`;
  }
})(window.rosette);
