import { Refusal, type RefusalKind } from '../errors.ts';
import type { Limit } from './limits.ts';

export const THROTTLED = {
  code: 'throttled',
  status: 429,
  body: 'with_code',
  en: 'Request was throttled. Expected available in {seconds} seconds.',
  ru: 'Запрос был проигнорирован. Повторите через {seconds} с.',
  meaning: 'too many attempts ([limits](security.md#limits))',
  remedy: 'wait `Retry-After` seconds; tell the user',
} as const satisfies RefusalKind;

const FOR_A_SECOND: RefusalKind = {
  ...THROTTLED,
  en: 'Request was throttled. Expected available in {seconds} second.',
};

export function throttled(limit: Limit, waitMs: number): Refusal {
  const { name, quota } = limit;
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const window = limit.kind === 'quota' && { windowSeconds: limit.windowMs / 1000 };
  return new Refusal(seconds === 1 ? FOR_A_SECOND : THROTTLED, {
    values: { seconds },
    wait: { seconds, limit: { name, quota, ...window } },
  });
}
