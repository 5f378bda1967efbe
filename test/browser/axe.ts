import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Accessibility faults of the page, and parts that are wider than the screen; one line each. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const text = await page.evaluate('axe.run().then((result) => JSON.stringify(result.violations))');
  const violations: axe.Result[] = JSON.parse(String(text));
  const { width } = page.viewportSize() ?? { width: 0 };
  const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
  return [
    ...(wide > width ? [`is ${wide} wide on ${width}`] : []),
    ...violations.map(({ id, nodes }) => `${id} ${nodes.map(({ html }) => html).join(' ')}`),
  ];
}
