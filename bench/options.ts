/** The command line. */
import { parseArgs } from 'node:util';
import { targets } from './targets.ts';

export const scenarios = [
  'verify',
  'refresh',
  'me',
  'login',
  'startup',
  'rss',
  'users100k',
  'verifier',
] as const;
export type Scenario = (typeof scenarios)[number];

export type Options = {
  help: boolean;
  rounds: number;
  seconds: number;
  connections: number;
  only: readonly string[];
  scenario: readonly Scenario[];
  /** The directory of another checkout, measured beside this one. */
  against: string | undefined;
  python: string;
  unpinned: boolean;
  check: boolean;
  write: boolean;
};

const names = targets.map(({ name }) => name);

export const help = `Measures Gatepass against a bare node:http server and its peers.

  npm run bench -- [options]

  --rounds 5           rounds; every round measures everyone once
  --seconds 5          seconds of each measurement
  --connections 64     connections of verify, refresh and me (login and users100k use 8)
  --only ${names.join(',')}
                       whom to measure
  --scenario ${scenarios.join(',')}
                       what to measure
  --against DIR        also measure the Gatepass of another checkout, as "before"
  --python /usr/bin/python3
                       the Python that has Django, SimpleJWT and gunicorn
  --unpinned           every server on all cores, which it shares with the load
  --check              exit with 3 when a goal of the project is missed
  --write              put the tables into docs/performance.md instead of printing them

Examples:
  npm run bench -- --write                                       everything, about 20 minutes
  npm run bench -- --scenario verify --only floor,gatepass       the one ratio, 1 minute
  npm run bench -- --scenario startup,rss --only gatepass
  npm run bench -- --scenario login --only gatepass --unpinned   hashing on all cores
  npm run bench -- --scenario verifier                           libraries, no server, 1 minute
  npm run bench -- --against ../before --only floor,gatepass,gatepass-rotating --scenario verify,refresh,login
                                                                 what a change costs
  npm run bench -- --rounds 2 --seconds 1                        does it run at all

Exit codes: 0 measured, 1 a measurement failed, 2 wrong usage, 3 a goal was missed (--check),
130 interrupted.
`;

/** @throws {TypeError} when the arguments make no sense */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '64' },
      only: { type: 'string', default: names.join(',') },
      scenario: { type: 'string', default: scenarios.join(',') },
      against: { type: 'string' },
      python: { type: 'string', default: '/usr/bin/python3' },
      unpinned: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    ...values,
    against: values.against,
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    connections: positive('connections', values.connections),
    only: list('only', values.only, names),
    scenario: list('scenario', values.scenario, scenarios),
  };
}

function positive(name: string, text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new TypeError(`--${name} takes a whole number from 1 on, not "${text}"`);
}

function list<T extends string>(name: string, text: string, known: readonly T[]): T[] {
  const asked = text.split(',').map((item) => item.trim());
  const strange = asked.find((item) => !known.some((one) => one === item));
  if (strange !== undefined) {
    throw new TypeError(`--${name} knows ${known.join(', ')}; not "${strange}"`);
  }
  return known.filter((item) => asked.includes(item));
}
