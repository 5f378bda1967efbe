/** The blocklist of common passwords: some 49,000, ranked, from a package; no network. */

/**
 * Loads the list (about 30 ms, once per process, on first use).
 *
 * @returns whether a lower-cased password is on it
 */
export async function loadCommonPasswords(): Promise<(password: string) => boolean> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  const common = new Set<string>(dictionary['passwords-common'].map(String));
  return (password) => common.has(password);
}
