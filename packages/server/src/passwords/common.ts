/** The blocklist of common passwords: some 56,000, in this package and another; no network. */

/** Whether a lower-cased text is on the list. */
export type IsListed = (text: string) => boolean;

export type LoadCommonPasswords = () => Promise<IsListed>;

let list: Promise<IsListed> | undefined;

/** Reads the list on first use: it takes 5 MB, and only setting a password needs it. */
export const loadCommonPasswords: LoadCommonPasswords = () => {
  list ??= load();
  return list;
};

async function load(): Promise<IsListed> {
  const [{ dictionary }, { DJANGO_LIST }, { RECENT_PASSWORDS }, { brotliDecompressSync }] =
    await Promise.all([
      import('@zxcvbn-ts/language-common'),
      import('./django-list.ts'),
      import('./recent-passwords.ts'),
      import('node:zlib'),
    ]);
  const common = new Set(dictionary['passwords-common'].map(String));
  const django = brotliDecompressSync(Buffer.from(DJANGO_LIST, 'base64')).toString();
  for (const password of [...django.split('\n'), ...RECENT_PASSWORDS.trim().split(/\s+/)])
    common.add(password);
  return (text) => common.has(text);
}
