import type { RefusalKind } from '../errors.ts';

export const NO_ISSUER = {
  code: 'no_issuer',
  status: 404,
  body: 'with_code',
  en: 'This service has no issuer: set GATEPASS_ISSUER to its URL.',
  ru: 'Издатель не задан: укажите URL сервиса в GATEPASS_ISSUER.',
  meaning: '`GATEPASS_ISSUER` is not set, or is not a URL',
  remedy: 'set it to the URL of the service',
} as const satisfies RefusalKind;
