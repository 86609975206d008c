// Deciding: shown at once, sent one after the other, sent again when that fails, and undone.
(function (R) {
  "use strict";
  const { el, json, run, plural } = R;
  const AGAIN = 8; // seconds before a decision that was not saved is sent again
  const frame = () => document.getElementById("frame");
  R.decides = () => Boolean(frame().dataset.decides);

  // row → "relabel: car", "keep" …; what the server said last, and what waits to be sent
  R.decided = new Map();
  const told = new EventTarget();
  R.onDecided = (listener, options) => told.addEventListener("change", listener, options);

  let position = null;
  let note = "";
  const at = () => (position === null ? Number(frame().dataset.position) : position);
  R.note_ = { get: () => note, set: (text) => (note = text) };

  R.reviewer = function () {
    try {
      return localStorage.getItem("rosette-reviewer") || frame().dataset.reviewer;
    } catch (error) {
      return frame().dataset.reviewer; // storage is forbidden
    }
  };

  R.shortDecision = (text) =>
    text.startsWith("relabel: ") ? `→ ${text.slice(9)}` : { keep: "label is right", remove: "left out", unsure: "not sure" }[text] || text;

  function tell() {
    told.dispatchEvent(new Event("change"));
  }

  R.take = function (answer) {
    position = answer.position;
    for (const [row, text] of Object.entries(answer.decided)) {
      if (text) R.decided.set(Number(row), text);
      else R.decided.delete(Number(row));
    }
    for (const entry of outbox) entry.paint(); // what is not sent yet still stands
    if (answer.left) R.left(answer.left);
    tell();
  };

  // How many findings wait, by kind: the counts beside the names of pages.
  R.left = function (left) {
    const whole = Object.values(left).reduce((sum, n) => sum + n, 0);
    for (const [page, n] of [["queue", whole], ["splits", left.split || 0]]) {
      const place = document.querySelector(`.nav [data-page="${page}"] i`);
      if (place) place.textContent = n ? n.toLocaleString("en") : "";
    }
  };

  R.post = async function (what, content) {
    let response;
    try {
      response = await fetch(R.at(`/api/${run()}/${what}`), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ reviewer: R.reviewer(), expected: at(), ...content }),
      });
    } catch (error) {
      throw Object.assign(new Error("Rosette does not answer."), { status: 0 });
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    throw Object.assign(new Error(answer.error || `The server answered ${response.status}.`), {
      status: response.status, position: answer.position, newer: response.status === 404 && !answer.error,
    });
  };

  // -- the outbox --------------------------------------------------------------------------------
  const outbox = []; // what was decided and is not saved yet, oldest first
  let sending = false;
  let tries = 0;
  let timer = 0;
  R.waiting = () => outbox.map((entry) => entry.id);
  let numbered = 0;

  const textOf = (content) => (content.action === "relabel" ? `relabel: ${content.to_label}` : content.action);

  function drafted(content, words) {
    const before = new Map();
    const groups = content.each || (content.rows ? [content] : []);
    const entry = { id: ++numbered, content: { note, ...content }, words, sent: false };
    entry.paint = () => {
      for (const group of groups)
        for (const row of group.rows) {
          if (!before.has(row)) before.set(row, R.decided.get(row));
          R.decided.set(row, textOf(group));
        }
    };
    entry.revert = () => {
      for (const [row, text] of before) text ? R.decided.set(row, text) : R.decided.delete(row);
    };
    entry.size = groups.reduce((sum, group) => sum + group.rows.length, 0);
    entry.answer = new Promise((resolve) => (entry.resolve = resolve));
    return entry;
  }

  // One action: {rows, action, to_label} or {each: […]}. The page shows it before the server has
  // answered. Resolves to the answer, or to null where it was refused and taken back.
  R.decide = function (content, words) {
    if (R.isOld) return R.newerRun(), Promise.resolve(null);
    const entry = drafted(content, words);
    note = "";
    entry.paint();
    outbox.push(entry);
    tell();
    pump();
    return entry.answer;
  };

  async function pump() {
    if (sending || !outbox.length) return;
    clearTimeout(timer);
    sending = true;
    const entry = outbox[0];
    entry.sent = true;
    try {
      const answer = await R.post("decide", entry.content);
      outbox.shift();
      tries = 0;
      back();
      R.take(answer);
      R.slot(entry.words || answer.words, { words: "Undo", key: "Z", run: () => R.undo(answer.batch) });
      entry.resolve(answer);
    } catch (error) {
      entry.sent = false;
      if (!error.status || error.status >= 500) later();
      else refused(entry, error);
    }
    sending = false;
    if (!tries) pump();
  }

  function refused(entry, error) {
    outbox.shift();
    entry.revert();
    tell();
    entry.resolve(null);
    const { content } = entry;
    if (error.newer) return R.newerRun();
    if (error.status === 409 && error.position !== undefined)
      return R.slot(error.message, {
        words: "Use mine", run: () => R.decide({ ...content, expected: error.position }, entry.words),
      }, { tone: "warn", keep: true });
    R.slot(`Not saved: ${error.message}`, { words: "Try again", run: () => R.decide(content, entry.words) }, { tone: "err", keep: true });
  }

  // The server could not be reached, or could not write: nothing is lost, it is sent again.
  function later() {
    tries += 1;
    R.goneQuiet();
    timer = setTimeout(pump, AGAIN * 1000);
    tell();
  }

  R.tryNow = function () {
    clearTimeout(timer);
    if (outbox.length) pump();
    else look();
  };

  addEventListener("beforeunload", (event) => outbox.length && event.preventDefault());

  // -- a server that does not answer -------------------------------------------------------------
  R.isQuiet = false;
  R.goneQuiet = function () {
    R.isQuiet = true;
    const n = outbox.length;
    const wait = n ? ` ${plural(n, "decision")} ${n === 1 ? "waits" : "wait"} here and ${n === 1 ? "is" : "are"} sent as soon as it is back.` : "";
    const again = { words: "Try now", run: R.tryNow };
    if (tries === 1 && n) return R.slot(`${plural(n, "decision")} not saved yet`, again, { tone: "warn", keep: true });
    R.slot(`Rosette does not answer.${n ? ` ${n.toLocaleString("en")} ${n === 1 ? "waits" : "wait"} here` : ""}`, again, { tone: "err", keep: true });
    R.notice("quiet", "err", "off",
      [el("b", {}, "Rosette has stopped answering."), ` Keep this page open.${wait} You can go on looking at what is here.`], again);
  };
  function back() {
    if (!R.isQuiet) return;
    R.isQuiet = false;
    R.unnotice("quiet");
    R.clearSlot();
  }

  // -- undo and redo -----------------------------------------------------------------------------
  async function step(what, batch, next) {
    if (R.isOld) return R.newerRun();
    const unsent = what === "undo" && !batch && outbox.length && !outbox[outbox.length - 1].sent && outbox.pop();
    if (unsent) {
      unsent.revert();
      unsent.resolve(null);
      tell();
      if (!outbox.length) back();
      return R.slot(`Taken back: ${plural(unsent.size, "image")}`);
    }
    try {
      const answer = await R.post(what, batch ? { batch } : {});
      back();
      R.take(answer);
      R.slot(answer.words, next(answer));
      return answer;
    } catch (error) {
      if (error.newer) R.newerRun();
      else if (error.status === 409) R.slot(error.message);
      else R.slot(`Nothing was changed: ${error.message}`, { words: "Try again", run: () => step(what, batch, next) }, { tone: "err", keep: true });
    }
  }
  R.undo = (batch) => step("undo", batch, (answer) => ({ words: "Redo", key: "⇧Z", run: () => R.redo(answer.batch) }));
  R.redo = (batch) => step("redo", batch, (answer) => ({ words: "Undo", key: "Z", run: () => R.undo(answer.batch) }));

  // -- what others decide appears without asking for it ------------------------------------------
  async function look() {
    if (R.isOld || !frame() || !frame().dataset.position) return;
    try {
      const answer = await json(`/api/${run()}/decisions?since=${at()}`);
      if (!outbox.length) back();
      if (answer.position > at()) R.take(answer);
    } catch (error) {
      if (error.message === "newer") R.newerRun();
      else if (error instanceof TypeError) R.goneQuiet(); // fetch itself failed
    }
  }
  setInterval(() => document.hidden || look(), 8000);
})(window.rosette);
