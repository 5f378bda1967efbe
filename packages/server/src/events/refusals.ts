import type { RefusalKind } from '../errors.ts';

export const EVENTS_GONE = {
  code: 'events_gone',
  status: 410,
  body: 'with_code',
  en: 'The events after this number are not kept any more, or the number is of another database.',
  ru: 'События после этого номера уже не хранятся, либо номер взят из другой базы данных.',
  meaning:
    'a reader of events was away for longer than they are kept, or the database was replaced; the body has `oldest` and `newest`',
  remedy: 'note `newest`, read all accounts anew, go on with `after` = `newest`',
} as const satisfies RefusalKind;
