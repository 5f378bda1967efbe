import axe from 'axe-core';
import type { Page } from 'playwright-core';

// Only what is reported is worked out.
const RUN = `axe.run({ resultTypes: ['violations'], selectors: false })
  .then((result) => JSON.stringify(result.violations))`;

/** Accessibility faults of the page. */
export async function violationsOf(page: Page): Promise<axe.Result[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe.source);
  return JSON.parse(String(await page.evaluate(RUN)));
}

export const told = ({ id, nodes }: axe.Result) =>
  `${id} ${nodes.map(({ html }) => html).join(' ')}`;

/** A line where the page is wider than the screen. */
export async function overflows(page: Page): Promise<string[]> {
  const { width } = page.viewportSize() ?? { width: 0 };
  const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
  return wide > width ? [`is ${wide} wide on ${width}`] : [];
}

/** Accessibility faults of the page, and parts that are wider than the screen; one line each. */
export async function findings(page: Page): Promise<string[]> {
  return [...(await overflows(page)), ...(await violationsOf(page)).map(told)];
}
