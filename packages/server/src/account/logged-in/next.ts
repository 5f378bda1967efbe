/** Where a login leads afterwards: a path of this origin, and nothing else. Pure. */

const BASE = 'https://gatepass.invalid';
const MOST_CHARACTERS = 512;

/**
 * @param text what a link or a form asks for
 * @returns the path as a browser reads it; `undefined` where it would leave the origin
 */
export function pathWithin(text: string | undefined): string | undefined {
  if (!text?.startsWith('/') || text.length > MOST_CHARACTERS) return undefined;
  const url = URL.parse(text, BASE);
  if (url?.origin !== BASE) return undefined;
  const path = url.pathname + url.search;
  // "/.//evil.example" is a path of its own origin, and becomes "//evil.example", which is not.
  return path.startsWith('//') ? undefined : path;
}
