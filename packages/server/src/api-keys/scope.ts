/** What an API key may do. */
export const SCOPES = [
  'users:read',
  'users:write',
  'sessions:write',
  'audit:read',
  'keys:write',
  'mail:write',
  'events:read',
  'introspect',
] as const;

export type Scope = (typeof SCOPES)[number];

/** Without duplicates, in the order of the list; `undefined` = one of them is not a scope. */
export function readScopes(names: readonly string[]): readonly Scope[] | undefined {
  const scopes = SCOPES.filter((scope) => names.includes(scope));
  return scopes.length > 0 && scopes.length === new Set(names).size ? scopes : undefined;
}
