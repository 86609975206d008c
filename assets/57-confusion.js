// The Confusion page's matrix: names always readable, one image a dot, more a number; cells lead to
// their images by mouse and by keyboard.
(function (R) {
  "use strict";
  const { el, middle } = R;
  const SHADES = [18, 36, 54, 74, 92]; // % of the heat colour; numbers turn light on the last
  const [LEAST, MOST] = [21, 30]; // px of a row
  const [STEEP, TURN] = [26, 58]; // px of a column from which names lean, and by how many degrees
  const GAP = 8; // px between groups of look-alikes
  const NAMES = [70, 176]; // px of the names at the left, at least and at most

  // Neighbours that are taken for each other stand on one plate.
  function plates(given, n) {
    const linked = new Set();
    const both = new Map();
    for (const [y, x, count] of given.cells) {
      const key = `${Math.min(x, y)} ${Math.max(x, y)}`;
      both.set(key, (both.get(key) || 0) + count);
      if (x !== y && both.get(key) >= 2) linked.add(key);
    }
    const groups = [];
    for (let at = 0; at < n; at++) {
      const last = groups[groups.length - 1];
      if (last && last.some((other) => linked.has(`${other} ${at}`))) last.push(at);
      else groups.push([at]);
    }
    return groups;
  }

  R.whenThere("#confusion-box", (box) => {
    const given = JSON.parse(box.dataset.cells);
    const n = given.names.length;
    const wrong = new Map(given.cells.map(([y, x, count]) => [`${y} ${x}`, count]));
    const listen = new AbortController();
    const { signal } = listen;
    let at = null; // {x, y} of the cursor; -1 is the name of a row or column
    const images = (what) => `/images?${new URLSearchParams(what)}`;

    function address(x, y) {
      const [row, column] = [given.names[y], given.names[x]];
      if (given.level === "groups") {
        const groups = [x, y].filter((place) => place >= 0).map((place) => given.numbers[place]);
        const by = given.by === "check" ? "" : `&by=${given.by}`;
        return `/confusion?groups=${[...new Set(groups)].join(".")}${by}`;
      }
      if (x < 0) return images({ given: row, differs: given.next });
      if (y < 0) return images({ [given.next]: column, differs: given.next });
      return row === column ? `/class/${encodeURIComponent(row)}` : images({ given: row, [given.next]: column });
    }

    const total = (pick, place) => given.cells.reduce((sum, cell) => sum + (cell[pick] === place ? cell[2] : 0), 0);
    function words(x, y) {
      const [row, column] = [given.names[y], given.names[x]];
      if (x < 0) return `${row}: ${R.plural(total(0, y), "image")} taken for others`;
      if (y < 0) return `${R.plural(total(1, x), "image")} of others taken for ${column}`;
      const count = R.plural(wrong.get(`${y} ${x}`) || 0, "image");
      return x === y && given.level === "labels" ? `${row}, as labelled` : `${row} look like ${column}: ${count}`;
    }

    // -- drawing -------------------------------------------------------------------------------------
    const groups = given.together ? plates(given, n) : [];
    const spaced = groups.some((group) => group.length > 1) && n <= 60;
    const pitch = Math.max(LEAST, Math.min(MOST, Math.floor((Math.min(box.clientWidth || 900, 1100) - 240) / n)));
    const place = [];
    let next = 4;
    if (spaced)
      for (const group of groups) {
        for (const label of group) (place[label] = next), (next += pitch);
        next += GAP;
      }
    else for (let label = 0; label < n; label++) (place[label] = next), (next += pitch);
    const size = next;
    const font = pitch < 24 ? 11.5 : 13;
    const longest = Math.max(...given.names.map((name) => name.length));
    const left = Math.max(NAMES[0], Math.min(NAMES[1], longest * font * 0.56 + 22));
    const lean = pitch >= STEEP;
    const reach = Math.min(NAMES[1], longest * font * 0.56 + 8);
    const top = Math.ceil(lean ? reach * Math.sin((TURN * Math.PI) / 180) + 20 : reach + 12);
    const right = lean ? reach * Math.cos((TURN * Math.PI) / 180) : 10;

    function shade(y, count) {
      const of = given.right[y] + total(0, y);
      const step = Math.min(SHADES.length - 1, Math.floor(Math.sqrt(count / Math.max(1, of)) * 1.3 * SHADES.length));
      return SHADES[step];
    }

    function cell([y, x, count]) {
      const strength = shade(y, count);
      const one = count === 1;
      return el("button", {
        class: `x ${one ? "one" : ""} ${{ 74: "dd", 92: "dk" }[strength] || ""}`, tabindex: "-1", "data-y": y, "data-x": x, title: words(x, y), "aria-label": words(x, y),
        style: `left:${left + place[x]}px;top:${top + place[y]}px;width:${pitch - 2}px;height:${pitch - 2}px;--o:${strength / 100};--cf:${pitch < 24 ? 10.5 : 12}px`,
      }, el("u", {}), one ? "" : el("b", {}, count > 999 ? `${Math.floor(count / 1000)}k` : count));
    }

    function draw() {
      const columns = el("div", { class: "ch", style: `height:${top}px;width:${left + size + right + 70}px` },
        el("div", { class: "corner", style: `width:${left}px;height:${top}px` }, el("span", {}, "label ↓"), el("br"), el("span", {}, given.by === "model" ? "model says →" : "looks like →")),
        given.names.map((name, x) => el("button", { class: "cn", tabindex: "-1", "data-x": x, "data-y": -1, title: name, style: `left:${left + place[x] + pitch / 2 - (lean ? 4 : 0)}px;width:${reach}px;text-align:left;--fs:${font}px` }, middle(name))),
        given.level === "labels" ? el("span", { class: "ag", style: `left:${left + size + (lean ? right : 4)}px;bottom:2px;--p:16px` }, "as labelled") : "");
      const rows = el("div", { class: "rh", style: `width:${left}px;height:${size + 6}px` },
        given.names.map((name, y) => el("button", { class: "rn", tabindex: "-1", "data-y": y, "data-x": -1, title: name, style: `top:${place[y]}px;--p:${pitch - 2}px;--fs:${font}px` }, middle(name))));
      const body = [
        ...(spaced ? groups.filter((group) => group.length > 1) : []).map((group) => {
          const from = place[group[0]] - 3;
          const side = place[group[group.length - 1]] + pitch + 1 - from;
          return el("span", { class: "box", style: `left:${left + from}px;top:${top + from}px;width:${side}px;height:${side}px` });
        }),
        el("span", { class: "band", "data-band": "row" }), el("span", { class: "band", "data-band": "column" }),
        ...given.right.map((count, y) => (count && given.level === "labels" ? el("span", { class: "dg", style: `left:${left + place[y] + pitch / 2 - 5}px;top:${top + place[y] + pitch / 2 - 5}px;width:8px;height:8px` }) : "")),
        ...given.cells.map(cell),
        ...(given.level === "labels" ? given.right.map((count, y) => {
          const share = Math.round((100 * count) / Math.max(1, count + total(0, y)));
          return el("span", { class: "ag", style: `left:${left + size + (lean ? right : 4)}px;top:${top + place[y]}px;--p:${pitch - 2}px;--a:${share}%` }, el("u", {}), `${share} %`);
        }) : []),
      ];
      box.classList.toggle("vert", !lean);
      box.replaceChildren(el("div", { class: "cv", style: `width:${left + size + right + 70}px;height:${top + size + 8}px` }, columns, rows, ...body));
    }

    function mark() {
      box.querySelectorAll(".sel, .on").forEach((node) => node.classList.remove("sel", "on"));
      const bands = box.querySelectorAll(".band");
      bands.forEach((band) => (band.style.display = "none"));
      if (!at) return;
      const node = box.querySelector(`.x[data-x="${at.x}"][data-y="${at.y}"]`);
      if (node) node.classList.add("sel");
      const [row, column] = [box.querySelector(`.rn[data-y="${at.y}"]`), box.querySelector(`.cn[data-x="${at.x}"]`)];
      for (const name of [row, column]) if (name) name.classList.add("on");
      if (at.x >= 0 && at.y >= 0) {
        bands[0].style.cssText = `display:block;left:${left}px;top:${top + place[at.y]}px;width:${place[at.x]}px;height:${pitch - 2}px`;
        bands[1].style.cssText = `display:block;left:${left + place[at.x]}px;top:${top}px;width:${pitch - 2}px;height:${place[at.y]}px`;
      }
      const shown = node || row || column;
      if (shown && box.contains(document.activeElement)) shown.scrollIntoView({ block: "nearest", inline: "nearest" });
    }

    // -- what a cell does ----------------------------------------------------------------------------
    function open(x, y) {
      if (x < 0 || y < 0 || x === y || given.level === "groups") return R.go(R.at(address(x, y)));
      at = { x, y };
      mark();
      R.openPair(given.names[y], given.names[x], given);
    }
    R.markPair = (row, column) => {
      const [y, x] = [given.names.indexOf(row), given.names.indexOf(column)];
      at = x < 0 || y < 0 ? null : { x, y };
      if (box.isConnected) mark();
    };

    const worst = () => {
      const best = given.cells.reduce((most, one) => (one[2] > most[2] ? one : most), [0, 0, -1]);
      return { y: best[0], x: best[1] };
    };
    function told() {
      mark();
      if (at) R.say(words(at.x, at.y));
    }
    box.addEventListener("focus", () => !at && box.matches(":focus-visible") && ((at = worst()), told()), { signal });
    box.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      const clip = (to) => Math.max(-1, Math.min(n - 1, to));
      if (event.key in steps) {
        const [dx, dy] = steps[event.key];
        const to = at ? { x: clip(at.x + dx), y: clip(at.y + dy) } : worst();
        if (to.x >= 0 || to.y >= 0) at = to;
      } else if (event.key === "Home") at = { x: -1, y: Math.max(0, at ? at.y : 0) };
      else if (event.key === "Enter" && at) open(at.x, at.y);
      else return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key !== "Enter") told();
    }, { signal });
    box.addEventListener("click", (event) => {
      const node = event.target.closest("[data-x]");
      if (node) open(Number(node.dataset.x), Number(node.dataset.y));
    }, { signal });
    box.addEventListener("pointerover", (event) => {
      const node = event.target.closest(".x");
      if (!node) return;
      const kept = at;
      at = { x: Number(node.dataset.x), y: Number(node.dataset.y) };
      mark();
      at = kept;
      if (at) {
        const chosen = box.querySelector(`.x[data-x="${at.x}"][data-y="${at.y}"]`);
        if (chosen) chosen.classList.add("sel");
      }
    }, { signal });

    draw();
    box.dataset.ready = box.dataset.key;
    if (R.pairShown) R.pairShown(given);
    return () => {
      listen.abort();
      delete box.dataset.ready;
    };
  });
})(window.rosette);
