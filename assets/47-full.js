// One image over the whole window: fitted or in its own pixels, beside another to compare with.
(function (R) {
  "use strict";
  const { el, icon, run } = R;
  const ZOOMS = [["fit", "Fit"], [1, "Original"], [2, "2×"], [4, "4×"]];
  const FILM = [6, 24]; // images before and after, in the strip below

  let shown = null;
  R.fullShown = () => shown;

  // what: {row, rows(), item(row) → promise, about(row), answers(item), opened(row), press(key)}
  R.full = function (what) {
    if (shown) return shown.close();
    const from = document.activeElement;
    let { row } = what;
    let zoom = "fit";
    let two = false;
    let other = 0; // which of the images to compare with
    let asked = 0;
    const stages = el("div", { class: "stages" });
    const bar = el("header", {});
    const film = el("div", { class: "film", "aria-hidden": "true" });
    const foot = el("div", { class: "foot-acts" });
    const node = el("div", { class: "full", role: "dialog", "aria-modal": "true", "aria-label": "Full screen", tabindex: "-1" }, bar, stages, film, foot);

    function picture(of) {
      const image = el("img", { src: R.at(`/img/${run()}/${of}?size=${zoom === "fit" ? "large" : "full"}`), alt: "" });
      const sized = el("span", { class: "end faint num sm" });
      image.addEventListener("load", () => {
        if (zoom !== "fit") image.style.width = `${image.naturalWidth * zoom}px`;
        if (zoom !== "fit") sized.textContent = `${image.naturalWidth} × ${image.naturalHeight}`;
      });
      return [el("div", { class: `cv ${zoom === "fit" ? "fit" : zoom > 1 ? "px" : ""}`, tabindex: zoom === "fit" ? "-1" : "0", "aria-label": "Picture" }, image), sized];
    }

    async function draw() {
      const mine = ++asked;
      let item;
      try {
        item = { ...(await what.item(row)), ...(what.about ? what.about(row) : {}) };
      } catch (error) {
        return R.failed(error, draw);
      }
      if (mine !== asked || !node.isConnected) return;
      const rows = what.rows();
      const place = rows.indexOf(row);
      const compared = item.suggestion ? item.outside.filter((one) => one.label === item.suggestion) : item.nearest;
      const beside = compared.length ? compared : item.nearest;
      const tool = (words, sign, click, off) => el("button", { class: "iconbtn", "aria-label": words, title: words, disabled: off, onclick: click }, icon(sign));
      bar.replaceChildren(
        el("span", { class: "mono sm grow nm" }, item.file),
        el("span", { class: "seg", role: "group", "aria-label": "Size" }, ZOOMS.map(([z, words]) =>
          el("button", { "aria-pressed": zoom === z ? "true" : "false", onclick: () => ((zoom = z), draw()) }, words))),
        el("button", { class: "btn sm", "aria-pressed": String(two), onclick: compare }, icon("two"), el("span", { class: "lgw" }, two ? "One image" : "Compare two"), el("kbd", {}, "C")),
        place < 0 ? "" : el("span", { class: "faint sm num" }, `${place + 1} of ${rows.length}`),
        tool("Previous image", "back", () => step(-1), rows[place - 1] === undefined),
        tool("Next image", "next", () => step(1), rows[place + 1] === undefined),
        tool("Close, Esc", "close", close));
      const [image, sized] = picture(row);
      const stage = [el("div", { class: "stage" }, el("div", { class: "cap" },
        item.suggestion ? [el("s", { class: "faint" }, R.middle(item.label)), el("b", {}, "→ ", R.middle(item.suggestion))] : el("b", {}, R.middle(item.label)), sized), image)];
      if (two && beside.length) {
        other = (other + beside.length) % beside.length;
        const [second, sizes] = picture(beside[other].row);
        stage.push(el("div", { class: "stage" }, el("div", { class: "cap" }, el("b", {}, R.middle(beside[other].label)),
          el("span", { class: "faint" }, `nearest, ${other + 1} of ${beside.length}`), sizes,
          tool("Previous to compare with", "back", () => ((other -= 1), draw())), tool("Next to compare with", "next", () => ((other += 1), draw()))), second));
      }
      stages.classList.toggle("two", stage.length > 1);
      stages.replaceChildren(...stage);
      film.replaceChildren(...rows.slice(Math.max(0, place - FILM[0]), place + FILM[1]).map((one) =>
        el("span", { class: `t ${one === row ? "cursor" : ""}` }, el("img", { src: R.at(`/img/${run()}/${one}`), alt: "", width: 48, height: 48 }))));
      const answers = what.answers ? what.answers(item) : null;
      foot.replaceChildren(...(answers ? [answers] : []));
    }

    const compare = () => ((two = !two), draw());
    function step(by) {
      const rows = what.rows();
      const next = rows[rows.indexOf(row) + by];
      if (next === undefined) return;
      other = 0;
      if (what.opened) what.opened(next);
      else show(next);
    }
    function show(wanted) {
      if (wanted === row && stages.childElementCount) return draw();
      row = wanted;
      draw();
    }
    function close() {
      shown = null;
      asked++;
      removeEventListener("focusin", hold);
      document.body.classList.remove("under-full");
      node.remove();
      if (from && from.isConnected) from.focus({ preventScroll: true });
    }
    // Tab stays inside while it is open.
    const hold = (event) => shown && !node.contains(event.target) && !event.target.closest(".pop, .slot") && node.focus();

    shown = {
      close, show,
      press(key, event) {
        if (key === "c") compare();
        else if (key === "f" || key === "Enter") close();
        else if (key === "ArrowLeft" || key === "k") step(-1);
        else if (key === "ArrowRight" || key === "j") step(1);
        else if ("1234".includes(key)) (zoom = ZOOMS[Number(key) - 1][0]), draw();
        else return Boolean(what.press && what.press(key, event));
        return true;
      },
    };
    document.body.append(node);
    document.body.classList.add("under-full");
    addEventListener("focusin", hold);
    node.focus({ preventScroll: true });
    draw();
  };
})(window.rosette);
