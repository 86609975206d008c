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

    // Names where there is room for them: strong ones first, none over another.
    function signs() {
      const all = (graph.layout.meta && graph.layout.meta.signs) || [];
      const { xaxis, yaxis } = graph._fullLayout;
      const taken = [];
      const set = [];
      const order = [...all].sort((a, b) => b[3] - a[3]);
      for (const [text, x, y, strong] of order) {
        const px = xaxis.l2p(x);
        const py = yaxis.l2p(y);
        if (px < 0 || py < 0 || px > xaxis._length || py > yaxis._length) continue;
        const size = strong ? 13 : 11;
        const wide = Math.min(text.length, 40) * size * 0.56;
        const left = Math.max(2, Math.min(px - wide / 2, xaxis._length - wide - 2));
        const top = options.above ? Math.max(2, py - size * 2.2) : py - size * 0.7;
        const place = [left, top, left + wide, top + size * 1.5];
        const free = taken.every(
          (t) => place[0] > t[2] || place[2] < t[0] || place[1] > t[3] || place[3] < t[1],
        );
        if (!free) continue;
        taken.push(place);
        set.push({ text, left, top, strong });
      }
      let layer = box.querySelector(".signs");
      if (!layer) box.append((layer = el("div", { class: "signs", "aria-hidden": "true" })));
      layer.replaceChildren(
        ...set.map((s) =>
          el(
            "span",
            { class: s.strong ? "sign hot" : "sign", style: `left:${s.left}px;top:${s.top}px` },
            s.text,
          ),
        ),
      );
    }

    function hideTip() {
      if (tip) tip.remove();
      tip = null;
    }

    function attach(drawn) {
      graph = drawn;
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
      graph.on("plotly_hover", (event) => {
        const point = event.points[0];
        if (!point || !event.event) return;
        hideTip();
        tip = el("div", { class: "maptip", "aria-hidden": "true" },
          el("img", { src: R.at(`/img/${R.run()}/${point.customdata}`), alt: "" }));
        const { clientX, clientY } = event.event;
        const x = Math.min(clientX + 14, innerWidth - 128);
        const y = clientY > innerHeight - 140 ? clientY - 126 : clientY + 14;
        tip.style.cssText = `left:${x}px;top:${y}px`;
        document.body.append(tip);
      });
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
      if (mode === "in" || mode === "out") return zoom(mode === "in" ? 0.7 : 1 / 0.7);
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
