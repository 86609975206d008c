// A map drawn by Plotly, tied to a selection: what is selected in one is marked in the other, and
// no figure travels for it.
(function (R) {
  "use strict";
  const { el } = R;

  // Plotly's figures carry arrays as base64.
  function decode(values) {
    if (!values || !values.bdata) return values || [];
    const bytes = Uint8Array.from(atob(values.bdata), (c) => c.charCodeAt(0));
    const kinds = { i4: Int32Array, f4: Float32Array, f8: Float64Array, i2: Int16Array, u2: Uint16Array, i1: Int8Array, u1: Uint8Array };
    return new kinds[values.dtype](bytes.buffer);
  }

  // Calls back once the graph inside the element is drawn.
  function whenDrawn(box, start) {
    let stopped = false;
    (function wait() {
      if (stopped) return;
      const graph = box.querySelector(".js-plotly-plot");
      // the layer that takes the mouse is made last
      if (graph && graph.on && graph.querySelector(".nsewdrag")) start(graph);
      else requestAnimationFrame(wait);
    })();
    return () => (stopped = true);
  }

  R.bindMap = function (box, options) {
    const { selection, open } = options;
    let graph = null;
    let own = false; // a selection that the map itself made
    let marked = false;
    let waiting = 0;
    let tip = null;
    let first = null; // the ranges that show everything
    const listen = new AbortController();
    const signal = listen.signal;

    function rowsOf(trace) {
      if (!trace._rosetteRows || trace._rosetteFrom !== trace.customdata) {
        trace._rosetteRows = decode(trace.customdata);
        trace._rosetteFrom = trace.customdata;
      }
      return trace._rosetteRows;
    }

    function mark() {
      if (!graph || (!selection.size && !marked)) return;
      marked = selection.size > 0;
      const chosen = graph.data.map((trace) => {
        if (!selection.size) return null;
        const out = [];
        rowsOf(trace).forEach((row, place) => selection.has(row) && out.push(place));
        return out;
      });
      window.Plotly.restyle(graph, { selectedpoints: chosen });
      if (graph.layout.selections && graph.layout.selections.length)
        window.Plotly.relayout(graph, { selections: [] });
    }

    // Galleries first: marking thousands of dots takes longer than showing what was chosen. What
    // the map's own lasso caught is marked already.
    function markLater() {
      if (own) {
        marked = selection.size > 0;
        return;
      }
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(() => setTimeout(() => signal.aborted || mark(), 0));
    }

    function paint() {
      if (!graph) return;
      const colours = graph.data.map((trace) => R.css(trace.meta));
      if (colours.some((colour, n) => colour !== graph.data[n].marker.color))
        window.Plotly.restyle(graph, { "marker.color": colours });
      signs();
    }

    const layers = R.mapLayers(box, decode, options);
    let placing = 0;
    function signs() {
      cancelAnimationFrame(placing);
      placing = requestAnimationFrame(() => graph && !signal.aborted && layers.draw(graph));
    }

    function hideTip() {
      if (tip) tip.remove();
      tip = null;
    }

    // Picture at once; label, file and suggestion as soon as they are known. Beside the dot.
    function hover(row, { clientX, clientY }) {
      hideTip();
      const words = el("div", { class: "w" });
      tip = el("div", { class: "maptip", "aria-hidden": "true" }, el("img", { src: R.at(`/img/${R.run()}/${row}`), alt: "" }), words);
      const x = clientX > innerWidth - 300 ? clientX - 292 : clientX + 16;
      const y = Math.max(60, Math.min(clientY - 40, innerHeight - 150));
      tip.style.cssText = `left:${x}px;top:${y}px`;
      document.body.append(tip);
      const shown = tip;
      brief(row).then((one) => {
        if (shown !== tip) return;
        words.append(el("b", {}, R.name(one.label)), el("span", { class: "mono xs nm" }, one.file.split("/").pop()), one.to ? el("span", { class: "sm to" }, `looks like ${one.to}`) : "");
      }, () => {}); // the picture is enough
    }
    const known = new Map();
    function brief(row) {
      if (!known.has(row))
        known.set(row, R.json(`/api/${R.run()}/selection`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ rows: [row] }) })
          .then((told) => ({ label: told.label, file: told.files[0], to: told.suggested[0] })));
      return known.get(row);
    }

    // A notch of the wheel makes a third of the way; the spot below the pointer stays.
    function wheel(event) {
      if (!graph || !graph._fullLayout) return;
      event.preventDefault();
      event.stopPropagation();
      const factor = Math.exp(Math.max(-1, Math.min(1, event.deltaY / 240)));
      const frame = box.getBoundingClientRect();
      const change = {};
      for (const [name, at, length] of [["xaxis", event.clientX - frame.left, frame.width], ["yaxis", frame.bottom - event.clientY, frame.height]]) {
        const [a, b] = graph._fullLayout[name].range;
        const spot = a + ((b - a) * at) / length;
        change[`${name}.range`] = [spot + (a - spot) * factor, spot + (b - spot) * factor];
      }
      next = change;
      if (!turning) turning = requestAnimationFrame(() => ((turning = 0), signal.aborted || window.Plotly.relayout(graph, next)));
    }
    let next = null;
    let turning = 0;
    box.addEventListener("wheel", wheel, { passive: false, capture: true, signal });

    function attach(drawn) {
      graph = drawn;
      first = ["xaxis", "yaxis"].map((name) => [...graph._fullLayout[name].range]);
      paint();
      mark();
      graph.on("plotly_selected", (event) => {
        if (!event) return;
        own = true;
        const rows = event.points.map((p) => p.customdata);
        if (options.lassoed) options.lassoed(rows);
        selection.replace(rows);
        own = false;
      });
      graph.on("plotly_deselect", () => selection.size && selection.replace([]));
      graph.on("plotly_click", (event) => {
        const point = event.points[0];
        if (point) open(point.customdata);
      });
      graph.on("plotly_hover", (event) => event.points[0] && event.event && hover(event.points[0].customdata, event.event));
      graph.on("plotly_unhover", hideTip);
      graph.on("plotly_relayout", (change) => {
        signs();
        const moved = Object.keys(change).some((key) => /^[xy]axis/.test(key));
        if (moved && options.moved) options.moved(graph._fullLayout);
      });
      graph.on("plotly_afterplot", signs);
      box.dataset.ready = "yes";
    }

    const stopWaiting = whenDrawn(box, attach);
    selection.addEventListener("change", markLater, { signal });
    document.documentElement.addEventListener("rosette-theme", paint, { signal });
    const tools = box.parentElement.querySelectorAll("[data-drag]");
    function use(mode) {
      if (!graph) return;
      if (mode === "in" || mode === "out") return zoom(mode === "in" ? 0.5 : 2);
      if (mode === "fit") return window.Plotly.relayout(graph, { "xaxis.range": [...first[0]], "yaxis.range": [...first[1]] });
      window.Plotly.relayout(graph, { dragmode: mode });
      tools.forEach((t) => t.setAttribute("aria-pressed", t.dataset.drag === mode));
    }
    function zoom(factor) {
      const change = {};
      for (const name of ["xaxis", "yaxis"]) {
        const [a, b] = graph._fullLayout[name].range;
        const middle = (a + b) / 2;
        change[`${name}.range`] = [middle + (a - middle) * factor, middle + (b - middle) * factor];
      }
      window.Plotly.relayout(graph, change);
    }
    tools.forEach((t) => t.addEventListener("click", () => use(t.dataset.drag), { signal }));

    return {
      use,
      // Brings some items into sight.
      frame(rows) {
        const wanted = new Set(rows);
        let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
        for (const trace of graph ? graph.data : []) {
          const xs = decode(trace.x);
          const ys = decode(trace.y);
          rowsOf(trace).forEach((row, n) => {
            if (!wanted.has(row)) return;
            x0 = Math.min(x0, xs[n]); x1 = Math.max(x1, xs[n]);
            y0 = Math.min(y0, ys[n]); y1 = Math.max(y1, ys[n]);
          });
        }
        if (x0 > x1) return;
        const margin = Math.max(x1 - x0, y1 - y0, 0.5) * 0.35;
        window.Plotly.relayout(graph, {
          "xaxis.range": [x0 - margin, x1 + margin],
          "yaxis.range": [y0 - margin, y1 + margin],
        });
      },
      stop() {
        stopWaiting();
        listen.abort();
        hideTip();
      },
    };
  };
})(window.rosette);
