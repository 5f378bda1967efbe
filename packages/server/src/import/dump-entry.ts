import type { Row } from './foreign-database.ts';

/** A row of a dump. */
export type Entry = {
  readonly model: string;
  /** Absent after `--natural-primary`. */
  readonly pk?: unknown;
  readonly fields: Row;
};

export const isEntry = (value: unknown): value is Entry =>
  typeof value === 'object' &&
  value !== null &&
  'model' in value &&
  typeof value.model === 'string' &&
  'fields' in value &&
  typeof value.fields === 'object' &&
  value.fields !== null;
