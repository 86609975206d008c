// What the search finds besides labels and files: what the model sees, what was decided, what a
// sentence fits, and images like a picture that is pasted, dropped or chosen. The picture is sent once and kept nowhere.
(function (R) {
  "use strict";
  const { el, run, plural } = R;
  const MOST_BYTES = 11e6; // as the server has it
  const MOST_NAMED = 100; // images that an address names

  const slice = (rows) => `/images?found=${rows.slice(0, MOST_NAMED).join(".")}`;

  // Hits of the list below the box: {href, content}.
  R.hitsElsewhere = function (found, text) {
    const hits = [];
    if (found.seen)
      hits.push({ href: `/images?seen=${encodeURIComponent(found.seen.word)}`, content: [el("b", {}, found.seen.word), el("span", {}, `seen by the model in ${plural(found.seen.n, "image")}`)] });
    if (found.decided && found.decided.n)
      hits.push({ href: `${slice(found.decided.rows)}&by=decision`, content: [el("b", {}, plural(found.decided.n, "image")), el("span", {}, "with a decision that says so")] });
    if (found.sentence)
      hits.push({ href: `/images?text=${encodeURIComponent(text.trim())}`, content: [el("b", {}, `“${text.trim()}”`), el("span", {}, `images that it fits best, by ${found.sentence}`)] });
    return hits;
  };

  const list = () => document.getElementById("found");
  function tell(words) {
    list().replaceChildren(el("p", { class: "none", role: "status" }, words));
    list().hidden = false;
    document.querySelector(".find").classList.add("open");
    R.say(words);
  }

  const read = (file) => new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(new Error("The file could not be read."));
    reader.readAsDataURL(file);
  });

  let asked = 0;
  async function byPicture(file) {
    const mine = ++asked;
    if (file.size > MOST_BYTES) return tell(`The picture has ${Math.round(file.size / 1e6)} MB; at most ${MOST_BYTES / 1e6} can be searched by.`);
    tell("Looking for images like your picture …");
    try {
      const answer = await fetch(R.at(`/api/${run()}/like-picture`), {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ image: await read(file) }),
      });
      const said = await answer.json().catch(() => ({}));
      if (mine !== asked) return;
      if (!answer.ok) return tell(said.error || `The server answered ${answer.status}.`);
      list().hidden = true;
      document.querySelector(".find").classList.remove("open");
      R.go(R.at(slice(said.rows)));
    } catch (error) {
      if (mine === asked) tell(`The picture could not be searched by: ${error.message}`);
    }
  }

  const pictures = (files) => [...(files || [])].filter((file) => file.type.startsWith("image/"));

  document.addEventListener("paste", (event) => {
    const [picture] = pictures(event.clipboardData && event.clipboardData.files);
    if (!picture) return;
    event.preventDefault();
    byPicture(picture);
  });
  const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  document.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault(); // else the browser leaves the page and opens the file
    const [picture] = pictures(event.dataTransfer.files);
    if (picture) byPicture(picture);
    else tell("That is no picture.");
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#find-picture")) return;
    const chosen = el("input", { type: "file", accept: "image/*" });
    chosen.addEventListener("change", () => chosen.files[0] && byPicture(chosen.files[0]));
    chosen.click();
  });
})(window.rosette);
