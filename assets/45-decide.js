// Deciding: one action, logged by the server before it is answered, and a toast that takes it back.
(function (R) {
  "use strict";
  const { el, icon, json, run, plural } = R;
  const frame = () => document.getElementById("frame");
  const decides = () => Boolean(frame().dataset.decides);

  // row → "relabel: car", "keep" …; what the server said last
  R.decided = new Map();
  const told = new EventTarget();
  R.onDecided = (listener, options) => told.addEventListener("change", listener, options);

  let position = null;
  let note = "";
  const at = () => (position === null ? Number(frame().dataset.position) : position);

  function reviewer() {
    try {
      return localStorage.getItem("rosette-reviewer") || frame().dataset.reviewer;
    } catch (error) {
      return frame().dataset.reviewer;
    }
  }

  R.shortDecision = (text) =>
    text.startsWith("relabel: ") ? `→ ${text.slice(9)}` : { keep: "kept", remove: "removed", unsure: "unsure" }[text] || text;

  function take(answer) {
    position = answer.position;
    for (const [row, text] of Object.entries(answer.decided)) {
      if (text) R.decided.set(Number(row), text);
      else R.decided.delete(Number(row));
    }
    told.dispatchEvent(new Event("change"));
  }

  async function post(what, content) {
    const response = await fetch(R.at(`/api/${run()}/${what}`), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ reviewer: reviewer(), expected: at(), ...content }),
    });
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const error = new Error(answer.error || `The server answered ${response.status}.`);
    error.status = response.status;
    error.position = answer.position;
    throw error;
  }

  // One action. Nothing on the page is lost when it fails.
  R.decide = async function (content) {
    try {
      const answer = await post("decide", { note, ...content });
      note = "";
      take(answer);
      R.toast(answer.words, { words: "Undo", key: "Z", run: () => R.undo(answer.batch) });
      return true;
    } catch (error) {
      if (error.status === 409 && error.position !== undefined)
        R.toast(error.message, {
          words: "Decide anyway",
          run: () => R.decide({ ...content, expected: error.position }),
        });
      else R.toast(`Not saved. ${error.message} Your selection is still here.`, { words: "Try again", run: () => R.decide(content) });
      return false;
    }
  };

  R.undo = async function (batch) {
    try {
      const answer = await post("undo", batch ? { batch } : {});
      take(answer);
      R.toast(answer.words, { words: "Redo", key: "⇧Z", run: () => R.redo(answer.batch) });
    } catch (error) {
      R.toast(error.message);
    }
  };

  R.redo = async function (batch) {
    try {
      const answer = await post("redo", batch ? { batch } : {});
      take(answer);
      R.toast(answer.words, { words: "Undo", key: "Z", run: () => R.undo(answer.batch) });
    } catch (error) {
      R.toast(error.message);
    }
  };

  // The buttons of one image; done() is called when one was decided on.
  R.itemActions = function (item, done) {
    if (!decides()) return null;
    const button = (words, content) =>
      el("button", {
        class: "btn sm",
        onclick: async () => (await R.decide({ rows: [item.row], label: item.label, cluster: item.cluster, ...content })) && done(),
      }, words);
    return el(
      "div",
      { class: "itemactions" },
      item.suggestion ? button(`Relabel to ${item.suggestion}`, { action: "relabel", to_label: item.suggestion }) : null,
      button("Keep", { action: "keep" }),
      button("Remove", { action: "remove" }),
      button("Unsure", { action: "unsure" }),
    );
  };

  // What others decide appears without asking for it.
  setInterval(async () => {
    if (document.hidden || !frame() || !frame().dataset.position) return;
    try {
      const answer = await json(`/api/${run()}/decisions?since=${at()}`);
      if (answer.position > at()) take(answer);
    } catch (error) {
      // the next look, or the next action, will say what is wrong
    }
  }, 8000);

  // -- the bar ---------------------------------------------------------------------------
  R.onBar = function (page, rows, clusters) {
    const field = document.getElementById("bar-label");
    if (!field) return;
    const odd = clusters && clusters.length === 1 && page.querySelector(`[data-cluster-column="${clusters[0]}"]`);
    const suggested = odd ? odd.dataset.suggestion : "";
    if (R.bar.rows !== rows.length || R.bar.for !== String(clusters)) {
      window.dash_clientside.set_props("bar-label", { value: suggested });
      R.bar.for = String(clusters);
      R.bar.rows = rows.length;
    }
    R.bar.content = {
      rows,
      label: page.dataset.label,
      cluster: clusters && clusters.length === 1 ? clusters[0] : null,
    };
    words(suggested);
  };

  function words(label) {
    const button = document.getElementById("bar-relabel");
    if (!button) return;
    const n = R.bar.content ? R.bar.content.rows.length : 0;
    document.getElementById("bar-relabel-words").textContent = label.trim()
      ? `Relabel ${plural(n, "image")}`
      : "Choose a label";
    button.disabled = false;
  }

  function relabel() {
    const field = document.getElementById("bar-label");
    const label = field.value.trim();
    if (!label) return field.focus();
    return R.decide({ ...R.bar.content, action: "relabel", to_label: label });
  }

  const act = (action) => R.decide({ ...R.bar.content, action });
  const barShown = () => {
    const bar = document.getElementById("decide");
    return bar && !bar.hidden && document.getElementById("bar-label");
  };

  // Keys of the bar; true when one was used.
  R.decideKey = function (key, event) {
    if (!decides()) return false;
    if (key === "z") return event.shiftKey ? R.redo() : R.undo(), true;
    if (!barShown()) return false;
    if (key === "r") return relabel(), true;
    const action = { k: "keep", x: "remove", u: "unsure" }[key];
    if (!action) return false;
    act(action);
    return true;
  };

  // Of very many labels the page brings none: those are asked for that hold what is typed.
  let askedFor = 0;
  async function choices(text) {
    const list = document.getElementById("all-labels");
    if (list.dataset.asks !== "true") return;
    const mine = ++askedFor;
    const found = await json(`/api/${run()}/labels?q=${encodeURIComponent(text)}`);
    if (mine !== askedFor) return;
    list.replaceChildren(...found.labels.map((label) => el("option", { value: label })));
  }

  document.addEventListener("input", (event) => {
    if (event.target.id !== "bar-label") return;
    words(event.target.value);
    choices(event.target.value).catch(R.failed);
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id === "bar-label" && event.key === "Enter") relabel();
  });
  document.addEventListener("click", async (event) => {
    const from = (selector) => event.target.closest(selector);
    if (from("#bar-relabel")) relabel();
    const button = from("[data-act]");
    if (button) act(button.dataset.act);
    if (from("#bar-note")) ask("note", { "note-text": note, "note-reviewer": reviewer() });
    if (from("#bar-save")) ask("save", { "save-name": "" });
    for (const name of ["note", "save"]) if (from(`#${name}-cancel`)) dialog(name).close();
    if (from("#note-done")) {
      note = document.getElementById("note-text").value;
      const who = document.getElementById("note-reviewer").value.trim();
      try {
        if (who) localStorage.setItem("rosette-reviewer", who);
      } catch (error) {
        frame().dataset.reviewer = who; // storage is forbidden: for this page only
      }
      dialog("note").close();
      if (note) R.toast("The note goes with the next decision");
    }
    if (from("#save-done")) save();
    const quick = from("[data-decide]");
    if (quick) {
      quick.disabled = true;
      const { decide, label, cluster, to } = quick.dataset;
      const done = await R.decide({ action: decide, label, cluster: Number(cluster), to_label: to });
      quick.disabled = false;
      if (done) redraw();
    }
    const taken = from("[data-take]");
    if (taken)
      await post("assign", { label: taken.dataset.take }).then(redraw, (error) => R.failed(error));
    const undo = from("[data-undo]");
    if (undo) await R.undo(Number(undo.dataset.undo));
    const redo = from("[data-redo]");
    if (redo) await R.redo(Number(redo.dataset.redo));
  });

  // Pages whose lists come from the server are asked for again.
  function redraw() {
    window.dash_clientside.set_props("url", { data: { ...R.here(), again: Date.now() } });
  }
  R.onDecided(() => {
    if (document.querySelector("#splits-page, #review-page")) redraw();
  });

  // -- dialogs ---------------------------------------------------------------------------
  const dialog = (name) => document.getElementById(`${name}-dialog`);
  function ask(name, values) {
    for (const [field, value] of Object.entries(values))
      window.dash_clientside.set_props(field, { value });
    dialog(name).showModal();
  }

  async function save() {
    const name = document.getElementById("save-name").value.trim();
    if (!name) return document.getElementById("save-name").focus();
    const rows = R.chosen ? R.chosen() : [];
    dialog("save").close();
    try {
      const saved = await post("selections", { name, rows });
      const href = R.at(`/map?selection=${encodeURIComponent(saved.name)}`);
      R.toast(`${plural(saved.size, "image")} saved as ${saved.name}`, { words: "Open", run: () => R.go(href) });
    } catch (error) {
      R.failed(error, save);
    }
  }
})(window.rosette);
