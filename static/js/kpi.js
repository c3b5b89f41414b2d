// /kpis/<slug>/: draws the trend, in the colours of the theme.
(() => {
  "use strict";
  const place = document.getElementById("kpi-chart");
  if (!place) return;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dashes = ["solid", "dash", "dot", "dashdot"];
  let figure = null;
  const inWords = (value, unit) => {
    if (unit === "share") return `${value.toFixed(value > 99 && value < 100 ? 2 : 0)} %`;
    if (unit === "score") return `${value.toFixed(1)} of 5`;
    if (unit !== "seconds") return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
    if (value < 1) return `${Math.round(value * 1000)} ms`;
    if (value < 60) return `${value.toFixed(value < 10 ? 1 : 0)} s`;
    const minutes = Math.round(value / 60);
    return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} m`;
  };
  const scaled = (unit, most) => {
    if (unit !== "seconds" || most < 120) return { by: 1, title: figure.layout.yaxis.title.text };
    return most < 7200 ? { by: 60, title: "Minutes" } : { by: 3600, title: "Hours" };
  };
  const draw = () => {
    if (!figure || !window.Plotly) return;
    const unit = figure.layout.meta.unit;
    const most = Math.max(0, ...figure.data.flatMap((trace) => trace.y.filter((value) => value !== null)));
    const { by, title } = scaled(unit, most);
    const days = figure.data[0].x;
    const colours = [css("--accent"), css("--info"), css("--warn"), css("--muted")];
    const axis = { gridcolor: css("--line"), linecolor: css("--line"), zeroline: false, fixedrange: true, automargin: true, tickfont: { color: css("--muted"), size: 11 } };
    const named = (text) => ({ text, font: { color: css("--muted"), size: 11 } });
    const data = figure.data.map((trace, index) => ({ ...trace, type: "scatter", y: trace.y.map((value) => value === null ? null : value / by),
      text: trace.y.map((value) => value === null ? "" : inWords(value, unit)), connectgaps: false, cliponaxis: false,
      line: { color: colours[index % colours.length], width: 2, dash: dashes[index % dashes.length] }, marker: { color: colours[index % colours.length], size: 4 },
      hovertemplate: "%{text}<extra>%{fullData.name}</extra>" }));
    const shapes = (figure.layout.shapes || []).map((shape) => ({ ...shape, y0: shape.y0 / by, y1: shape.y1 / by, line: { color: css("--muted"), width: 1, dash: "dash" } }));
    window.Plotly.react(place, data, {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 8, r: 8, t: 8, b: 8 }, shapes, hovermode: "x unified",
      font: { family: "Inter, sans-serif", color: css("--text"), size: 12 },
      xaxis: { ...axis, type: "date", range: [days[0], days[days.length - 1]], tickformat: "%-d %b", hoverformat: "%a %-d %b %Y", showgrid: false, title: named("Day in New York") },
      yaxis: { ...axis, rangemode: "tozero", title: named(title) },
      showlegend: data.length > 1, legend: { orientation: "h", y: 1.18, font: { size: 12, color: css("--muted") } },
      hoverlabel: { bgcolor: css("--surface"), bordercolor: css("--line-strong"), font: { color: css("--text") } },
    }, { displayModeBar: false, responsive: true });
  };
  fetch(place.dataset.figure, { signal: AbortSignal.timeout(8000) })
    .then((answer) => answer.json()).then((found) => { figure = found; draw(); }).catch(() => { place.closest("section").hidden = true; });
  document.addEventListener("themechange", draw);
  document.getElementById("plotly").addEventListener("load", draw);  // it does not hold up the page
  addEventListener("pagehide", () => window.Plotly?.purge(place));
})();
