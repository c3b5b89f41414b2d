// Pages with Plotly charts: one way to draw, redraw and re-theme; colours come from the tokens.
(() => {
  "use strict";
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const config = { displayModeBar: false, staticPlot: true, responsive: true };
  const drawn = new Map();
  const colours = () => ["info", "ok", "warn", "critical", "muted"].map((tone) => css(`--wall-${tone}`) || css(`--${tone}`) || css("--accent"));

  const themed = (figure, size) => {
    const layout = structuredClone(figure.layout || {});
    const axis = { gridcolor: css("--line"), linecolor: css("--line"), zeroline: false, ticks: "", showgrid: false, fixedrange: true,
      tickfont: { size, color: css("--wall-muted") || css("--muted") }, automargin: true };
    const pie = (figure.data || []).some((trace) => trace.type === "pie");
    const hours = (figure.data || []).some((trace) => trace.type === "heatmap");  // its last label is at the edge
    const margin = pie ? { l: size * 4, r: size * 4, t: size * 1.5, b: size * 1.5 } : { l: 0, r: hours ? size * 0.8 : 0, t: 0, b: 0 };
    Object.assign(layout, {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: hours ? css("--raised") : "rgba(0,0,0,0)", margin,
      font: { family: "Inter, sans-serif", color: css("--text"), size }, showlegend: false, colorway: colours(),
    });
    layout.xaxis = { ...axis, ...layout.xaxis, title: { text: "" } };
    layout.yaxis = { ...axis, ...layout.yaxis, title: { text: "" } };
    const data = structuredClone(figure.data || []).map((trace) => {
      if (trace.type === "heatmap") {
        return { ...trace, zmin: 0, zmax: Math.max(1e-9, ...trace.z.flat()), colorscale: [[0, css("--accent-tint")], [1, css("--accent")]] };
      }
      if (trace.type === "pie") return { ...trace, marker: { colors: colours() }, textfont: { size, color: css("--text") } };
      return trace.line ? { ...trace, line: { ...trace.line, width: Math.max(2, size / 5) } } : trace;
    });
    return { data, layout };
  };
  const draw = (element, figure) => {
    if (!element || !window.Plotly) return;
    drawn.set(element, figure);
    const size = Math.max(11, Math.round(innerWidth / 3840 * 38));
    const { data, layout } = themed(figure, size);
    return window.Plotly.react(element, data, layout, config);
  };
  const redraw = () => drawn.forEach((figure, element) => draw(element, figure));
  const forget = (element) => { if (drawn.delete(element) && window.Plotly) window.Plotly.purge(element); };
  document.addEventListener("themechange", redraw);
  window.charts = { draw, redraw, forget };
})();
