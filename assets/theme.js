// Dark and light: the system's choice, unless the person made another, which is remembered.
(function () {
  const root = document.documentElement;
  try {
    const kept = localStorage.getItem("rosette-theme");
    if (kept) root.dataset.theme = kept;
  } catch (error) {
    // Storage may be forbidden; the system's choice stays.
  }
  document.addEventListener("click", function (event) {
    if (!event.target.closest("#theme")) return;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try {
      localStorage.setItem("rosette-theme", root.dataset.theme);
    } catch (error) {
      // As above: the choice holds for this page only.
    }
  });
})();
