/** Figures → Markdown tables. */
import { type Goal, goalsOf, isMissed, slowdown } from './goals.ts';
import { median, medianOf, type Rounds, ratio } from './measure.ts';
import type { About, Results } from './results.ts';
import { BARE_HASH, FLOOR_VERIFY } from './scenarios/load-scenarios.ts';
import { FEW_NAME, MANY_NAME } from './scenarios/users100k.ts';

const ABSENT = '–';

export function report(about: About, results: Results): string {
  const lists = [
    about.measured.map(({ name, what }) => `- **${name}**: ${what}`),
    about.skipped.map(({ name, missing }) => `- **${name}** left out: ${missing}`),
    about.machine.map((line) => `- ${line}`),
    about.warnings.map((line) => `- Beware: ${line}`),
    [`- ${about.plan}`],
  ];
  return [
    lists.flat().join('\n'),
    overview(about, results),
    goals(goalsOf(results)),
    latencies(results),
    tableSize(results),
    verifiers(results),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function overview({ measured }: About, { loads, startTimes, memory }: Results): string {
  const rate = (rounds: Rounds | undefined, name: string, base: string) =>
    cell(medianOf(rounds, name, 'rate'), whole, ratio(rounds, name, base));
  const rows = measured.map(({ name }) => {
    const starts = startTimes?.get(name);
    const resident = memory?.get(name);
    return [
      name,
      rate(loads.get('verify'), name, 'floor'),
      rate(loads.get('refresh'), name, FLOOR_VERIFY),
      rate(loads.get('me'), name, 'floor'),
      rate(loads.get('login'), name, BARE_HASH),
      cell(starts && median(starts), whole),
      resident ? `${whole(resident.idleMiB)} → ${whole(resident.loadedMiB)}` : ABSENT,
    ];
  });
  const hash = loads.get('login');
  if (hash) {
    const empty = [ABSENT, ABSENT, ABSENT];
    rows.push([BARE_HASH, ...empty, rate(hash, BARE_HASH, BARE_HASH), ABSENT, ABSENT]);
  }
  if (rows.length === 0) return '';
  const table = markdown(
    ['', 'verify/s', 'refresh/s', 'me/s', 'logins/s', 'start, ms', 'memory idle → loaded, MiB'],
    rows,
  );
  return `${table}\n\nIn brackets: the share of the floor (for refresh: of the floor's **verify**; for logins: of the bare hash library), as the median of the rounds' ratios.`;
}

function goals(all: readonly Goal[]): string {
  const rows = all
    .filter(({ value }) => value !== undefined)
    .map((goal) => {
      const { what, value = Number.NaN, limit, unit } = goal;
      const bound = 'atLeast' in limit ? `≥ ${limit.atLeast}` : `< ${limit.below}`;
      return [what, bound + unit, figure(value) + unit, isMissed(goal) ? '**missed**' : 'met'];
    });
  return rows.length === 0 ? '' : markdown(['Gatepass', 'goal', 'measured', ''], rows);
}

function latencies({ loads }: Results): string {
  const rows = [...loads].flatMap(([scenario, rounds]) =>
    [...rounds].map(([name, samples]) => {
      const rates = samples.map(({ rate }) => rate);
      return [
        scenario,
        name,
        cell(median(rates), whole),
        `${whole(Math.min(...rates))}–${whole(Math.max(...rates))}`,
        cell(medianOf(rounds, name, 'p50Ms'), figure),
        cell(medianOf(rounds, name, 'p99Ms'), figure),
        cell(ratio(rounds, name, 'floor'), figure),
      ];
    }),
  );
  if (rows.length === 0) return '';
  return markdown(['', '', 'per second', 'min–max', 'p50, ms', 'p99, ms', '÷ floor'], rows);
}

function tableSize({ tableSize: sizes }: Results): string {
  if (!sizes) return '';
  const rows = [...sizes].map(([scenario, rounds]) => [
    scenario,
    ...(['p50Ms', 'p99Ms'] as const).flatMap((which) => [
      cell(medianOf(rounds, FEW_NAME, which), figure),
      cell(medianOf(rounds, MANY_NAME, which), figure, slowdown(rounds, which)),
    ]),
  ]);
  const heads = ['p50', 'p99'].flatMap((which) => [
    `${which} with ${FEW_NAME}, ms`,
    `with ${MANY_NAME}`,
  ]);
  return markdown(['Gatepass', ...heads], rows);
}

function verifiers({ verifiers: all = [] }: Results): string {
  const rows = all.map(({ name, alg, rates }) => {
    const jose = all.find((each) => each.alg === alg && each.name === 'jose');
    const ratios = rates.map((rate, round) => rate / (jose?.rates[round] ?? Number.NaN));
    const span = `${whole(Math.min(...rates))}–${whole(Math.max(...rates))}`;
    return [alg, name, whole(median(rates)), span, `${figure(median(ratios))}×`];
  });
  if (rows.length === 0) return '';
  return markdown(['verified on one core', '', 'per second', 'min–max', '÷ jose'], rows);
}

const whole = (value: number) => Math.round(value).toLocaleString('en');
const figure = (value: number) => (value >= 100 ? whole(value) : value.toPrecision(3));

function cell(
  value: number | undefined,
  format: (value: number) => string,
  share?: number | undefined,
): string {
  if (value === undefined) return ABSENT;
  return format(value) + (share === undefined ? '' : ` (${share.toFixed(2)})`);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
