/** What a scrape of a running server says. */
import type { Server } from './process.ts';

export type Exposition = {
  readonly text: string;
  /** The sum of all samples of this name whose labels include those given. */
  value(name: string, labels?: Readonly<Record<string, string>>): number;
  /** Names as Prometheus stores them: with `_bucket`, `_sum`, `_count`. */
  readonly names: ReadonlySet<string>;
};

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"/g;

export function metricsUrl({ log }: Pick<Server, 'log'>): string {
  const url = log.map((line) => JSON.parse(line).metrics).find((each) => each !== undefined);
  if (typeof url !== 'string') throw new Error('the server has no metrics listener');
  return url;
}

export async function scrape(url: string): Promise<Exposition> {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return parse(text);
}

/** @throws on a line that is not the text format 0.0.4 */
export function parse(text: string): Exposition {
  const declared = new Set<string>();
  const samples: { name: string; labels: Map<string, string>; value: number }[] = [];
  for (const line of text.split('\n')) {
    const [, declaredName, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (declaredName) {
      const suffixes = type === 'histogram' ? ['', '_bucket', '_sum', '_count'] : [''];
      for (const suffix of suffixes) declared.add(declaredName + suffix);
    }
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', labels = '', value] = SAMPLE.exec(line) ?? [];
    if (!declared.has(name)) throw new Error(`not an exposition: ${line}`);
    const pairs = [...labels.matchAll(LABEL)].map(
      ([, key = '', each = '']) => [key, each] as const,
    );
    samples.push({ name, labels: new Map(pairs), value: Number(value) });
  }
  return {
    text,
    names: declared,
    value: (name, wanted = {}) =>
      samples
        .filter((each) => each.name === name)
        .filter(({ labels }) =>
          Object.entries(wanted).every(([key, value]) => labels.get(key) === value),
        )
        .reduce((sum, { value }) => sum + value, 0),
  };
}
