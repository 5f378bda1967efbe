import { type Language, rect, svg, text } from './svg.ts';

const WORDS = {
  en: {
    title: 'Requests a second: Gatepass beside a bare node:http server, SimpleJWT and better-auth',
    groups: { verify: 'Verify an access token', refresh: 'Refresh', login: 'Log in' },
    floor: 'bare node:http',
    'bare hash library': 'the hash alone',
    source: (date: string) =>
      `Requests a second on one core, ${date}, more is better. Each group has its own scale. Figures: docs/performance.md`,
  },
  ru: {
    title: 'Запросы в секунду: Gatepass, простейший сервер на node:http, SimpleJWT и better-auth',
    groups: { verify: 'Проверка access-токена', refresh: 'Обновление', login: 'Вход' },
    floor: 'сервер на node:http',
    'bare hash library': 'только хеширование',
    source: (date: string) =>
      `Запросы в секунду на одном ядре, ${date}; чем больше, тем лучше. У каждой группы свой масштаб. Числа: docs/performance.md`,
  },
} as const;

const ROWS = ['gatepass', 'floor', 'bare hash library', 'simplejwt', 'better-auth'] as const;
const NAMES: Readonly<Record<string, string>> = { gatepass: 'Gatepass', simplejwt: 'SimpleJWT' };
const GROUPS = [
  ['verify', 0],
  ['refresh', 1],
  ['login', 3],
] as const;
const [LEFT, WIDTH, BAR, STEP] = [150, 500, 18, 24] as const;

/** @param page docs/performance.md, of which the first table has a row for each server */
export function benchmark(page: string, language: Language): string {
  const words = WORDS[language];
  const date = /^- (\d{4}-\d\d-\d\d): medians/m.exec(page)?.[1];
  if (!date) throw new Error('docs/performance.md has no date');
  const parts: string[] = [];
  let y = 8;
  for (const [group, column] of GROUPS) {
    const rates = ROWS.map((row) => [row, rateOf(page, row, column)] as const);
    const shown = rates.filter(
      ([row, rate]) => rate > 0 && !(group === 'refresh' && row === 'floor'),
    );
    const most = Math.max(...shown.map(([, rate]) => rate));
    parts.push(text(LEFT, y + 16, words.groups[group], 'bold'));
    y += 26;
    for (const [row, rate] of shown) {
      const isOurs = row === 'gatepass';
      const name = row in words ? words[row as 'floor'] : (NAMES[row] ?? row);
      const width = Math.max(2, Math.round((WIDTH * rate) / most));
      parts.push(
        text(LEFT - 10, y + 14, name, isOurs ? 'bold end' : 'end'),
        rect(LEFT, y, width, BAR, isOurs ? 'bar main' : 'bar'),
        text(LEFT + width + 8, y + 14, rate.toLocaleString(language), 'small'),
      );
      y += STEP;
    }
    y += 12;
  }
  parts.push(text(16, y + 12, words.source(date), 'small'));
  return svg(780, y + 24, words.title, parts);
}

/** 0 = it has none. */
function rateOf(page: string, row: string, column: number): number {
  const cells = new RegExp(`^\\| ${row} \\| (.*)\\|$`, 'm').exec(page)?.[1]?.split('|') ?? [];
  return Number(/^ ?([\d,]+)/.exec(cells[column] ?? '')?.[1]?.replaceAll(',', '') ?? 0);
}
