import { absolute, brief, number } from '../format.js';
import { html } from '../html.js';

const WIDTH = 600;
const HEIGHT = 120;
const GAP = 0.25;

/**
 * @typedef {object} Series
 * @property {string} label
 * @property {string} kind a class
 * @property {readonly number[]} values
 */

/**
 * Stacked bars over time. A screen reader gets the sums; pointing at a bar shows its figures.
 *
 * @param {{ title: string, series: readonly Series[], moments: readonly string[] }} props
 */
export function Chart({ title, series, moments }) {
  const totals = moments.map((_, at) =>
    series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0),
  );
  const most = Math.max(1, ...totals);
  const step = WIDTH / Math.max(1, moments.length);
  const sums = series.map(
    ({ label, values }) => `${label}: ${number(values.reduce((a, b) => a + b, 0))}`,
  );
  const bars = moments.map((moment, at) => {
    let top = HEIGHT;
    const said = series.map(({ label, values }) => `${label}: ${number(values[at] ?? 0)}`);
    const parts = series.map(({ kind, values }) => {
      const height = ((values[at] ?? 0) / most) * (HEIGHT - 4);
      top -= height;
      return html`<rect key=${kind} class=${kind} x=${at * step + (step * GAP) / 2} y=${top}
        width=${step * (1 - GAP)} height=${height} />`;
    });
    return html`<g key=${moment}><title>${`${absolute(moment)}\n${said.join('\n')}`}</title>
      <rect class="hit" x=${at * step} y="0" width=${step} height=${HEIGHT} />${parts}</g>`;
  });
  return html`<figure class="chart"><figcaption><b>${title}</b>
      <span class="legend">${series.map(
        ({ label, kind }, at) =>
          html`<span key=${kind}><i class=${kind} />${sums[at] ?? label}</span>`,
      )}</span></figcaption>
    <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img"
      aria-label=${`${title}. ${sums.join('. ')}`}>${bars}
      <line class="base" x1="0" x2=${WIDTH} y1=${HEIGHT - 0.5} y2=${HEIGHT - 0.5} /></svg>
    <div class="axis soft" aria-hidden="true"><span>${moments[0] && brief(moments[0])}</span>
      <span>${moments.length > 1 && brief(moments.at(-1) ?? '')}</span></div></figure>`;
}
