// What the app says of its own work: the slot in the top bar, notices above the page, and the line
// that runs while a page is slow. Nothing of it covers anything, and nothing but notices moves.
(function (R) {
  "use strict";
  const { el, icon } = R;
  const STAYS = 8000; // ms that a message stays
  const SLOW = 300; // ms before a page that is not there yet is said to be on its way
  const SIGNS = { ok: "check", warn: "clock", err: "off" };

  let timer = 0;
  const slot = () => document.getElementById("slot");

  // action: {words, key, run}; options: {tone: "ok", "warn" or "err", keep}
  R.slot = function (words, action, options) {
    const { tone = "ok", keep = false } = options || {};
    const place = slot();
    clearTimeout(timer);
    place.className = `slot ${tone}`;
    place.replaceChildren(
      icon(SIGNS[tone]),
      el("span", { class: "txt", title: words }, words),
      ...(action
        ? [el("button", { onclick: () => (R.clearSlot(), action.run()) }, action.words, action.key ? el("kbd", {}, action.key) : "")]
        : []),
    );
    document.documentElement.classList.add("has-slot");
    if (!keep) timer = setTimeout(fade, STAYS);
  };

  // A message that is just being reached for stays.
  function fade() {
    if (slot().matches(":hover, :focus-within")) timer = setTimeout(fade, STAYS / 4);
    else R.clearSlot();
  }

  R.clearSlot = function () {
    clearTimeout(timer);
    const had = slot().contains(document.activeElement);
    slot().replaceChildren();
    if (had) R.backToGallery();
    slot().className = "slot";
    document.documentElement.classList.remove("has-slot");
  };

  R.failed = function (error, again) {
    if (error.message === "newer") return R.newerRun();
    R.slot(`That did not work: ${error.message}`, again && { words: "Try again", run: again }, { tone: "err" });
  };

  // -- notices: one of each kind, above the page ------------------------------------------------
  R.notice = function (kind, tone, sign, words, button) {
    const place = document.getElementById("notices");
    const old = place.querySelector(`[data-notice="${kind}"]`);
    const node = el("div", { class: `notice ${tone}`, "data-notice": kind, role: "alert" },
      icon(sign), el("span", { class: "grow" }, ...words),
      el("button", { class: "btn sm end", onclick: button.run }, button.words));
    if (old && old.textContent === node.textContent) return;
    if (old) old.replaceWith(node);
    else place.append(node);
  };
  R.unnotice = function (kind) {
    const old = document.querySelector(`#notices [data-notice="${kind}"]`);
    if (old) old.remove();
  };

  // Pages of a run that is not the current one can be looked at, not decided on.
  R.isOld = false;
  R.newerRun = function () {
    R.isOld = true;
    R.notice("newer", "warn", "again",
      [el("b", {}, "There is a newer run."), " Your decisions stay. Nothing can be decided here until it is shown."],
      { words: "Show it", run: () => location.reload() });
  };

  // -- a page that is on its way -----------------------------------------------------------------
  let pending = 0;
  let slow = 0;
  const ask = window.fetch;
  window.fetch = function (...given) {
    const address = String(given[0] && given[0].url ? given[0].url : given[0]);
    const answer = ask.apply(this, given);
    if (!address.includes("_dash-update-component")) return answer;
    if (!pending++) slow = setTimeout(() => document.documentElement.classList.add("slow"), SLOW);
    const done = () => {
      if (--pending) return;
      clearTimeout(slow);
      document.documentElement.classList.remove("slow");
    };
    answer.then((response) => {
      done();
      if (response.status >= 500) R.failed(new Error(`the server answered ${response.status}`), () => R.go(location.href));
    }, (error) => {
      done();
      if (error.name !== "AbortError") R.goneQuiet();
    });
    return answer;
  };
})(window.rosette);
