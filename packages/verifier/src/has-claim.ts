type Value = string | number | boolean;
/** The required value of a claim, or the accepted ones. */
export type ExpectedClaim = Value | readonly Value[];

const isValue = (value: unknown): value is Value =>
  typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);

/**
 * Whether a claim is the expected value or one of several; of a claim that is a list, whether the
 * list holds one of them.
 *
 * @throws {TypeError} for a name or a value that cannot be meant, such as an unset variable
 * @example
 * const claims = { role: 'admin', groups: ['sales', 'support'] };
 * console.log(hasClaim(claims, 'role', ['admin', 'owner'])); // true
 * console.log(hasClaim(claims, 'groups', 'sales')); // true
 * console.log(hasClaim(claims, 'is_staff', true)); // false
 */
export function hasClaim(
  claims: Readonly<Record<string, unknown>>,
  name: string,
  expected: ExpectedClaim,
): boolean {
  requireMeant(name, expected);
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  const held: readonly unknown[] = Array.isArray(value) ? value : [value];
  return (isValue(expected) ? [expected] : expected).some((each) => held.includes(each));
}

/** @throws {TypeError} */
export function requireMeant(name: unknown, expected: unknown): void {
  const values: readonly unknown[] = Array.isArray(expected) ? expected : [expected];
  if (typeof name === 'string' && name !== '' && values.length > 0 && values.every(isValue)) return;
  throw new TypeError(`No value, or none that a claim can have, is required of "${String(name)}"`);
}
