// An open finding: its images, what of them is ticked, and its answers. What each kind of finding
// is asked, and what its answers write, stands in one table.
(function (R) {
  "use strict";
  const { el, icon, run, plural, middle } = R;
  const FEW = 12; // images of a group that are shown at once
  const COMPARED = 8; // of the group that stays

  const asked = (one) => one.parts.filter((part) => !part.stays);
  const ticked = (one, part) => part.rows.filter((row) => !one.un.has(row) && !R.decided.has(row));
  const allTicked = (one) => asked(one).flatMap((part) => ticked(one, part));
  const named = (one) => asked(one).filter((part) => one.to.get(part) && ticked(one, part).length);

  const thumb = (row) => el("span", { class: "t" }, el("img", { src: R.at(`/img/${run()}/${row}`), alt: "", loading: "lazy", width: 112, height: 112 }));

  // -- what each kind asks -------------------------------------------------------------------------
  // yes(): words of the black button; content(): what it writes, or null where there is more to do
  const KINDS = {
    split: {
      no: "Keep as it is",
      yes(one) {
        const parts = named(one);
        const n = parts.reduce((sum, part) => sum + ticked(one, part).length, 0);
        if (!n) return "Choose a label";
        return `Relabel ${plural(n, "image")}${asked(one).length > 1 ? ` in ${plural(parts.length, "group")}` : ""}`;
      },
      content(one) {
        const parts = named(one);
        if (!parts.length) return null;
        return { label: one.labels[0], each: parts.map((part) => ({ rows: ticked(one, part), action: "relabel", to_label: one.to.get(part) })) };
      },
    },
    merge: {
      no: "They differ",
      yes: (one) => `Merge ${plural(goes(one).rows.length, "image")}`,
      content: (one) => ({ rows: goes(one).rows, action: "relabel", to_label: one.parts.find((part) => part !== goes(one)).name }),
    },
    style: {
      yes: (one) => `Settle ${plural(allTicked(one).length, "image")}: labels stay`,
      content: (one) => ({ rows: allTicked(one), action: "keep" }),
    },
    copies: {
      no: "Keep all",
      yes: (one) => `Exclude ${plural(spare(one).length, "copy").replace("copys", "copies")}`,
      content: (one) => ({ each: [{ rows: spare(one), action: "remove", only_these: true }] }),
      only: true,
    },
    stray: { yes: (one) => `Go through ${plural(allTicked(one).length, "image")}`, go: () => "/strays" },
    mixed: {
      no: "All are right",
      yes: (one) => `Go through ${plural(allTicked(one).length, "image")}`,
      go: (one) => `/strays?${new URLSearchParams({ a: one.labels[0], b: one.labels[1] })}`,
    },
    // Without a new label the answer is that the labels are right: the model needs more such images.
    slice: {
      no: "Label is right",
      yes(one) {
        const n = plural(allTicked(one).length, "image");
        return named(one).length ? `Relabel ${n}` : `Labels of ${n} are right`;
      },
      content(one) {
        const [part] = asked(one);
        const rows = ticked(one, part);
        return one.to.get(part) ? { rows, action: "relabel", to_label: one.to.get(part) } : { rows, action: "keep" };
      },
      more: (one) => [el("button", { class: "btn ghost xtra", onclick: () => keepSet(one) }, "Save as a set")],
    },
  };
  // For who collects more like these: the set is opened on the Map, and exported by its name.
  async function keepSet(one) {
    const said = `${one.labels[0] ? `${one.labels[0]}: ` : ""}${asked(one)[0].name}`;
    try {
      const saved = await R.post("selections", { name: said, rows: allTicked(one) });
      R.slot(`${plural(saved.size, "image")} saved as ${saved.name}`, { words: "Open", run: () => R.go(R.at(`/map?selection=${encodeURIComponent(saved.name)}`)) });
    } catch (error) {
      R.failed(error, () => keepSet(one));
    }
  }
  const goes = (one) => one.goes || (one.goes = asked(one)[0]);
  const spare = (one) => one.sets.flatMap((set) => set.slice(1)).filter((row) => !R.decided.has(row));

  R.caseKind = (one) => KINDS[one.kind];
  R.caseTicked = allTicked;

  // What is chosen in a case until it is decided.
  R.caseBegin = function (one) {
    if (!one.parts || one.un) return;
    one.un = new Set();
    one.to = new Map(asked(one).map((part) => [part, part.to || part.new]));
    const rules = asked(one)[0].rules;
    one.rule = 0;
    if (rules && rules.length) one.sets = rules[0].sets.map((set) => [...set]);
  };

  // -- the images ----------------------------------------------------------------------------------
  function gallery(one, part, changed) {
    const host = el("div", { class: "ticks" });
    const ticks = new R.Selection();
    ticks.rows = new Set(ticked(one, part));
    ticks.addEventListener("change", () => {
      for (const row of part.rows) ticks.has(row) ? one.un.delete(row) : one.un.add(row);
      changed();
    });
    const rows = part.rows;
    const short = rows.length > FEW;
    const grid = new R.Gallery(host, {
      rows: short ? rows.slice(0, FEW) : rows, label: `${part.name}, to be decided`, selection: ticks, ticks: true,
      open: (row) => R.full({ row, rows: () => rows, item: (asked) => R.json(`/api/${run()}/item/${asked}`) }),
    });
    one.grids.push(grid);
    const more = short && el("button", { class: "btn sm ghost", onclick: () => (grid.show(rows), more.remove()) }, `Show all ${rows.length.toLocaleString("en")}`);
    const none = el("button", { class: "btn sm ghost", onclick: () => ticks.replace(ticks.size ? [] : rows.filter((row) => !R.decided.has(row))) }, "Tick all or none");
    return el("div", {}, host, el("div", { class: "row tools2" }, more || null, rows.length > 1 ? none : null));
  }

  function field(one, part, changed, anchorless) {
    const label = one.to.get(part);
    const button = el("button", { class: "field pickme", "aria-haspopup": "dialog", onclick: () => pick(one, part, button, changed) },
      label ? R.labelled(label, label === part.new) : el("span", { class: "faint" }, "Choose a label"), icon("down-small"));
    return button;
  }

  function pick(one, part, anchor, changed, then) {
    R.pick(anchor, {
      suggestion: part.to, named: part.new, today: one.labels[0],
      take(label) {
        one.to.set(part, label);
        changed(true);
        if (then) then();
      },
    });
  }
  R.casePick = function (one, changed, then) {
    const parts = asked(one);
    const part = parts.find((p) => !one.to.get(p) && ticked(one, p).length) || parts[0];
    pick(one, part, document.querySelector(".f.open .pickme") || document.querySelector(".f.open .primary"), changed, then);
  };

  const head = (part, words, hot) =>
    el("div", { class: "gh" }, part.letter ? el("span", { class: "key sm" }, part.letter) : null,
      el(hot ? "span" : "b", { class: hot ? "to" : "" }, middle(words)), el("span", { class: "c" }, plural(part.size, "image")));

  const colour = (part) => (part.letter ? `c${part.letter[0]}` : "");

  function sides(one, changed) {
    const stays = one.parts.find((part) => part.stays);
    const part = asked(one)[0];
    const still = stays && stays.rows.slice(0, COMPARED);
    const more = stays ? stays.size - still.length : 0;
    const columns = el("div", { class: stays ? "ab" : "ab one" },
      el("div", { class: "why" },
        el("span", { class: `meter ${one.sure === "Perhaps" ? "is-susp" : "is-split"}` }, el("span", { class: "bar" }, fill(one.score)), el("b", {}, one.score.toFixed(2))),
        one.why ? el("p", { class: "sm" }, one.why) : null,
        el("p", { class: "sm faint only-lg" }, "Untick what does not belong.")),
      stays ? el("div", { class: colour(stays) }, head(stays, stays.name), el("div", { class: "g" }, still.map(thumb)), more > 0 ? el("p", { class: "faint xs" }, `and ${plural(more, "more image")}`) : null) : null,
      el("div", { class: colour(part) }, head(part, part.name, true), gallery(one, part, changed)));
    return columns;
  }
  function fill(score) {
    const bar = el("i", {});
    bar.style.width = `${Math.round(score * 100)}%`;
    return bar;
  }

  // More than two kinds are rows, each with its own name, not columns that scroll.
  function rows(one, changed) {
    return el("ul", { class: "kinds" }, one.parts.map((part) =>
      el("li", { class: colour(part) },
        el("span", { class: "key sm" }, part.letter),
        el("span", {}, part.stays ? el("b", {}, R.name(part.name)) : null, el("span", { class: "muted sm" }, ` ${plural(part.size, "image")}`)),
        part.stays ? el("div", { class: "s" }, part.rows.slice(0, FEW).map(thumb)) : el("div", { class: "s" }, gallery(one, part, changed)),
        el("div", { class: "to" }, part.stays ? el("span", { class: "faint sm" }, "stays as it is") : [el("span", { class: "faint" }, "→"), field(one, part, changed)]))));
  }

  function both(one) {
    return el("div", { class: "ab pair" },
      el("div", { class: "why" }, el("p", { class: "sm" }, one.why)),
      one.parts.map((part) => el("div", {}, head(part, part.name), el("div", { class: "g six" }, part.rows.slice(0, FEW).map(thumb)))));
  }

  const each = (one) => el("div", { class: "s8" }, asked(one).flatMap((part) => part.rows).filter((row) => !R.decided.has(row)).slice(0, FEW).map((row) => thumb(row)));

  // Copies: the first of each set stays; another is chosen by a click on it.
  function copies(one, changed) {
    const rules = asked(one)[0].rules;
    const sets = one.sets.slice(0, 60);
    const choice = el("div", { class: "row wrap sm" }, el("span", {}, "Of each picture stays"), el("span", { class: "seg", role: "group", "aria-label": "Which copy stays" },
      rules.map((rule, n) => el("button", { "aria-pressed": String(n === one.rule), onclick: () => {
        one.rule = n;
        one.sets = rule.sets.map((set) => [...set]);
        changed(true);
      } }, rule.name))));
    return el("div", {}, choice, el("div", { class: "pairs2" }, sets.map((set, at) => {
      const stays = set[0];
      return el("div", { class: "pair", role: "radiogroup", "aria-label": "One picture" }, [...set].sort((a, b) => a - b).map((row) =>
        el("button", { class: `t ${row === stays ? "stays" : "goes"}`, role: "radio", "aria-checked": String(row === stays), "aria-label": `Copy ${row}, ${row === stays ? "stays" : "is left out"}`, onclick: () => {
          one.sets[at] = [row, ...set.filter((other) => other !== row)];
          changed(true);
        } }, el("img", { src: R.at(`/img/${run()}/${row}`), alt: "", loading: "lazy", width: 112, height: 112 }), el("span", { class: "tag" }, row === stays ? "stays" : "left out"))));
    })), one.sets.length > sets.length ? el("p", { class: "faint sm" }, `and ${plural(one.sets.length - sets.length, "more picture")}, by the same rule`) : null);
  }

  function body(one, changed) {
    if (one.kind === "slice") return sides(one, changed);
    if (one.kind === "split") return asked(one).length > 1 || one.parts.length > 2 ? rows(one, changed) : sides(one, changed);
    if (one.kind === "merge" || one.kind === "mixed") return both(one);
    if (one.kind === "copies") return copies(one, changed);
    return each(one);
  }

  function say(one, changed) {
    if (one.kind === "merge") {
      const choice = (part, other) => el("label", { class: "radio" }, el("input", { type: "radio", name: `m${one.at}`, checked: goes(one) === other, onchange: () => ((one.goes = other), changed()) }), el("span", {}, "All become ", el("b", {}, middle(part.name))));
      const [a, b] = one.parts;
      return [choice(a, b), choice(b, a)];
    }
    if (one.kind === "mixed" || one.kind === "copies") return []; // said beside the images
    if (one.kind === "slice") {
      const n = ticked(one, asked(one)[0]).length;
      if (!one.to.get(asked(one)[0])) return [el("span", {}, "If the labels are right, the model needs more images like these."), field(one, asked(one)[0], changed)];
      return [el("b", {}, `${n.toLocaleString("en")} of ${asked(one)[0].rows.length.toLocaleString("en")} are`), field(one, asked(one)[0], changed)];
    }
    if (one.kind !== "split") return [el("span", {}, one.why)];
    const parts = asked(one);
    if (parts.length > 1) return [el("span", {}, "Groups without a name stay here until they get one.")];
    const n = ticked(one, parts[0]).length;
    const all = n === parts[0].rows.length;
    const words = `${all ? `All ${n.toLocaleString("en")}` : `${n.toLocaleString("en")} of ${parts[0].rows.length.toLocaleString("en")}`} in ${parts[0].letter}`;
    return one.to.get(parts[0]) ? [el("b", {}, `${words} are`), field(one, parts[0], changed)] : [el("span", {}, el("b", {}, words), " need a name")];
  }

  // hooks: answer("yes" | "keep" | "unsure"), open()
  R.caseOpen = function (one, hooks) {
    one.grids = [];
    const kind = KINDS[one.kind];
    const place = el("div", { class: "in" });
    const line = el("span", { class: "say row wrap" });
    const yes = el("button", { class: "btn primary", onclick: () => hooks.answer("yes") });
    const quiet = el("span", { class: "quiet" }, hooks.extra,
      kind.no && !(kind.more && !asked(one)[0].to) ? el("button", { class: "btn ghost", onclick: () => hooks.answer("keep") }, kind.no, el("kbd", {}, "N")) : null,
      el("button", { class: "btn ghost", onclick: () => hooks.answer("unsure") }, "Not sure", el("kbd", {}, "U")),
      kind.more ? kind.more(one) : null,
      one.labels.length && one.kind !== "mixed" ? el("button", { class: "btn ghost xtra", onclick: hooks.open }, "Open", el("kbd", {}, "↵")) : null);
    function changed(whole) {
      if (whole) draw();
      line.replaceChildren(...say(one, changed));
      yes.replaceChildren(el("span", {}, kind.yes(one)), el("kbd", {}, "Y"));
      yes.disabled = one.kind !== "split" && !allTicked(one).length && one.kind !== "merge" && one.kind !== "copies";
    }
    function draw() {
      one.grids.forEach((grid) => grid.stop());
      one.grids = [];
      place.replaceChildren(body(one, changed));
    }
    one.changed = changed;
    changed(true);
    return [place, R.decides() ? el("div", { class: "do" }, line, yes, quiet) : null];
  };
})(window.rosette);
