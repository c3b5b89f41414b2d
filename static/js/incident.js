// /incidents/<number>/ and /incidents/figures/: empties the note when it is posted, spares open forms, draws the chart.
(() => {
  "use strict";
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (form.matches && form.matches("[data-empties]") && event.detail.successful) form.reset();
  });
  // No poll, and no form beside it, takes away what somebody is typing into.
  let asker = null;
  document.addEventListener("htmx:beforeSwap", (event) => { asker = event.detail.requestConfig.elt; });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const target = event.detail.target;
    const holdsForms = ["incident-facts", "incident-acts"].includes(target.id);
    if (holdsForms && !target.contains(asker) && target.querySelector("details[open]")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-opens]");
    const opened = link && document.getElementById(link.dataset.opens);
    if (opened) opened.open = true;
  });

  const place = document.getElementById("incident-chart");
  if (!place) return;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  let figure = null;
  const draw = () => {
    if (!figure || !window.Plotly) return;
    const axis = { gridcolor: css("--line"), linecolor: css("--line"), zeroline: false, fixedrange: true, automargin: true, tickfont: { color: css("--muted"), size: 11 } };
    const title = (text) => ({ text, font: { color: css("--muted"), size: 11 } });
    const colours = [css("--info"), css("--accent")];
    const data = figure.data.map((trace, index) => ({ ...trace, marker: { color: colours[index] }, hovertemplate: "%{y:.1f} min<extra>%{fullData.name}</extra>" }));
    window.Plotly.react(place, data, {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 8, r: 8, t: 8, b: 8 }, barmode: "group", bargap: 0.35,
      font: { family: "Inter, sans-serif", color: css("--text"), size: 12 },
      xaxis: { ...axis, type: "date", tickformat: "%-d %b", showgrid: false, title: title("Week from") },
      yaxis: { ...axis, rangemode: "tozero", title: title("Minutes") },
      showlegend: true, legend: { orientation: "h", y: 1.15, font: { size: 12, color: css("--muted") } },
      hoverlabel: { bgcolor: css("--surface"), bordercolor: css("--line-strong"), font: { color: css("--text") } },
    }, { displayModeBar: false, responsive: true });
  };
  fetch(place.dataset.figure, { signal: AbortSignal.timeout(8000) })
    .then((answer) => answer.json()).then((found) => { figure = found; draw(); }).catch(() => { place.hidden = true; });
  document.addEventListener("themechange", draw);
  document.getElementById("plotly").addEventListener("load", draw);  // it does not hold up the page
  addEventListener("pagehide", () => window.Plotly?.purge(place));
})();
