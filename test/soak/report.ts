import type { Report } from './soak.ts';

// Memory after the warm-up: what grows more than this is taken for a leak.
const MAX_GROWTH = 1.2;

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

function percentile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? '–' : value.toFixed(1);
}

/** Prints the table of docs/reliability.md. @returns whether all is well */
export function printReport(report: Report): boolean {
  const { unexpected, spells, rss, descriptors } = report;
  console.log('| | responses | p50 ms | p99 ms | p99 ms under flood and faults | 503 then |');
  console.log('|---|---|---|---|---|---|');
  for (const [kind, { calm, rough, refused }] of report.figures) {
    const counts = calm.length + rough.length;
    const figures = [percentile(calm, 0.5), percentile(calm, 0.99), percentile(rough, 0.99)];
    console.log(`| ${[kind, counts, ...figures, refused].join(' | ')} |`);
  }
  const memoryGrowth = rss.end / rss.start;
  const isFlat = !(memoryGrowth > MAX_GROWTH) && !(descriptors.end > descriptors.start * 1.5 + 20);
  console.log(
    `\n${report.seconds} s; ${spells.flood} floods, ${spells.lock} locks of the database, ${spells.stopped} workers stopped for 2 s, ${spells.killed} killed (${report.broken} connections broke).`,
    `\nRSS of all processes ${megabytes(rss.start)} after the warm-up, ${megabytes(rss.end)} at the end; descriptors ${descriptors.start}, ${descriptors.end}.`,
    `\nUnexpected: ${unexpected.length}.`,
  );
  return unexpected.length === 0 && isFlat;
}
