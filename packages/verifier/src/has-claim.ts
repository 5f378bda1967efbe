type Value = string | number | boolean;
/** The required value of a claim, or the accepted ones. */
export type ExpectedClaim = Value | readonly Value[];

const isValue = (value: unknown): value is Value =>
  typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);

/**
 * Whether a claim equals the expected value or one of several. A claim that is a list must contain one of
 * them. Values are compared with their type: `1` is not `'1'`.
 *
 * @param claims of a verified token; only its own members count
 * @param name of the claim, not empty
 * @param expected a string, a finite number, a boolean, or a list with at least one of them
 * @throws {TypeError} for another `name` or `expected`, such as an unset variable
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
