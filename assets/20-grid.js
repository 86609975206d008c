// A selection of images, and a gallery that draws only what is seen.
(function (R) {
  "use strict";
  const { el, icon, plural, say } = R;

  R.Selection = class extends EventTarget {
    constructor() {
      super();
      this.rows = new Set();
    }
    get size() {
      return this.rows.size;
    }
    has(row) {
      return this.rows.has(row);
    }
    replace(rows) {
      this.rows = new Set(rows);
      this.tell();
    }
    add(rows) {
      for (const row of rows) this.rows.add(row);
      this.tell();
    }
    remove(rows) {
      for (const row of rows) this.rows.delete(row);
      this.tell();
    }
    toggle(row) {
      if (!this.rows.delete(row)) this.rows.add(row);
      this.tell();
    }
    tell() {
      say(`${this.size.toLocaleString("en")} selected`);
      this.dispatchEvent(new Event("change"));
    }
  };

  const BEYOND = 2; // rows of tiles drawn above and below what is seen

  // One list of images. It is one stop for the Tab key, with a cursor that the arrows move.
  R.Gallery = class {
    constructor(host, options) {
      this.host = host;
      this.rows = options.rows;
      this.files = options.files || null;
      this.label = options.label;
      this.selection = options.selection;
      this.open = options.open;
      this.moved = options.moved || null; // called with the row that the arrows came to
      this.pointed = null; // the row that is open beside the gallery
      this.tag = options.tag || null;
      this.ticks = Boolean(options.ticks); // a click ticks; it opens elsewhere
      this.beside = { left: null, right: null };
      this.cursor = -1;
      this.anchor = -1;
      this.tiles = new Map();
      this.scroller = options.scroller || null;
      host.classList.add("vgrid");
      for (const [name, value] of Object.entries({
        role: "listbox",
        tabindex: "0",
        "aria-multiselectable": "true",
        "aria-label": `${this.label}, ${plural(this.rows.length, "image")}`,
      }))
        host.setAttribute(name, value);
      this.listen = new AbortController();
      const signal = this.listen.signal;
      const redraw = () => this.later();
      (this.scroller || window).addEventListener("scroll", redraw, { passive: true, signal });
      addEventListener("resize", redraw, { passive: true, signal });
      document.addEventListener("rosette-tiles", redraw, { signal });
      this.sizes = new ResizeObserver(redraw);
      this.sizes.observe(host);
      host.addEventListener("click", (event) => this.clicked(event), { signal });
      host.addEventListener("keydown", (event) => this.pressed(event), { signal });
      host.addEventListener("focus", () => this.cursor < 0 && this.moveTo(0, false), { signal });
      host.addEventListener("blur", () => this.later(), { signal });
      this.selection.addEventListener("change", () => this.mark(), { signal });
      if (R.onDecided) R.onDecided(() => this.mark(), { signal });
      this.draw();
    }

    stop() {
      this.listen.abort();
      this.sizes.disconnect();
      this.host.replaceChildren();
    }

    show(rows, files) {
      this.rows = rows;
      this.files = files || null;
      this.cursor = this.anchor = -1;
      for (const tile of this.tiles.values()) tile.remove();
      this.tiles.clear();
      this.host.setAttribute("aria-label", `${this.label}, ${plural(rows.length, "image")}`);
      this.draw();
    }

    later() {
      if (this.waiting) return;
      this.waiting = requestAnimationFrame(() => {
        this.waiting = 0;
        this.draw();
      });
    }

    measure() {
      const style = getComputedStyle(this.host);
      const gap = parseFloat(style.getPropertyValue("--gap")) || 6;
      const cell = (parseFloat(style.getPropertyValue("--cell")) || 96) * (R.tileScale ? R.tileScale() : 1);
      const width = this.host.clientWidth;
      const columns = Math.max(1, Math.floor((width + gap) / (cell + gap)));
      const side = (width - gap * (columns - 1)) / columns;
      return { gap, columns, side, step: side + gap };
    }

    draw() {
      if (!this.host.isConnected) return;
      const m = (this.m = this.measure());
      if (m.side <= 0) return;
      const lines = Math.ceil(this.rows.length / m.columns);
      this.host.style.height = `${Math.max(0, lines * m.step - m.gap)}px`;
      const frame = this.scroller ? this.scroller.getBoundingClientRect() : null;
      const top = this.host.getBoundingClientRect().top;
      const from = frame ? frame.top : 0;
      const to = frame ? frame.bottom : innerHeight;
      const first = Math.max(0, Math.floor((from - top) / m.step) - BEYOND);
      const last = Math.min(lines - 1, Math.ceil((to - top) / m.step) + BEYOND);
      const wanted = new Set();
      for (let n = first * m.columns; n < Math.min(this.rows.length, (last + 1) * m.columns); n++)
        wanted.add(n);
      if (this.cursor >= 0 && this.host === document.activeElement) wanted.add(this.cursor);
      for (const [n, tile] of this.tiles)
        if (!wanted.has(n)) {
          tile.remove();
          this.tiles.delete(n);
        }
      for (const n of wanted) {
        let tile = this.tiles.get(n);
        if (!tile) {
          tile = this.make(n);
          this.tiles.set(n, tile);
          this.host.append(tile);
        }
        const x = (n % m.columns) * m.step;
        const y = Math.floor(n / m.columns) * m.step;
        tile.style.cssText = `left:${x}px;top:${y}px;width:${m.side}px;height:${m.side}px`;
      }
      this.mark();
    }

    make(n) {
      const row = this.rows[n];
      const image = el("img", {
        src: R.at(`/img/${R.run()}/${row}`), alt: "", width: 112, height: 112, decoding: "async",
        draggable: "false",
      });
      image.addEventListener("error", () => {
        image.remove();
        tile.classList.add("broken");
        tile.title = "This image could not be shown.";
      });
      const tile = el(
        "div",
        {
          class: "t", role: "option", id: `${this.host.id || "g" + this.label}-${n}`.replace(/\s/g, ""),
          "aria-label": this.files ? this.files[n] : `${this.label}, ${n + 1}`,
          "aria-setsize": this.rows.length, "aria-posinset": n + 1, "data-n": n,
        },
        image,
        el("span", { class: "ck" }, icon("check")),
        el("span", { class: "tag", hidden: true }),
      );
      return tile;
    }

    mark() {
      const here = this.host === document.activeElement;
      for (const [n, tile] of this.tiles) {
        const selected = this.selection.has(this.rows[n]);
        if (tile.getAttribute("aria-selected") !== String(selected))
          tile.setAttribute("aria-selected", selected);
        tile.classList.toggle("cursor", (here && n === this.cursor) || this.rows[n] === this.pointed);
        this.caption(tile, this.rows[n]);
      }
      const tile = this.tiles.get(this.cursor);
      if (tile && here) this.host.setAttribute("aria-activedescendant", tile.id);
      else this.host.removeAttribute("aria-activedescendant");
    }

    // What was decided on an image, or else the words that its gallery has for it.
    caption(tile, row) {
      const decision = R.decided && R.decided.get(row);
      const words = decision ? R.shortDecision(decision) : this.tag ? this.tag(row) : "";
      const tag = tile.lastElementChild;
      if (tag.textContent === words) return;
      tag.textContent = words;
      tag.hidden = !words;
      tile.classList.toggle("done", Boolean(decision));
    }

    moveTo(n, scroll = true) {
      if (!this.rows.length) return;
      this.cursor = Math.max(0, Math.min(this.rows.length - 1, n));
      this.draw();
      const tile = this.tiles.get(this.cursor);
      if (scroll && tile) tile.scrollIntoView({ block: "nearest" });
    }

    // Marks the image that is open beside the gallery, and brings it into sight.
    point(row) {
      this.pointed = row;
      const n = row === null ? -1 : this.rows.indexOf(row);
      if (n >= 0) this.moveTo(n);
      else this.mark();
    }

    range(a, b) {
      const [low, high] = a < b ? [a, b] : [b, a];
      return this.rows.slice(low, high + 1);
    }

    clicked(event) {
      const tile = event.target.closest(".t");
      if (!tile) return;
      const n = Number(tile.dataset.n);
      this.host.focus({ preventScroll: true });
      const before = this.anchor;
      this.moveTo(n, false);
      if (event.shiftKey && before >= 0) {
        this.selection.add(this.range(before, n));
        return;
      }
      this.anchor = n;
      if (this.ticks || event.ctrlKey || event.metaKey || event.target.closest(".ck"))
        this.selection.toggle(this.rows[n]);
      else this.open(this.rows[n], this);
    }

    pressed(event) {
      const columns = this.m.columns;
      const at = this.cursor % columns;
      const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
      if (event.key in steps) {
        event.preventDefault();
        const leaves =
          (event.key === "ArrowRight" && (at === columns - 1 || this.cursor === this.rows.length - 1) &&
            this.beside.right) ||
          (event.key === "ArrowLeft" && at === 0 && this.beside.left);
        if (leaves && !event.shiftKey) return leaves.enter(Math.floor(this.cursor / columns), event.key);
        const from = this.cursor;
        this.moveTo(this.cursor + steps[event.key]);
        if (event.shiftKey) this.selection.add(this.range(from, this.cursor));
        else this.anchor = this.cursor;
        if (this.moved) this.moved(this.rows[this.cursor]);
      } else if (event.key === "Home" || event.key === "End") {
        event.preventDefault();
        this.moveTo(event.key === "Home" ? 0 : this.rows.length - 1);
      } else if (event.key === " ") {
        event.preventDefault();
        this.anchor = this.cursor;
        this.selection.toggle(this.rows[this.cursor]);
      } else if (event.key === "Enter") {
        event.preventDefault();
        this.open(this.rows[this.cursor], this);
      } else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.selection.add(this.rows);
      }
    }

    // The cursor comes from the gallery beside this one, on the same line.
    enter(line, key) {
      this.host.focus({ preventScroll: true });
      const columns = this.m.columns;
      this.moveTo(line * columns + (key === "ArrowLeft" ? columns - 1 : 0));
    }
  };
})(window.rosette);
