/** SVG for light and dark pages: colours are classes, chosen by a media query in the file. */

export type Language = 'en' | 'ru';

const FONT = "font-family: -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif";

const STYLE = `text { ${FONT}; font-size: 14px; fill: #1f2328; }
.small { font-size: 12px; fill: #59636e; }
.bold { font-weight: 600; }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.box { fill: #f6f8fa; stroke: #818b98; }
.main { fill: #ddf4ff; stroke: #0969da; }
.bar { fill: #afb8c1; }
.bar.main { fill: #0969da; stroke: none; }
.line { stroke: #59636e; fill: none; stroke-width: 1.5; }
.head { fill: #59636e; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .small { fill: #9198a1; }
  .box { fill: #151b23; stroke: #656c76; }
  .main { fill: #0c2d4f; stroke: #4493f8; }
  .bar { fill: #525964; }
  .bar.main { fill: #4493f8; }
  .line { stroke: #9198a1; }
  .head { fill: #9198a1; }
}`;

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** @param title describes the picture for people who cannot see it */
export const svg = (
  width: number,
  height: number,
  title: string,
  parts: readonly string[],
): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title).replaceAll('"', '&quot;')}">
<title>${escaped(title)}</title>
<style>
${STYLE}
</style>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>
${parts.join('\n')}
</svg>
`;

export const text = (x: number, y: number, words: string, kind = ''): string =>
  `<text x="${x}" y="${y}"${kind && ` class="${kind}"`}>${escaped(words)}</text>`;

export const rect = (x: number, y: number, width: number, height: number, kind: string): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" class="${kind}"/>`;

/** A box with a heading and lines below it. */
export const box = (
  [x, y, width, height]: readonly [number, number, number, number],
  lines: readonly string[],
  kind = 'box',
): string => {
  const top = y + 14 + Math.round((height - lines.length * 18) / 2);
  return [
    rect(x, y, width, height, kind),
    ...lines.map((line, index) =>
      text(x + width / 2, top + index * 18, line, index === 0 ? 'bold middle' : 'small middle'),
    ),
  ].join('\n');
};

export const arrow = (path: string, isMutual = false): string =>
  `<path class="line" d="${path}" marker-end="url(#arrow)"${isMutual ? ' marker-start="url(#arrow)"' : ''}/>`;
