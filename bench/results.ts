import type { Rounds } from './measure.ts';
import type { Memory } from './scenarios/rss.ts';
import type { StartTimes } from './scenarios/startup.ts';
import type { TableSize } from './scenarios/users100k.ts';
import type { VerifierRates } from './scenarios/verifier.ts';
import type { LoadScenario } from './targets/target.ts';

/** All results; measurements that were not requested are absent. */
export type Results = {
  loads: ReadonlyMap<LoadScenario, Rounds>;
  startTimes?: StartTimes;
  memory?: ReadonlyMap<string, Memory>;
  tableSize?: TableSize;
  verifiers?: readonly VerifierRates[];
};

/** The report's first lines. */
export type About = {
  measured: readonly { name: string; what: string }[];
  skipped: readonly { name: string; missing: string }[];
  machine: readonly string[];
  warnings: readonly string[];
  plan: string;
};
