// Dark and light: the system's choice, unless the person made another, which is remembered.
// The server hears of it by a cookie, so that what it draws fits from the first.
(function () {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  function kept() {
    try {
      return localStorage.getItem("rosette-theme");
    } catch (error) {
      return null; // storage may be forbidden; the system's choice stays
    }
  }

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
  }

  function tell() {
    document.cookie = `rosette-theme=${isDark() ? "dark" : "light"}; path=${root.dataset.prefix}/; SameSite=Strict`;
    root.dispatchEvent(new CustomEvent("rosette-theme"));
  }

  if (kept()) root.dataset.theme = kept();
  tell();
  system.addEventListener("change", tell);
  document.addEventListener("click", function (event) {
    if (!event.target.closest || !event.target.closest("#theme")) return;
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("rosette-theme", root.dataset.theme);
    } catch (error) {
      // as above: the choice holds for this page only
    }
    tell();
  });
})();
