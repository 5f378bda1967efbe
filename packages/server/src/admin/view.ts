/** Times as the admin API shows them. Pure. */
export const NULLABLE_TIME = { type: ['string', 'null'] } as const;

export const time = (epochMs: number): string => new Date(epochMs).toISOString();

export const timeOrNull = (epochMs: number | undefined): string | null =>
  epochMs === undefined ? null : time(epochMs);
