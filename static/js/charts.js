/* charts.js: draws a chart from the table in the page. Markup contract:
   <figure class="chart" data-chart="bar|line" data-stacked data-unit="NT$"> … <table> … </table> </figure>
   First column = x labels; each further column = one series, <th data-k="c1" data-type="line">.
   No JS, no Chart.js, or printing: the table alone carries the data. Colours are read from tokens, so dark mode follows. */
(() => {
  const css = (n) => getComputedStyle(document.documentElement).getPropertyValue(n).trim();
  const nf = new Intl.NumberFormat(document.documentElement.lang);
  const chinese = document.documentElement.lang.startsWith("zh");
  const compact = new Intl.NumberFormat("en", { notation: "compact" });
  const short = (v) => Math.abs(v) < 1e4 ? nf.format(v) : chinese ? nf.format(Math.round(v / 1e3) / 10) + " 萬" : compact.format(v);
  const live = new Map();

  function read(table) {
    const heads = [...table.tHead.rows[0].cells].slice(1);
    const rows = [...table.tBodies[0].rows];
    const val = (c) => { const t = (c.dataset.v ?? c.textContent).replace(/[^\d.-]/g, ""); return t === "" ? null : +t; };
    return {
      labels: rows.map((r) => r.cells[0].textContent.trim()),
      series: heads.map((h, i) => ({ label: h.textContent.trim(), k: `--${h.dataset.k || `c${i + 1}`}`, type: h.dataset.type, data: rows.map((r) => val(r.cells[i + 1])) })),
    };
  }

  function draw(fig) {
    const table = fig.querySelector("table"), box = fig.querySelector(".chart__box");
    if (!table || !box || !window.Chart) return;
    const { labels, series } = read(table), kind = fig.dataset.chart, stacked = "stacked" in fig.dataset, unit = fig.dataset.unit || "";
    let canvas = box.querySelector("canvas");
    if (!canvas) {
      canvas = document.createElement("canvas");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", fig.dataset.summary || fig.querySelector("figcaption")?.textContent || "");
      box.append(canvas);
    }
    live.get(fig)?.destroy();
    const ink = css("--ink-3"), grid = css("--grid"), surface = css("--surface");
    live.set(fig, new Chart(canvas, {
      type: kind,
      data: { labels, datasets: series.map((s) => {
        const line = (s.type || kind) === "line", c = css(s.k);
        return { label: s.label, data: s.data, type: s.type || kind, order: line ? 0 : 1, stack: stacked && !line ? "s" : s.label,
          backgroundColor: c, borderColor: line ? c : surface, borderWidth: line ? 2 : stacked ? { top: 1 } : 0,
          borderDash: line && s.type ? [5, 4] : undefined, borderRadius: 2, maxBarThickness: 38, categoryPercentage: .82, barPercentage: .86,
          pointRadius: 0, pointHoverRadius: 4, tension: .25, spanGaps: true };
      }) },
      options: {
        responsive: true, maintainAspectRatio: false, animation: matchMedia("(prefers-reduced-motion: reduce)").matches || "still" in fig.dataset ? false : { duration: 240 },
        interaction: { mode: "index", intersect: false }, font: { family: css("--font") },
        layout: { padding: { top: 6 } },
        scales: {
          x: { stacked, grid: { display: false }, border: { color: grid }, ticks: { color: ink, font: { size: 11, family: css("--font") }, maxRotation: 0, autoSkip: true, autoSkipPadding: 14 } },
          y: { stacked, beginAtZero: true, border: { display: false }, grid: { color: grid, drawTicks: false }, ticks: { color: ink, padding: 8, maxTicksLimit: 5, font: { size: 11, family: css("--font") }, callback: short } },
        },
        plugins: {
          legend: { display: false },
          tooltip: { backgroundColor: "#22282d", padding: 10, cornerRadius: 8, boxPadding: 4, usePointStyle: true, bodyFont: { family: css("--font") }, titleFont: { family: css("--font") },
            callbacks: { label: (c) => ` ${c.dataset.label}  ${unit} ${nf.format(c.parsed.y)}` } },
        },
      },
    }));
  }

  const all = (root = document) => root.querySelectorAll("figure[data-chart]").forEach(draw);
  document.addEventListener("DOMContentLoaded", () => all());
  document.addEventListener("htmx:afterSettle", (e) => all(e.target));           // charts inside swapped fragments
  document.addEventListener("htmx:beforeCleanupElement", (e) => e.target.matches?.("figure[data-chart]") && (live.get(e.target)?.destroy(), live.delete(e.target)));
  document.addEventListener("themechange", () => all());
})();
