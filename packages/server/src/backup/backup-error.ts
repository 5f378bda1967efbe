/** A backup or restore that cannot be done, with the fix, for people. */
export class BackupError extends Error {
  override name = 'BackupError';
  readonly kind: 'refused' | 'damaged' | 'missing';

  constructor(kind: BackupError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Called with how much of a step is done. */
export type Progress = (step: string, done: number, total: number) => void;

/** The same, for work that is counted in rows. */
export function countTo(step: string, total: number, onProgress: Progress) {
  let done = 0;
  return (rows: number): void => {
    done += rows;
    onProgress(step, Math.min(done, total), total);
  };
}
