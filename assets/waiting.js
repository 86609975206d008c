// The page that waits for the first findings: how far the run is, the newest pictures, and then the app.
(function () {
  "use strict";
  const EVERY = 1000; // ms between two questions
  const prefix = document.documentElement.dataset.prefix;
  const part = (id) => document.getElementById(id);
  const put = (id, words) => part(id).textContent !== words && (part(id).textContent = words);
  let shown = "";

  async function ask() {
    const told = await (await fetch(`${prefix}/waiting/progress`)).json();
    if (told.ready) return location.reload();
    put("stage", told.stage);
    put("told", told.told);
    part("bar").value = told.share;
    put("silent", told.silent);
    part("silent").hidden = !told.silent;
    draw(told.pictures);
    setTimeout(again, EVERY);
  }

  function draw(pictures) {
    const now = JSON.stringify(pictures);
    if (now === shown) return;
    shown = now;
    part("pictures").replaceChildren(...pictures.map(([file, row]) => {
      const img = document.createElement("img");
      img.src = `${prefix}/waiting/picture/${file}/${row}`;
      img.alt = "";
      return img;
    }));
  }

  function again() {
    ask().catch(() => {
      put("silent", "The server does not answer. It is asked again.");
      part("silent").hidden = false;
      setTimeout(again, 3 * EVERY);
    });
  }
  again();
})();
