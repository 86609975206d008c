// The bar below galleries: how many are ticked, the label that they get, and the other answers.
(function (R) {
  "use strict";
  const { el, plural } = R;
  const by = (id) => document.getElementById(id);

  let now = null; // what the bar is about: {rows, label, cluster, letters, suggestion, named}
  let hand = null; // the label that was chosen by hand; it stays until something is decided

  // about: {rows, letters, suggestion, named, label, cluster} — named: a label to be made where none fits
  R.bar = function (page, about) {
    const bar = page.querySelector("#decide");
    if (!bar) return;
    bar.hidden = !about.rows.length;
    if (!about.rows.length) hand = null;
    now = about.rows.length ? about : null;
    if (!now) return;
    const n = about.rows.length.toLocaleString("en");
    by("bar-what").textContent = about.letters ? `All ${n} in ${about.letters}` : `${plural(about.rows.length, "image")} ticked`;
    words();
  };

  const chosen = () => hand || (now && (now.suggestion || now.named)) || "";

  function words() {
    const field = by("bar-label");
    if (!field) return;
    const label = chosen();
    field.parentElement.hidden = !label; // else it would say the same as the button
    field.replaceChildren(...[label ? R.labelled(label, !now.suggestion && label === now.named) : el("span", { class: "faint" }, "Choose a label")].flat(), R.icon("down-small"));
    by("bar-relabel-words").textContent = label ? `Relabel ${plural(now.rows.length, "image")}` : "Choose a label";
  }

  async function decide(content) {
    const { rows, label, cluster } = now;
    hand = null;
    const focused = document.activeElement;
    const answer = R.decide({ rows, label, cluster, ...content });
    words();
    if (focused && by("decide").contains(focused)) R.backToGallery();
    return answer;
  }

  function relabel(label) {
    const to = label || chosen();
    if (!to) return choose(by("bar-relabel"), true);
    R.remember(to);
    return decide({ action: "relabel", to_label: to });
  }

  // The black button without a label asks for one, and then does its work; the field only takes it.
  function choose(anchor, then) {
    R.pick(anchor, {
      suggestion: now.suggestion,
      named: now.named,
      today: now.label,
      take(label) {
        if (then) return relabel(label);
        hand = label;
        words();
      },
    });
  }

  // After an action the keys belong to the gallery again.
  R.backToGallery = function () {
    const gallery = document.querySelector("#main .vgrid[tabindex]") || by("main");
    gallery.focus({ preventScroll: true });
  };

  const shown = () => now && by("decide") && !by("decide").hidden && by("decide").offsetParent !== null;

  // Keys of the bar, and undo; true when one was used.
  R.decideKey = function (key, event) {
    if (!R.decides()) return false;
    if (key === "z") return event.shiftKey ? R.redo() : R.undo(), true;
    if (!shown()) return false;
    if (key === "y") relabel();
    else if (key === "r") choose(by(chosen() ? "bar-label" : "bar-relabel"), false);
    else if (key === "n") decide({ action: "keep" });
    else if (key === "x") decide({ action: "remove" });
    else if (key === "u") decide({ action: "unsure" });
    else return false;
    return true;
  };

  // -- dialogs -----------------------------------------------------------------------------------
  const dialog = (name) => by(`${name}-dialog`);
  function ask(name, values) {
    for (const [field, value] of Object.entries(values)) window.dash_clientside.set_props(field, { value });
    dialog(name).showModal();
  }

  async function save() {
    const name = by("save-name").value.trim();
    if (!name) return by("save-name").focus();
    const rows = R.chosen ? R.chosen() : [];
    dialog("save").close();
    try {
      const saved = await R.post("selections", { name, rows });
      const href = R.at(`/map?selection=${encodeURIComponent(saved.name)}`);
      R.slot(`${plural(saved.size, "image")} saved as ${saved.name}`, { words: "Open", run: () => R.go(href) });
    } catch (error) {
      R.failed(error, save);
    }
  }

  function noted() {
    R.note_.set(by("note-text").value);
    const who = by("note-reviewer").value.trim();
    try {
      if (who) localStorage.setItem("rosette-reviewer", who);
    } catch (error) {
      by("frame").dataset.reviewer = who; // storage is forbidden: for this page only
    }
    dialog("note").close();
    if (R.note_.get()) R.slot("The note goes with the next decision");
  }

  // A menu closes when something in it was chosen, or something else.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]"))
      if (!menu.contains(event.target) || event.target.closest("button")) menu.open = false;
  });

  document.addEventListener("click", async (event) => {
    const from = (selector) => event.target.closest(selector);
    if (now) {
      if (from("#bar-relabel")) relabel();
      if (from("#bar-label")) choose(by("bar-label"), false);
      if (from("#bar-csv")) R.exportRows(now.rows);
      if (from("#bar-similar")) R.go(R.similarTo(now.rows));
      const button = from("[data-act]");
      if (button) decide({ action: button.dataset.act });
    }
    if (from("#bar-note")) ask("note", { "note-text": R.note_.get(), "note-reviewer": R.reviewer() });
    if (from("#bar-save")) ask("save", { "save-name": "" });
    for (const name of ["note", "save"]) if (from(`#${name}-cancel`)) dialog(name).close();
    if (from("#note-done")) noted();
    if (from("#save-done")) save();
    const quick = from("[data-decide]");
    if (quick) {
      quick.disabled = true;
      const { decide: action, label, cluster, to } = quick.dataset;
      const done = await R.decide({ action, label, cluster: Number(cluster), to_label: to });
      quick.disabled = false;
      if (done) redraw();
    }
    const taken = from("[data-take]");
    if (taken) await R.post("assign", { label: taken.dataset.take }).then(redraw, (error) => R.failed(error));
    const undo = from("[data-undo]");
    if (undo) await R.undo(Number(undo.dataset.undo));
    const redo = from("[data-redo]");
    if (redo) await R.redo(Number(redo.dataset.redo));
  });

  // Pages whose lists come from the server are asked for again.
  function redraw() {
    window.dash_clientside.set_props("url", { data: { ...R.here(), again: Date.now() } });
  }
  R.redraw = redraw;
  R.onDecided(() => {
    if (document.querySelector("#splits-page, #review-page, #confusion-page") && !R.waiting().length) redraw();
  });

  const MOST_ASKED = 16; // images that similar ones are looked for with
  R.similarTo = (rows) => {
    const step = Math.max(1, Math.ceil(rows.length / MOST_ASKED));
    return R.at(`/images?like=${rows.filter((row, n) => n % step === 0).join(".")}`);
  };

  // The server writes the CSV, so that names that spreadsheets would run are made safe in one place.
  R.exportRows = async function (rows) {
    try {
      const response = await fetch(R.at(`/api/${R.run()}/selection.csv`), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ rows }),
      });
      if (!response.ok) throw new Error(`the server answered ${response.status}.`);
      const address = URL.createObjectURL(await response.blob());
      const link = el("a", { href: address, download: "selection.csv" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10000);
      R.slot(`${plural(rows.length, "file name")} in selection.csv`);
    } catch (error) {
      R.failed(error, () => R.exportRows(rows));
    }
  };
})(window.rosette);
