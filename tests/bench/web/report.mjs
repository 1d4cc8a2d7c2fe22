/** What the runs say: medians for a program, and a picture of every run for a person. */

const MEASURES = [
  ["visible_ms", "The banner is visible, ms after the navigation"],
  ["blocked_ms", "The page is blocked beyond 50 ms at a time, ms in all"],
  ["press_ms", "From the press of the main button to the next picture, ms"],
  ["largest_paint_ms", "Largest contentful paint of the page, ms"],
  ["shift", "Layout shift of the page"],
  ["sent_bytes", "Bytes sent for the widget before anybody presses anything"],
];
const WIDTH = 720;
const LEFT = 90;
const ROW = 34;

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

/** Variant → medians in whole numbers; the shift in thousandths. */
export function medians(results) {
  return Object.fromEntries(
    Object.entries(results).map(([name, runs]) => {
      const of = (measure) => median(runs.map((run) => run[measure]));
      const all = MEASURES.map(([measure]) => [measure, of(measure)]);
      const { shift, ...rest } = Object.fromEntries(all);
      const whole = Object.entries(rest).map(([measure, value]) => [measure, Math.round(value)]);
      return [name, { ...Object.fromEntries(whole), shift_milli: Math.ceil(shift * 1000) }];
    }),
  );
}

/** A page with one picture a measure: a dot for each run, a line at the median. */
export function reportOf(results) {
  const pictures = MEASURES.map(([measure, title]) => picture(results, measure, title));
  const runs = Object.values(results)[0].length;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Banner on a slow phone</title>
<style>body{max-width:760px;margin:2rem auto;padding:0 1rem;font:16px/1.5 system-ui}
svg{width:100%;height:auto}text{font:13px system-ui;fill:currentcolor}h2{font-size:1rem}
:root{color-scheme:light dark}circle{fill:#4a47d1;opacity:.5}line{stroke:#d1472f;stroke-width:3}
.axis{stroke:currentcolor;stroke-width:1;opacity:.25}</style>
<h1>Banner on a slow phone</h1>
<p>${runs} runs each, 150 ms round trip, 1.6 Mbit/s, processor slowed down four times, no cache.
A dot is a run, the line is the median.</p>${pictures.join("")}</html>`;
}

function picture(results, measure, title) {
  const rows = Object.entries(results);
  const top = Math.max(...rows.flatMap(([, runs]) => runs.map((run) => run[measure]))) || 1;
  const x = (value) => LEFT + (value / top) * (WIDTH - LEFT - 80);
  const marks = rows.map(([name, runs], index) => {
    const y = index * ROW + ROW / 2;
    const middle = median(runs.map((run) => run[measure]));
    const dots = runs.map((run) => `<circle cx="${x(run[measure]).toFixed(1)}" cy="${y}" r="5"/>`);
    const at = x(middle).toFixed(1);
    const label = measure === "shift" ? middle.toFixed(3) : Math.round(middle);
    return `<text x="0" y="${y + 4}">${name}</text>
<line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${y}" y2="${y}"/>${dots.join("")}
<line x1="${at}" x2="${at}" y1="${y - 11}" y2="${y + 11}"/>
<text x="${Number(at) + 12}" y="${y - 6}">${label}</text>`;
  });
  const height = rows.length * ROW;
  return `<h2>${title}</h2><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">
${marks.join("")}</svg>`;
}
