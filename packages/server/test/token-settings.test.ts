/** SimpleJWT's settings of these names: LEEWAY and AUTH_HEADER_TYPES. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forge, goodClaims, startService } from './support/service.ts';

for (const [leeway, seconds] of [
  ['0s', 0],
  ['5s', 5],
  ['2m', 120],
] as const) {
  test(`GATEPASS_LEEWAY=${leeway}: iat and nbf may be so much ahead and no more; exp is exact`, async (t) => {
    const service = await startService(t, { GATEPASS_LEEWAY: leeway });
    await service.register();
    const now = Math.floor(service.clock.now() / 1000);
    const statusOf = async (claims: object) => {
      const token = forge({ payload: { ...goodClaims(service.clock.now()), ...claims } });
      return (await service.verify(token)).status;
    };
    for (const claim of ['iat', 'nbf']) {
      assert.equal(await statusOf({ [claim]: now + seconds }), 200, claim);
      assert.equal(await statusOf({ [claim]: now + seconds + 1 }), 401, claim);
    }
    assert.equal(await statusOf({ exp: now }), 401);
  });
}

test('GATEPASS_AUTH_HEADER_TYPES: each of the words is accepted, the first is asked for', async (t) => {
  const service = await startService(t, { GATEPASS_AUTH_HEADER_TYPES: 'JWT, Token' });
  await service.register();
  const { access } = (await service.login()).body;
  for (const path of ['/api/users/me', '/api/token/verify']) {
    const ask = (authorization: string) => service.send(path, { headers: { authorization } });
    for (const word of ['JWT', 'jwt', 'Token']) {
      const answer = await ask(`${word} ${access}`);
      assert.equal(answer.status, 200, `${path} ${word}: ${answer.text}`);
    }
    const refused: [header: string, code: string | undefined][] = [
      [`Bearer ${access}`, undefined],
      ['JWT', 'bad_authorization_header'],
      [`JWT ${access} x`, 'bad_authorization_header'],
      ['JWT x.y.z', 'token_not_valid'],
    ];
    for (const [header, code] of refused) {
      const answer = await ask(header);
      assert.equal(answer.status, 401, header);
      assert.equal(answer.body.code, code, header);
      assert.equal(answer.headers.get('www-authenticate'), 'JWT realm="api"');
    }
  }
  const failed = await service.login('alice@example.com', 'granite otter parade 41');
  assert.equal(failed.headers.get('www-authenticate'), 'JWT realm="api"');
});
