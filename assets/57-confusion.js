// The Confusion page: a cell leads to its images.
(function (R) {
  "use strict";
  R.whenThere("#confusion-box", (box) => {
    let stopped = false;
    (function wait() {
      if (stopped) return;
      const graph = box.querySelector(".js-plotly-plot");
      if (!graph || !graph.on || !graph.querySelector(".nsewdrag")) return requestAnimationFrame(wait);
      graph.on("plotly_click", (event) => {
        const { x, y } = event.points[0];
        const labels = graph.layout.meta.labels;
        const [given, looks] = [labels[y], labels[x]];
        const address =
          given === looks
            ? `/class/${encodeURIComponent(given)}`
            : `/images?given=${encodeURIComponent(given)}&looks=${encodeURIComponent(looks)}`;
        R.go(R.at(address));
      });
      box.dataset.ready = "yes";
    })();
    return () => (stopped = true);
  });
})(window.rosette);
