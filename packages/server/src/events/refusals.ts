import type { RefusalKind } from '../errors.ts';

export const EVENTS_GONE = {
  code: 'events_gone',
  status: 410,
  body: 'with_code',
  en: 'The events after this number are no longer kept, or the number is from another database.',
  ru: 'События после этого номера уже не хранятся, либо номер взят из другой базы данных.',
  meaning:
    'a reader of events was away for longer than they are kept, or the database was replaced; the body has `oldest` and `newest`',
  remedy: 'note `newest`, read all accounts again, continue with `after` = `newest`',
} as const satisfies RefusalKind;
