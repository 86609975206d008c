// The Queue page: one list, one finding open. A decision folds it to a line and opens the next; all
// counts fall in the same frame, before the server has answered.
(function (R) {
  "use strict";
  const { el, icon, json, run, plural, name } = R;
  const SHOWN = 3; // settled lines that stay in sight; older ones fold into one
  const FOLDS_FROM = 5;

  R.whenThere("#queue-page", (page) => {
    const given = JSON.parse(page.dataset.queue);
    const listen = new AbortController();
    const { signal } = listen;
    for (const [row, text] of Object.entries(JSON.parse(page.dataset.decided))) R.decided.set(Number(row), text);
    const cases = given.cases;
    const settled = new Map(given.settled.map((one) => [one.id, one]));
    const list = page.querySelector("#queue-list");
    const nodes = new Map();
    let kind = page.dataset.kind;
    let current = null;
    let last = null; // what was decided last, to glow once
    let older = false; // whether old settled lines are shown

    // Of two labels that are one kind either may take the name of the other.
    const touched = (one) => (one.kind === "merge" && one.parts ? one.parts.flatMap((part) => part.rows) : rowsOf(one));
    const rowsOf = (one) => (one.parts ? [...new Set(one.parts.flatMap((part) => (part.stays ? [] : part.rows)))] : null);
    const count = (rows) => rows.reduce((n, row) => n + R.decided.has(row), 0);
    // As the server has it: see Case.waits.
    function waits(one) {
      if (one.seen) return false; // decided here, or set aside
      if (!one.parts) return !settled.has(one.id);
      const parts = one.parts.filter((part) => !part.stays);
      if (one.kind === "merge") return one.parts.every((part) => 2 * count(part.rows) < part.rows.length);
      if (["split", "style", "slice"].includes(one.kind)) return parts.some((part) => 2 * count(part.rows) < part.rows.length);
      const rules = parts[0].rules;
      if (rules && rules.length) return rules[0].sets.some((set) => set.length - count(set) > 1);
      return rowsOf(one).some((row) => !R.decided.has(row));
    }
    const leftIn = (one) => (one.parts ? rowsOf(one).filter((row) => !R.decided.has(row)).length : one.n);
    const visible = () => cases.filter((one) => !kind || one.kind === kind);
    // Of single images some may be decided already: the title counts those that wait.
    const title = (one) => one.kind === "stray" && one.parts && leftIn(one)
      ? [`${plural(leftIn(one), "single image")} may be under a wrong label`]
      : one.title.map((piece, n) => (n % 2 ? el("b", {}, name(piece)) : piece));

    // -- lines ---------------------------------------------------------------------------------------
    function words(one) {
      const old = settled.get(one.id);
      const counts = new Map(one.parts ? [] : old ? old.decided : []);
      if (one.parts)
        for (const row of touched(one)) {
          const text = R.decided.get(row);
          if (text) counts.set(text, (counts.get(text) || 0) + 1);
        }
      const gone = one.kind === "merge" && one.parts && one.parts.find((part) => 2 * count(part.rows) >= part.rows.length);
      const became = (label) => [...counts.keys()].includes(`relabel: ${label}`);
      const merged = one.kind === "merge" && !one.parts && one.labels.find((label) => !became(label)); // its rows are not here
      const subject = gone || merged ? [el("b", {}, name(gone ? gone.name : merged))] : one.labels.length ? [el("b", {}, name(one.labels[0]))] : [title(one)].flat();
      const parts = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3).map(([text, n]) =>
        text.startsWith("relabel: ")
          ? [" → ", el("b", {}, name(text.slice(9))), `, ${plural(n, "image")}`]
          : [` ${{ keep: "kept as labelled", remove: "left out", unsure: "not sure, set aside" }[text] || text}`, `, ${plural(n, "image")}`]);
      const rest = gone ? 0 : leftIn(one);
      if (rest && one.parts && parts.length) parts.push([el("em", {}, `${plural(rest, "image")} left as they are`.replace("1 image left as they are", "1 image left as it is"))]);
      return [...subject, ...parts.flatMap((part, n) => (n && part.length > 1 ? [";", ...part] : part))];
    }

    function folded(one) {
      const unsaved = R.waiting().length && one.entry && !one.batch;
      const kept = [...(one.parts ? new Set(rowsOf(one).map((row) => R.decided.get(row))) : [])].every((text) => text !== undefined && text === "keep");
      const button = unsaved
        ? el("button", { class: "btn ghost sm", onclick: R.tryNow }, "Try now")
        : R.decides() && (one.batch || (settled.get(one.id) || {}).batch)
          ? el("button", { class: "btn ghost sm", onclick: () => R.undo(one.batch || settled.get(one.id).batch) }, "Undo")
          : el("a", { class: "btn ghost sm", href: R.at("/review") }, "History");
      return el("article", { class: `f done ${unsaved ? "wait" : ""} ${last === one ? "just" : ""} k-${one.kind}`, "data-id": one.id, "aria-label": `Settled: ${one.title.join("")}` },
        el("div", { class: "bar" }, icon(unsaved ? "clock" : kept ? "review" : "check"),
          el("div", { class: "ttl" }, ...words(one), unsaved ? el("em", {}, "Not saved yet, it is sent again by itself") : null), button));
    }

    function line(one) {
      const open = one === current;
      const n = leftIn(one);
      const bar = el("button", { class: "bar", "aria-expanded": String(open), onclick: () => open || show(one) },
        icon(`k-${one.kind}`),
        el("span", { class: "ttl" }, ...title(one), el("small", {}, one.kind === "stray" && one.parts && leftIn(one) < one.n ? "Look at each" : one.said)),
        el("span", { class: "peek" }, (one.kind === "stray" && one.parts ? rowsOf(one).filter((row) => !R.decided.has(row)).slice(0, one.peek.length) : one.peek).map((row) => el("span", { class: "t" }, el("img", { src: R.at(`/img/${run()}/${row}`), alt: "", loading: "lazy", width: 38, height: 38 })))),
        el("span", { class: "n" }, el("b", {}, n.toLocaleString("en")), el("span", {}, n === 1 ? " image" : " images"), el("br"), el("span", {}, one.sure)));
      const node = el("article", { class: `f ${open ? "open" : ""} k-${one.kind}`, "data-id": one.id, "aria-current": open && "true", "aria-label": one.title.join("") }, bar);
      if (!open) return node;
      const inside = el("div", { class: "inside" });
      node.append(inside);
      if (one.parts) {
        R.caseBegin(one);
        inside.append(...R.caseOpen(one, { answer, open: enter, extra: assignment(one) }).filter(Boolean));
      } else inside.append(el("div", { class: "in" }, el("div", { class: "sk", style: "height:200px" })));
      return node;
    }

    function assignment(one) {
      if (!R.decides() || !one.labels.length) return null;
      if (one.assigned) return el("span", { class: "faint sm take" }, `for ${one.assigned}`);
      const take = () =>
        R.post("assign", { label: one.labels[0] }).then((answer) => ((one.assigned = answer.reviewer), paint(one)), R.failed);
      return el("button", { class: "take sm xtra", onclick: take }, "Assign to me");
    }

    function paint(one) {
      const old = nodes.get(one.id);
      if (one.grids) one.grids.forEach((grid) => grid.stop());
      one.grids = null;
      const node = waits(one) ? line(one) : folded(one);
      nodes.set(one.id, node);
      if (old) old.replaceWith(node);
      if (one === current) one.grids && one.grids.forEach((grid) => grid.draw());
      return node;
    }

    function sift() {
      const shown = visible();
      const done = shown.filter((one) => !waits(one));
      const hide = older || done.length < FOLDS_FROM ? [] : done.sort((a, b) => (a.when || 0) - (b.when || 0)).slice(0, -SHOWN);
      for (const one of cases) nodes.get(one.id).hidden = !shown.includes(one) || hide.includes(one);
      fold.hidden = !hide.length;
      fold.lastChild.textContent = `${hide.length.toLocaleString("en")} settled before these · Show`;
    }

    function counts() {
      const waiting = cases.filter(waits);
      const n = waiting.length;
      const heading = page.querySelector("#queue-left");
      const said = n ? `${plural(n, "finding")} left` : "Nothing left to decide";
      if (heading.textContent !== said) heading.textContent = said;
      const whole = cases.reduce((sum, one) => sum + one.n, 0);
      const images = cases.reduce((sum, one) => sum + (waits(one) ? one.n - leftIn(one) : one.n), 0);
      page.querySelector("#queue-settled").textContent = `${(cases.length - n).toLocaleString("en")} of ${cases.length.toLocaleString("en")} settled`;
      page.querySelector("#queue-images").textContent = `${images.toLocaleString("en")} of ${plural(whole, "image")}`;
      const bar = page.querySelector("#queue-bar");
      bar.firstChild.style.width = `${whole ? (100 * images) / whole : 0}%`;
      bar.setAttribute("aria-label", `${cases.length - n} of ${cases.length} settled`);
      const left = {};
      for (const chip of page.querySelectorAll(".chip[data-kind]")) {
        const of = waiting.filter((one) => !chip.dataset.kind || one.kind === chip.dataset.kind).length;
        chip.lastElementChild.textContent = of.toLocaleString("en");
        chip.setAttribute("aria-pressed", String(chip.dataset.kind === kind));
        if (chip.dataset.kind) left[chip.dataset.kind] = of;
      }
      R.left(left);
      const end = page.querySelector("#queue-end");
      end.replaceChildren(...(n ? [] : [nothing()]));
    }

    function nothing() {
      return el("div", { class: "empty" }, icon("review"), el("h2", {}, cases.length ? "Nothing left to decide" : "Nothing was found"),
        el("p", {}, cases.length ? `${plural(cases.length, "finding")} settled. Your files are unchanged until you export.` : "No label hides two kinds, and no image looks like another label."),
        el("a", { class: "btn", href: R.at("/review") }, "History and export"));
    }

    // -- moving --------------------------------------------------------------------------------------
    async function fetched(one) {
      if (one.parts || !one) return;
      const found = await json(`/api/${run()}/case?id=${encodeURIComponent(one.id)}`);
      one.parts = found.parts;
      for (const [row, text] of Object.entries(found.decided)) R.decided.set(Number(row), text);
    }
    function show(one, focus = true) {
      const before = current;
      current = one;
      if (before && before !== one) paint(before);
      if (!one) return R.note({ at: null });
      const node = paint(one);
      R.note({ at: one.id });
      if (!one.parts) fetched(one).then(() => one === current && paint(one), (error) => R.failed(error, () => show(one)));
      const next = neighbour(1);
      if (next && !next.parts) fetched(next).catch(() => {});
      if (focus) {
        node.firstElementChild.focus({ preventScroll: true });
        see(node);
      }
    }
    function see(node) {
      const box = node.getBoundingClientRect();
      if (box.bottom > innerHeight - 20 || box.top < 64)
        scrollBy({ top: box.top - Math.max(110, Math.min(box.top, innerHeight - box.height - 40)) });
    }
    function neighbour(by) {
      const some = visible().filter((one) => waits(one) || one === current);
      return some[some.indexOf(current) + by];
    }
    function next(from) {
      const shown = visible();
      const at = shown.indexOf(from);
      return shown.slice(at + 1).find(waits) || shown.find((one) => one !== from && waits(one)) || null;
    }

    // -- answers -------------------------------------------------------------------------------------
    function answer(what) {
      const one = current;
      if (!one || !one.parts || !R.decides()) return;
      const asks = R.caseKind(one);
      if (what === "yes" && asks.go) return R.go(R.at(asks.go(one)));
      let content = null;
      if (what === "yes") content = asks.content(one);
      else if (asks.no || what === "unsure") {
        const rows = one.sets ? one.sets.flatMap((set) => set.slice(1)) : rowsOf(one).filter((row) => !R.decided.has(row));
        content = { each: [{ rows, action: what, only_these: Boolean(asks.only) }], label: one.labels[0] };
      }
      if (!content) return R.casePick(one, (whole) => one.changed(whole), () => answer("yes"));
      for (const group of content.each || [content]) if (group.to_label) R.remember(group.to_label);
      if ((content.each || [content]).every((group) => !group.rows.length)) return;
      decide(one, content);
    }

    function decide(one, content) {
      const entry = R.decide(content);
      one.entry = entry;
      one.when = Date.now();
      last = one;
      const leaves = one.parts.filter((part) => !part.stays).length === 1 || one.kind !== "split";
      one.seen = leaves; // what was unticked stays as it is
      if (!waits(one)) {
        const then = next(one); // not from what is open: what follows decisions may have moved on already
        current = null;
        paint(one);
        show(then);
      } else paint(one);
      sift();
      counts();
      entry.then((answer) => {
        if (answer) one.batch = answer.batch;
        else one.seen = false;
        follow();
      });
    }

    // Whatever was decided, here, by others or taken back.
    function follow() {
      const inside = list.contains(document.activeElement);
      for (const one of cases) {
        const rows = one.parts && touched(one);
        if (one.seen && rows && !rows.some((row) => R.decided.has(row))) {
          one.seen = false; // undone
          one.batch = one.un = null;
          current = current && waits(current) ? (paint(current), current) : null;
          const before = current;
          current = one;
          if (before) paint(before);
        }
        const state = `${waits(one)} ${leftIn(one)} ${R.waiting().length && one.entry && !one.batch} ${one.batch || ""} ${one === current}`;
        if (one.state !== state) paint(one);
        one.state = state;
      }
      if (!current || !waits(current)) {
        const then = visible().find(waits) || null;
        current = null;
        show(then, false);
      }
      // lines are drawn anew: who was in the list stays in it
      if (inside && current && !list.contains(document.activeElement)) nodes.get(current.id).firstElementChild.focus({ preventScroll: true });
      sift();
      counts();
    }
    R.onDecided(follow, { signal });

    const enter = () => {
      if (!current) return;
      const asks = R.caseKind(current);
      if (asks.go) R.go(R.at(asks.go(current)));
      else if (current.kind === "copies") R.go(R.at(`/images?finding=${encodeURIComponent(current.parts[0].name)}`));
      else if (current.kind === "slice") R.go(R.at(`/images?slice=${current.id.split(":")[1]}`));
      else if (current.labels.length) R.go(R.at(`/class/${encodeURIComponent(current.labels[0])}`));
    };

    page.addEventListener("click", (event) => {
      const chip = event.target.closest(".chip[data-kind]");
      if (!chip) return;
      kind = chip.dataset.kind;
      R.note({ kind: kind || null });
      if (!current || (kind && current.kind !== kind)) show(visible().find(waits) || null, false);
      sift();
      counts();
    }, { signal });

    const fold = el("button", { class: "older", hidden: true, onclick: () => ((older = true), sift()) }, icon("check"), el("span", {}, ""));
    const wanted = new URL(location.href).searchParams.get("at");
    current = cases.find((one) => one.id === wanted && waits(one)) || visible().find(waits) || null;
    cases.forEach((one, at) => ((one.at = at), paint(one)));
    list.replaceChildren(fold, ...nodes.values());
    if (current) show(current, false);
    for (const one of cases) one.state = null;
    follow();
    if (R.coach) R.coach(page);

    R.keys.page = {
      escape: () => false,
      press(key, event) {
        if (key === "z" && R.decides()) return event.shiftKey ? R.redo() : R.undo(), true;
        if (key === "j" || key === "k") {
          const to = neighbour(key === "j" ? 1 : -1);
          if (to) show(to);
        } else if (key === "y") answer("yes");
        else if (key === "n" && current && R.caseKind(current).no) answer("keep");
        else if (key === "u") answer("unsure");
        else if (key === "r" && current && ["split", "slice"].includes(current.kind)) R.casePick(current, (whole) => current.changed(whole));
        else if (key === "Enter") enter();
        else return false;
        return true;
      },
    };
    return () => {
      listen.abort();
      for (const one of cases) if (one.grids) one.grids.forEach((grid) => grid.stop());
      R.keys.page = null;
    };
  });
})(window.rosette);
