/** An account with a passkey of a software authenticator. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Service, startService } from '../../support/service.ts';
import { createAuthenticator, type Lies } from './authenticator.ts';
import { ask, type Pair } from './holder.ts';

export const SITE = 'https://id.example.com';
export const WITH_SITE = { GATEPASS_PUBLIC_URL: SITE };

/** Adds a passkey. @returns its authenticator, its id and the recovery codes */
export async function addPasskey(service: Service, access: string, name?: string) {
  const key = createAuthenticator(SITE);
  const begun = await ask(service, 'POST', 'factors/passkeys/options', access);
  assert.equal(begun.status, 200, begun.text);
  const { challenge, public_key } = begun.body;
  const body = { challenge, credential: key.create(public_key), ...(name && { name }) };
  const added = await ask(service, 'POST', 'factors/passkeys', access, body);
  assert.equal(added.status, 201, added.text);
  const id: number = added.body.id;
  const recoveryCodes: string[] = added.body.recovery_codes;
  return { key, id, recoveryCodes, options: public_key };
}

/** A service with an account that has a passkey. */
export async function startWithPasskey(t: TestContext, variables: Record<string, string> = {}) {
  const service = await startService(t, { ...WITH_SITE, ...variables });
  await service.register();
  const pair: Pair = (await service.login()).body;
  const added = await addPasskey(service, pair.access);
  const { key } = added;
  const options = async (body: object = {}) => {
    const answer = await service.post('/api/token/passkey/options', body);
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };
  return {
    service,
    ...added,
    /** The pair of the session that added the passkey, from before it was added. */
    pair,
    options,
    /** Logs in with the passkey; `lies` replace parts of the response. */
    async show(lies: Lies = {}, begun: object = {}) {
      const { challenge, public_key } = await options(begun);
      return service.post('/api/token/passkey', {
        challenge,
        credential: key.get(public_key, lies),
      });
    },
    sessions: () => service.database.db.selectFrom('sessions').selectAll().execute(),
  };
}
