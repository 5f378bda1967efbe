/** The input and the result of an experiment. */
export type Options = {
  /** How long it acts, without the checks afterwards. */
  readonly seconds: number;
  readonly seed: number;
  /** With the planted bug: must come out broken. */
  readonly planted: boolean;
  /** With less load, until it has shown enough, instead of for so many seconds. */
  readonly isShort: boolean;
};

export type Result = {
  /** What was done and seen, for the table. */
  readonly figures: Readonly<Record<string, number>>;
  /** Each breach of the invariant in a sentence; none = it held. */
  readonly violations: readonly string[];
};

export type Experiment = {
  readonly id: string;
  readonly invariant: string;
  readonly plantedBug: string;
  /** Another that does the same while no bug is planted. */
  readonly asItIs?: string;
  /** Its verdict compares times: the short form tries it again, because a processor may have been taken away. */
  readonly isTimed?: true;
  /** Set if it concerns one engine only. */
  readonly engine?: 'sqlite' | 'postgres';
  readonly run: (options: Options) => Promise<Result>;
};
