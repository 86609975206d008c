// What lies over a map: names where there is room for them, and pictures in place of dots when one
// is near enough. Both are placed by the dots as they stand on the screen.
(function (R) {
  "use strict";
  const { el } = R;
  const CELL = 4; // px of the grid that knows where dots are
  const REACH = 72; // px that a name may move away, and a strong one
  const STRONG_REACH = 170;
  const LINE_FROM = 22; // px from which a thin line joins a name to its place
  const NEAR_ENOUGH = 3.2; // times that the map is larger than at first, for pictures
  const PICTURE = 54; // px
  const MOST_PICTURES = 260;

  // How many dots lie in any rectangle, in constant time.
  function counted(points, width, height) {
    const columns = Math.ceil(width / CELL) + 1;
    const lines = Math.ceil(height / CELL) + 1;
    const sums = new Int32Array((columns + 1) * (lines + 1));
    for (const [x, y] of points)
      if (x >= 0 && y >= 0 && x < width && y < height)
        sums[(Math.floor(y / CELL) + 1) * (columns + 1) + Math.floor(x / CELL) + 1] += 1;
    for (let j = 1; j <= lines; j++)
      for (let i = 1; i <= columns; i++) {
        const at = j * (columns + 1) + i;
        sums[at] += sums[at - 1] + sums[at - columns - 1] - sums[at - columns - 2];
      }
    const clip = (v, most) => Math.max(0, Math.min(most, v));
    return (x0, y0, x1, y1) => {
      const [a, b] = [clip(Math.floor(x0 / CELL), columns), clip(Math.ceil(x1 / CELL), columns)];
      const [c, d] = [clip(Math.floor(y0 / CELL), lines), clip(Math.ceil(y1 / CELL), lines)];
      const w = columns + 1;
      return sums[d * w + b] - sums[c * w + b] - sums[d * w + a] + sums[c * w + a];
    };
  }

  // Places around a spot, the nearest first.
  function* around(reach) {
    yield [0, 0];
    for (let r = 10; r <= reach; r += 8)
      for (let k = 0, n = Math.max(8, Math.round(r / 4)); k < n; k++) {
        const angle = (2 * Math.PI * k) / n - Math.PI / 2;
        yield [r * 1.25 * Math.cos(angle), r * Math.sin(angle)];
      }
  }

  // options: floats, elements that lie on the map, by selector; pictures, whether there may be some
  R.mapLayers = function (box, decode, options) {
    let whole = null; // the width of the map in its own coordinates, at first
    const layer = (name) => {
      let node = box.querySelector(`.${name}`);
      if (!node) box.append((node = el("div", { class: name, "aria-hidden": "true" })));
      return node;
    };

    // How many images lie where, below the dots: one picture, drawn anew only with another theme,
    // another colouring or a group of the legend that goes or comes.
    let picture = null; // {of, key, canvas}
    function density(graph) {
      const given = graph.layout.meta && graph.layout.meta.density;
      let canvas = box.querySelector(".density");
      if (!given) {
        if (canvas) canvas.remove();
        return;
      }
      if (!canvas) box.prepend((canvas = el("canvas", { class: "density", "aria-hidden": "true" })));
      const hidden = new Set(graph.data.filter((trace) => trace.visible === false).map((trace) => trace.name));
      const key = `${given.tokens.map(R.css)} ${[...hidden]}`;
      if (!picture || picture.of !== given || picture.key !== key) picture = { of: given, key, canvas: painted(given, hidden) };
      const { xaxis, yaxis } = graph._fullLayout;
      const [width, height] = [xaxis._length, yaxis._length].map(Math.round);
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      const [x0, x1, y0, y1] = given.box;
      const pen = canvas.getContext("2d");
      pen.clearRect(0, 0, width, height);
      pen.drawImage(picture.canvas, xaxis.l2p(x0), yaxis.l2p(y1), xaxis.l2p(x1) - xaxis.l2p(x0), yaxis.l2p(y0) - yaxis.l2p(y1));
    }

    function painted(given, hidden) {
      const { side } = given;
      const [ink, most] = [given.ink, given.most].map((text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
      const canvas = el("canvas", { width: side, height: side });
      const pen = canvas.getContext("2d", { willReadFrequently: true });
      const colours = given.tokens.map((token) => {
        pen.fillStyle = R.css(token === "--noise" ? "--ink-2" : token);
        pen.fillRect(0, 0, 1, 1);
        return pen.getImageData(0, 0, 1, 1).data;
      });
      const gone = given.names.map((name) => hidden.has(name));
      const image = pen.createImageData(side, side);
      for (let n = 0; n < ink.length; n++) {
        if (!ink[n] || gone[most[n]]) continue;
        const at = 4 * ((side - 1 - Math.floor(n / side)) * side + (n % side)); // the lowest y comes first
        image.data.set(colours[most[n]].subarray(0, 3), at);
        image.data[at + 3] = ink[n];
      }
      pen.putImageData(image, 0, 0);
      return canvas;
    }

    function dots(graph) {
      const { xaxis, yaxis } = graph._fullLayout;
      const out = [];
      for (const trace of graph.data) {
        if (trace.visible === false) continue;
        if (trace._rosetteX !== trace.x) Object.assign(trace, { _rosetteX: trace.x, _xs: decode(trace.x), _ys: decode(trace.y), _rows: decode(trace.customdata) });
        for (let n = 0; n < trace._xs.length; n++) out.push([xaxis.l2p(trace._xs[n]), yaxis.l2p(trace._ys[n]), trace._rows[n], trace.meta, trace._xs[n], trace._ys[n]]);
      }
      return out;
    }

    function taken(frame) {
      return [...(options.floats ? document.querySelectorAll(options.floats) : [])].filter((node) => node.offsetParent).map((node) => {
        const b = node.getBoundingClientRect();
        return [b.left - frame.left - 6, b.top - frame.top - 6, b.right - frame.left + 6, b.bottom - frame.top + 6];
      });
    }

    function names(graph, points, covered) {
      const { xaxis, yaxis } = graph._fullLayout;
      const [width, height] = [xaxis._length, yaxis._length];
      const inside = counted(points, width, height);
      const blocked = [...taken(box.getBoundingClientRect()), ...covered];
      const set = [];
      const all = (graph.layout.meta && graph.layout.meta.signs) || [];
      for (const [text, x, y, strong, tone] of all) {
        const [px, py] = [xaxis.l2p(x), yaxis.l2p(y)];
        if (px < 0 || py < 0 || px > width || py > height) continue;
        const size = strong ? 13 : 11;
        const short = text.length > 44 ? `${text.slice(0, 26)}…${text.slice(-16)}` : text;
        const [w, h] = [Math.min(width - 8, short.length * size * 0.58 + 6), size * 1.5];
        for (const [dx, dy] of around(strong ? STRONG_REACH : REACH)) {
          const left = px + dx - w / 2;
          const top = py + dy - h / 2;
          if (left < 2 || top < 2 || left + w > width - 2 || top + h > height - 2) continue;
          if (inside(left, top, left + w, top + h)) continue;
          if (blocked.some((t) => left < t[2] && left + w > t[0] && top < t[3] && top + h > t[1])) continue;
          blocked.push([left - 3, top - 1, left + w + 3, top + h + 1]);
          set.push({ text: short, left, top, w, h, px, py, strong, tone, far: Math.hypot(dx, dy) > LINE_FROM });
          break;
        }
      }
      layer("signs").replaceChildren(lines(set, width, height), ...set.map((s) => sign(s)));
    }

    function sign(s) {
      const node = el("span", { class: `sign ${s.strong ? "hot" : ""}`, style: `left:${s.left}px;top:${s.top}px` });
      const [label, part] = s.tone ? s.text.split(" · ") : [s.text, ""];
      node.append(label);
      if (part) node.append(" · ", el("b", { style: `color:var(${s.tone})` }, part));
      return node;
    }

    function lines(set, width, height) {
      const ns = "http://www.w3.org/2000/svg";
      const svg = document.createElementNS(ns, "svg");
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.setAttribute("class", "leads");
      for (const s of set.filter((one) => one.far)) {
        const line = document.createElementNS(ns, "line");
        const x = Math.max(s.left, Math.min(s.px, s.left + s.w));
        const y = Math.max(s.top, Math.min(s.py, s.top + s.h));
        for (const [name, value] of Object.entries({ x1: x, y1: y, x2: s.px, y2: s.py })) line.setAttribute(name, value);
        svg.append(line);
      }
      return svg;
    }

    // The grid belongs to the map, not to the window: pictures stay where they are while it moves.
    function pictures(graph, points) {
      const { xaxis, yaxis } = graph._fullLayout;
      const span = Math.abs(xaxis.range[1] - xaxis.range[0]);
      whole = whole || span;
      const place = layer("pics");
      if (!options.pictures || whole / span < NEAR_ENOUGH) return place.replaceChildren(), [];
      const perPixel = span / xaxis._length;
      const side = 2 ** Math.ceil(Math.log2(PICTURE * perPixel));
      const size = Math.min(96, side / perPixel - 4);
      const cells = new Map();
      for (const point of points) {
        const [px, py, , meta] = point;
        if (px < -size || py < -size || px > xaxis._length + size || py > yaxis._length + size) continue;
        const [column, line] = [Math.floor(point[4] / side), Math.floor(point[5] / side)];
        const key = `${column} ${line}`;
        const held = cells.get(key);
        if (!held) cells.set(key, { point, n: 1, x: xaxis.l2p((column + 0.5) * side), y: yaxis.l2p((line + 0.5) * side) });
        else {
          held.n += 1;
          if (meta !== "--noise" && held.point[3] === "--noise") held.point = point;
        }
      }
      if (cells.size > MOST_PICTURES) return place.replaceChildren(), [];
      const all = [...cells.values()];
      place.replaceChildren(...all.map(({ point, n, x, y }) =>
        el("span", { class: "pic", style: `left:${x - size / 2}px;top:${y - size / 2}px;width:${size}px;height:${size}px;--c:var(${point[3]})` },
          el("img", { src: R.at(`/img/${R.run()}/${point[2]}`), alt: "", width: size, height: size, draggable: "false" }), n > 1 ? el("i", {}, `+${n - 1}`) : "")));
      return all.map(({ x, y }) => [x - size / 2, y - size / 2, x + size / 2, y + size / 2]);
    }

    return {
      draw(graph) {
        if (!graph._fullLayout || !graph._fullLayout.xaxis) return;
        density(graph);
        const points = dots(graph);
        names(graph, points, pictures(graph, points));
      },
    };
  };
})(window.rosette);
