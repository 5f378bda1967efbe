/** The blocklist of common passwords: some 49,000, ranked, from a package; no network. */

let list: Promise<ReadonlySet<string>> | undefined;

const load = async (): Promise<ReadonlySet<string>> => {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common'].map(String));
};

/** Whether a lower-cased password is on the list. Loaded on first use: 25 ms and 10 MB. */
export async function isCommon(password: string): Promise<boolean> {
  list ??= load();
  return (await list).has(password);
}
