import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/i;

/**
 * Reads a time on the command line: a duration ago, or ISO 8601. Without a zone it is UTC, like
 * every time that the command line prints.
 *
 * @returns epoch milliseconds
 */
export function momentOf(text: string, now: number): number {
  const [, amount, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (amount) return now - Number(amount) * (UNITS[unit] ?? 0);
  const [, day = '', time = '00:00', zone = 'Z'] = ISO.exec(text) ?? [];
  const at = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  // February has no 30th; JavaScript would count on into March.
  const isDay = new Date(Date.parse(`${day}T00:00Z`) || 0).toISOString().startsWith(`${day}T`);
  if (Number.isNaN(at) || !isDay)
    throw new InvalidArgumentError('It must be like 24h or 2026-01-31T12:00, in UTC.');
  return at;
}
