/** The blocklist of common passwords: some 49,000, ranked, from a package; no network. */

/** Whether a lower-cased password is on the list. */
export type IsCommon = (password: string) => Promise<boolean>;

/** Loads the list on first use: it takes 25 ms and 10 MB that only registrations need. */
export function createCommonPasswords(): IsCommon {
  let list: Promise<ReadonlySet<string>> | undefined;
  return async (password) => {
    list ??= import('@zxcvbn-ts/language-common').then(
      ({ dictionary }) => new Set(dictionary['passwords-common'].map(String)),
    );
    return (await list).has(password);
  };
}
