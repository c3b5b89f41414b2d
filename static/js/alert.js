// /alerts/<id>/: draws the alert's figure with Plotly when htmx has brought its frame.
(() => {
  "use strict";
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const config = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false };
  const lines = ["--info", "--warn", "--accent", "--muted"];
  let figure = null, plot = null;

  const line = (x, dash) => ({ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1, line: { color: css("--critical"), width: 1, dash } });
  const shapes = () => {
    const until = figure.ends_at || new Date().toISOString();
    const found = [
      { type: "rect", x0: figure.starts_at, x1: until, yref: "paper", y0: 0, y1: 1, fillcolor: css("--critical-tint"), opacity: 0.55, line: { width: 0 }, layer: "below" },
      line(figure.starts_at, "solid"),
    ];
    if (figure.ends_at) found.push({ ...line(figure.ends_at, "dot"), line: { color: css("--accent"), width: 1, dash: "dot" } });
    if (figure.limit !== null) {
      found.push({ type: "line", xref: "paper", x0: 0, x1: 1, y0: figure.limit, y1: figure.limit, line: { color: css("--warn"), width: 1, dash: "dash" } });
    }
    return found;
  };
  // Plotly takes times as they stand; it should show the reader's.
  const local = (iso) => {
    const at = new Date(iso);
    return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 23);
  };
  const draw = () => {
    if (!plot || !figure || !window.Plotly) return;
    const axis = { gridcolor: css("--line"), linecolor: css("--line"), zeroline: false, fixedrange: true, automargin: true, tickfont: { color: css("--muted"), size: 11 } };
    const data = figure.data.map((trace, index) => ({
      ...trace, x: trace.x.map(local), line: { color: css(lines[index % lines.length]), width: 2 }, hovertemplate: "%{y}<extra>%{x|%H:%M:%S}</extra>",
    }));
    const layout = {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 8, r: 8, t: 8, b: 8 },
      font: { family: "Inter, sans-serif", color: css("--text"), size: 12 },
      xaxis: { ...axis, type: "date", showgrid: false, title: { text: "Local time", font: { color: css("--muted"), size: 11 } } },
      yaxis: { ...axis, rangemode: "tozero", title: { text: "Value", font: { color: css("--muted"), size: 11 } } },
      showlegend: data.length > 1, legend: { orientation: "h", font: { size: 11, color: css("--muted") }, y: -0.3 },
      hoverlabel: { bgcolor: css("--surface"), bordercolor: css("--line-strong"), font: { color: css("--text") } },
      shapes: shapes().map((shape) => ({
        ...shape, ...(shape.xref ? {} : { x0: local(shape.x0), x1: local(shape.x1) }),
      })),
    };
    window.Plotly.react(plot, data, layout, config);
  };
  document.addEventListener("htmx:afterSettle", async (event) => {
    if (event.target.id !== "alert-chart") return;
    event.target.removeAttribute("aria-busy");
    plot = document.getElementById("alert-plot");
    if (!plot) return;
    const answer = await fetch(plot.dataset.figure, { signal: AbortSignal.timeout(8000) });
    if (!answer.ok) return;
    figure = await answer.json();
    draw();
  });
  // A poll must not take away what somebody is typing into.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const state = event.detail.elt;
    if (state.id === "alert-chart" && state.querySelector("details[open]")) event.preventDefault();
    if (state.id !== "alert-state" || event.detail.requestConfig.verb !== "get") return;
    const busy = state.contains(document.activeElement) && document.activeElement.matches("input, button");
    if (busy || state.querySelector("details[open]")) event.preventDefault();
  });
  document.addEventListener("themechange", draw);
  document.getElementById("plotly")?.addEventListener("load", draw);  // it does not hold up the page
  addEventListener("pagehide", () => { if (plot && window.Plotly) window.Plotly.purge(plot); });
})();
