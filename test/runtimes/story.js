/**
 * A login from its beginning to its end with @gatepass/client, and an API that verifies its tokens
 * with @gatepass/verifier. Plain JavaScript and web APIs: it runs in every runtime.
 */
import { createClient, GatepassError } from '@gatepass/client';
import { createVerifier, TokenError, UnavailableError } from '@gatepass/verifier';

const PASSWORD = 'correct horse 9 battery';

/** @returns {Promise<string[]>} what happened, line by line: `EXPECTED` where all is well */
export async function story(url, email) {
  const lines = [];
  const shelf = new Map();
  const storage = {
    get: (key) => shelf.get(key),
    set: (key, value) => shelf.set(key, value),
    remove: (key) => shelf.delete(key),
  };
  const client = createClient({ url, storage });
  client.onChange((isLoggedIn, reason) => lines.push(`${reason} ${isLoggedIn}`));
  await client.register(email, PASSWORD);
  await client.login(email, PASSWORD);
  const { id } = await client.user();
  lines.push(`fetch ${(await client.fetch('/api/users/me')).status}`);
  const other = createClient({ url, storage: 'local' });
  lines.push(`another visitor ${other.isLoggedIn}`);
  const { access, refresh } = JSON.parse([...shelf.values()][0]);

  const verifier = createVerifier({
    jwksUrl: `${url}/.well-known/jwks.json`,
    revocationsUrl: `${url}/api/revocations`,
  });
  try {
    await verifier.ready();
    for (const round of ['first', 'second']) {
      const claims = await verifier.verify(access);
      lines.push(`${round} ${claims.sub === String(id) && claims.token_type}`);
    }
    for (const token of [refresh, `${access.slice(0, -4)}AAAA`, 'x'])
      lines.push(`refused ${await verifier.verify(token).catch(reasonOf)}`);
    const aborted = client.fetch('/api/users/me', { signal: AbortSignal.abort() });
    lines.push(`aborted ${await aborted.catch(({ name }) => name)}`);
    await client.logout();
    const deadline = Date.now() + 30_000;
    let verdict;
    do {
      verdict = await verifier.verify(access).then(() => 'good', reasonOf);
      if (verdict === 'good') await new Promise((resolve) => setTimeout(resolve, 50));
    } while (verdict === 'good' && Date.now() < deadline);
    lines.push(`after logout ${verdict}`);
  } finally {
    verifier.close();
  }
  const closed = createClient({ url: 'http://127.0.0.1:9', timeout: 2000 });
  lines.push(`nowhere ${await closed.login(email, PASSWORD).catch(codeOf)}`);
  const strangers = createVerifier({ jwksUrl: 'http://127.0.0.1:9/jwks.json' });
  lines.push(`no issuer ${await strangers.verify(access).catch(reasonOf)}`);
  strangers.close();
  return lines;
}

export const EXPECTED = [
  'login true',
  'fetch 200',
  'another visitor false',
  'first access',
  'second access',
  'refused unknown_key',
  'refused bad_signature',
  'refused malformed',
  'aborted AbortError',
  'logout false',
  'after logout revoked',
  'nowhere network',
  'no issuer keys_unavailable',
];

function reasonOf(error) {
  if (error instanceof TokenError || error instanceof UnavailableError) return error.reason;
  throw error;
}

function codeOf(error) {
  if (error instanceof GatepassError) return error.code;
  throw error;
}
