// The frame around all pages: navigation, search, keys, help, controls that write the address.
(function (R) {
  "use strict";
  const { el, json, run, go, plural } = R;

  // pages that have no name of their own in the bar
  const OF = { "/images": "overview", "/strays": "queue", "/review": "queue", "/changes": "queue" };

  // -- where we are ------------------------------------------------------------------------
  R.whenThere("#frame .nav", () => {
    function here() {
      const path = R.pathname();
      const page = path === "/" || path.startsWith("/class/") ? "splits" : OF[path] || path.slice(1);
      document.querySelectorAll(".nav [data-page]").forEach((link) => {
        if (link.dataset.page === page) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      });
    }
    here();
    const main = document.getElementById("main");
    const seen = new MutationObserver(here);
    seen.observe(main, { childList: true });
    return () => seen.disconnect();
  });

  // -- log out: the session ends on the server, and the browser forgets what it holds of it ---
  R.whenThere("#logout", (button) => {
    button.addEventListener("click", async () => {
      try {
        const answer = await fetch(R.at("/logout"), { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
        if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
        location.replace(R.at("/login"));
      } catch (error) {
        R.slot(`Not logged out. ${error.message}`, null, { tone: "err" });
      }
    });
  });

  // -- controls that write the address: <select data-param="sort"> ---------------------------
  document.addEventListener("change", (event) => {
    const name = event.target.dataset && event.target.dataset.param;
    if (!name) return;
    const value = event.target.value;
    go(R.changed({ [name]: value === event.target.dataset.default ? null : value }).href);
  });
  R.whenThere("[data-param]", () => {
    document.querySelectorAll("[data-param]").forEach((field) => {
      field.value = field.dataset.value;
    });
  });
  let typing = 0;
  document.addEventListener("input", (event) => {
    if (!["splits-q", "confusion-q"].includes(event.target.id)) return;
    clearTimeout(typing);
    typing = setTimeout(() => go(R.changed({ q: event.target.value }).href), 250);
  });

  // -- more labels come when the end is near --------------------------------------------------
  R.whenThere("#splits-more", (button) => {
    const near = new IntersectionObserver(
      (entries) => entries.some((e) => e.isIntersecting) && !button.hidden && button.click(),
      { rootMargin: "900px" },
    );
    near.observe(button);
    // what was just added may not have filled the window
    const words = new MutationObserver(() => {
      near.unobserve(button);
      near.observe(button);
    });
    words.observe(button, { childList: true, characterData: true, subtree: true });
    return () => (near.disconnect(), words.disconnect());
  });

  // -- search -------------------------------------------------------------------------------
  let asked = 0;
  let at = -1;
  let listed = ""; // what the hits belong to
  let waiting = false; // Enter was pressed before they came
  const field = () => document.getElementById("find");
  const list = () => document.getElementById("found");

  function closeFound() {
    list().hidden = true;
    listed = "";
    at = -1;
    field().removeAttribute("aria-activedescendant");
    field().setAttribute("aria-expanded", "false");
    document.querySelector(".find").classList.remove("open");
  }

  function option(n, href, ...content) {
    return el("a", { class: "hit", role: "option", id: `hit-${n}`, href: R.at(href), tabindex: "-1", "aria-selected": "false" }, ...content);
  }

  async function search(text) {
    const mine = ++asked;
    waiting = false;
    if (!text.trim()) return closeFound();
    const found = await json(`/api/${run()}/find?q=${encodeURIComponent(text)}`);
    if (mine !== asked || document.activeElement !== field()) return;
    // on the map a hit is shown where it lies, elsewhere on its label's page
    const map = R.pathname() === "/map";
    const hits = [];
    for (const one of found.labels)
      hits.push(option(hits.length, map ? `/map?label=${encodeURIComponent(one.label)}` : `/class/${encodeURIComponent(one.label)}`, el("b", {}, one.label), el("span", {}, plural(one.size, "image"))));
    for (const one of found.files)
      hits.push(option(hits.length, map ? `/map?item=${one.row}` : `/class/${encodeURIComponent(one.label)}?item=${one.row}`, el("span", { class: "mono" }, one.file)));
    const hidden = found.n_labels + found.n_files - hits.length;
    for (const one of R.hitsElsewhere(found, text)) hits.push(option(hits.length, one.href, ...one.content));
    list().replaceChildren(
      ...(hits.length ? hits : [el("p", { class: "none" }, `No label or file holds “${text}”`)]),
      ...(hidden > 0 ? [el("p", { class: "none" }, `and ${plural(hidden, "more")}`.replace(/mores$/, "more"))] : []),
    );
    list().hidden = false;
    field().setAttribute("aria-expanded", "true");
    at = -1;
    move(1);
    listed = text;
    if (waiting) choose();
  }

  function choose() {
    waiting = field().value !== listed;
    const hit = list().querySelector("[aria-selected=true]");
    if (hit && !waiting && !list().hidden) hit.click();
  }

  function move(by) {
    const hits = [...list().querySelectorAll(".hit")];
    if (!hits.length) return;
    at = (at + by + hits.length) % hits.length;
    hits.forEach((hit, n) => hit.setAttribute("aria-selected", n === at));
    hits[at].scrollIntoView({ block: "nearest" });
    field().setAttribute("aria-activedescendant", hits[at].id);
  }

  document.addEventListener("input", (event) => {
    if (event.target.id === "find") search(event.target.value).catch(R.failed);
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "find") return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") choose();
    else if (event.key === "Escape") {
      event.target.blur();
      closeFound();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#found .hit")) {
      closeFound();
      field().blur();
      window.dash_clientside.set_props("find", { value: "" });
    } else if (!event.target.closest(".find")) closeFound();
    if (event.target.closest("#find-open")) openFind();
    if (event.target.closest("#help")) help();
    if (event.target.closest("#keys-close")) document.getElementById("keys").close();
  });
  R.whenThere("#find", (input) => {
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-expanded": "false", "aria-controls": "found",
      "aria-autocomplete": "list", "aria-label": input.placeholder,
    }))
      input.setAttribute(name, value);
  });

  function openFind() {
    document.querySelector(".find").classList.add("open");
    field().focus();
    field().select();
  }

  function help() {
    document.getElementById("keys").showModal();
  }

  // A page that took the place of another is told, and the keys begin at its top.
  let shown = null;
  R.whenThere("#main h1", (heading) => {
    const before = shown;
    shown = R.pathname();
    if (before === null || before === shown) return;
    R.say(heading.textContent);
    if (!document.activeElement || !document.activeElement.matches("input, textarea, select, dialog *"))
      document.getElementById("main").focus({ preventScroll: true });
  });

  // -- keys ---------------------------------------------------------------------------------
  R.keys = { page: null };
  let went = 0;
  const pages = { s: "/splits", m: "/map", o: "/overview", c: "/confusion", q: "/queue", r: "/review" };

  // Undo works on pages that have no keys of their own, too.
  function undone(key, event) {
    if (key !== "z" || !R.decides()) return false;
    event.shiftKey ? R.redo() : R.undo();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest && event.target.closest("input:not([type=range],[type=checkbox],[type=radio]),textarea,select,dialog[open],.pop")) return;
    if (event.target.type === "range" && event.key.startsWith("Arrow")) return;
    // a button takes Enter and Space itself, but for the line of the finding that is open already
    const own = event.target.closest && event.target.closest("button,a[href],summary");
    if (own && [" ", "Enter"].includes(event.key) && !own.matches(".f.open > .bar")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    let used = true;
    const full = R.fullShown();
    if (full) used = key === "Escape" ? (full.close(), true) : full.press(key, event);
    else if (Date.now() - went < 2500 && pages[key] && (key !== "r" || R.decides())) {
      went = 0;
      go(R.at(pages[key]));
    } else if (key === "g") went = Date.now();
    else if (key === "/") openFind();
    else if (key === "?") help();
    else if (key === "Escape") used = Boolean(R.keys.page && R.keys.page.escape());
    else used = Boolean((R.keys.page && R.keys.page.press && R.keys.page.press(key, event)) || undone(key, event));
    if (used) event.preventDefault();
  });
})(window.rosette);
