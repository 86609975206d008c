// The Confusion page: cells, rows and columns lead to their images, by mouse and by keyboard.
(function (R) {
  "use strict";

  R.whenThere("#confusion-box", (box) => {
    const cells = JSON.parse(box.dataset.cells);
    const n = cells.names.length;
    const listen = new AbortController();
    const signal = listen.signal;
    let stopped = false;
    let graph = null;
    let at = null; // {x, y} of the cursor; -1 is the name of a row or column

    const images = (what) => `/images?${new URLSearchParams(what)}`;

    function address(x, y) {
      const [given, looks] = [cells.names[y], cells.names[x]];
      if (cells.level === "groups") {
        const groups = [x, y].filter((place) => place >= 0).map((place) => cells.numbers[place]);
        const by = cells.by === "check" ? "" : `&by=${cells.by}`;
        return `/confusion?groups=${[...new Set(groups)].join(".")}${by}`;
      }
      if (x < 0) return images({ given, differs: cells.next });
      if (y < 0) return images({ [cells.next]: looks, differs: cells.next });
      return given === looks ? `/class/${encodeURIComponent(given)}` : images({ given, [cells.next]: looks });
    }

    function words(x, y) {
      const [given, looks] = [cells.names[y], cells.names[x]];
      if (x < 0) return `${given}: ${R.plural(cells.wrong[y].reduce((a, b) => a + b, 0), "image")} taken for others`;
      if (y < 0) return `${R.plural(cells.wrong.reduce((sum, row) => sum + row[x], 0), "image")} of others taken for ${looks}`;
      const count = R.plural(cells.wrong[y][x], "image");
      return x === y && cells.level === "labels" ? `${given}, as labelled` : `${given} look like ${looks}: ${count}`;
    }

    function mark() {
      if (!graph.data) return; // the page is going
      const edge = R.css("--focus");
      const span = (place) => (place < 0 ? [-0.5, n - 0.5] : [place - 0.5, place + 0.5]);
      const [x0, x1] = at ? span(at.x) : [];
      const [y0, y1] = at ? span(at.y) : [];
      const shapes = at ? [{ type: "rect", x0, x1, y0, y1, line: { color: edge, width: 2.5 }, layer: "above" }] : [];
      window.Plotly.relayout(graph, { shapes });
      if (at) R.say(words(at.x, at.y));
    }

    // The first stop is the worst confusion.
    function worst() {
      const best = { x: 0, y: 0, count: -1 };
      cells.wrong.forEach((row, y) => row.forEach((count, x) => count > best.count && Object.assign(best, { x, y, count })));
      return { x: best.x, y: best.y };
    }

    box.addEventListener("focus", () => graph && !at && box.matches(":focus-visible") && ((at = worst()), mark()), { signal });
    box.addEventListener("blur", () => at && graph && ((at = null), mark()), { signal });
    box.addEventListener(
      "keydown",
      (event) => {
        if (!graph || event.ctrlKey || event.metaKey || event.altKey) return;
        const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
        const clip = (place) => Math.max(-1, Math.min(n - 1, place));
        if (event.key in steps) {
          const [dx, dy] = steps[event.key];
          const next = at ? { x: clip(at.x + dx), y: clip(at.y + dy) } : worst();
          if (next.x >= 0 || next.y >= 0) at = next;
        } else if (event.key === "Home") at = { x: -1, y: Math.max(0, at ? at.y : 0) };
        else if (event.key === "Enter" && at) R.go(R.at(address(at.x, at.y)));
        else if (event.key === "Escape" && at) at = null;
        else return;
        event.preventDefault();
        event.stopPropagation();
        if (event.key !== "Enter") mark();
      },
      { signal },
    );

    // Plotly's names of ticks take no clicks of their own.
    box.addEventListener(
      "click",
      (event) => {
        const text = event.target.closest(".xtick text, .ytick text");
        if (!text) return;
        const place = cells.names.findIndex((name) => name.slice(0, 24) === text.dataset.unformatted || name.slice(0, 24) === text.textContent);
        if (place < 0) return;
        R.go(R.at(text.closest(".xtick") ? address(place, -1) : address(-1, place)));
      },
      { signal },
    );

    const clicked = (event) => R.go(R.at(address(event.points[0].x, event.points[0].y)));
    (function wait() {
      if (stopped) return;
      const drawn = box.querySelector(".js-plotly-plot");
      // another part of the matrix is drawn into the same place, some time after its cells came
      const whole = drawn && drawn.on && drawn.querySelector(".nsewdrag") && drawn.layout.yaxis.tickvals.length === n;
      if (!whole) return requestAnimationFrame(wait);
      graph = drawn;
      graph.on("plotly_click", clicked);
      box.dataset.ready = box.dataset.key;
    })();
    return () => {
      stopped = true;
      listen.abort();
      if (graph && graph.removeListener) graph.removeListener("plotly_click", clicked); // none once it is purged
      delete box.dataset.ready;
    };
  });
})(window.rosette);
