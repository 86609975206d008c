// The first visit: three marks, one at a time, beside what they are about. Seen once, or skipped.
(function (R) {
  "use strict";
  const { el } = R;
  const KEY = "rosette-visited";
  const MARKS = [
    [".f.open .ttl", "Most worth first", "Each line is one finding. The open one shows what we saw and what we would do. J and K move.", "below"],
    [".f.open .primary", "One black button", "It does what it says, and Y does the same. N says no: the label is right.", "above"],
    [".left", "Nothing is final", "A decision folds to a line with Undo, and the count falls. Your files are never changed.", "below"],
  ];

  function seen() {
    try {
      return Boolean(localStorage.getItem(KEY));
    } catch (error) {
      return true; // it could not be remembered, and would come each time
    }
  }
  function done() {
    const mark = document.querySelector(".coach");
    if (mark) mark.remove();
    try {
      localStorage.setItem(KEY, "yes");
    } catch (error) {
      // as above
    }
  }

  function show(n) {
    const old = document.querySelector(".coach");
    if (old) old.remove();
    if (n >= MARKS.length) return done();
    const [selector, title, words, side] = MARKS[n];
    const about = document.querySelector(selector);
    if (!about) return show(n + 1);
    const last = n === MARKS.length - 1;
    const mark = el("div", { class: `coach ${side === "above" ? "up" : ""}`, role: "dialog", "aria-label": title },
      el("b", {}, title), words,
      el("div", { class: "row" }, el("span", {}, `${n + 1} of ${MARKS.length}`),
        last ? "" : el("button", { class: "end", onclick: done }, "Skip"),
        el("button", { class: `nx ${last ? "end" : ""}`, onclick: () => show(n + 1) }, last ? "Start" : "Next")));
    document.body.append(mark);
    const box = about.getBoundingClientRect();
    const left = Math.max(16, Math.min(box.left, innerWidth - 306));
    const top = side === "above" ? box.top - mark.offsetHeight - 12 : box.bottom + 12;
    mark.style.left = `${left}px`;
    mark.style.top = `${scrollY + Math.max(60, top)}px`;
    mark.style.setProperty("--ax", `${Math.max(14, Math.min(250, box.left - left + 24))}px`);
  }

  R.coach = function () {
    if (seen() || !R.decides()) return;
    requestAnimationFrame(() => document.querySelector("#queue-page") && show(0));
  };
  // Whoever has begun to work needs no more of it.
  R.onDecided(() => document.querySelector(".coach") && R.waiting().length && done());
  addEventListener("rosette-arrived", () => {
    const mark = document.querySelector(".coach");
    if (mark) mark.remove();
  });
})(window.rosette);
