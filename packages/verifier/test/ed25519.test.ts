import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { describe, test } from 'node:test';
import { importJwk, verifyCompactJws } from '../src/index.ts';
import { mintWith, refusal } from './mint.ts';

const CLAIMS = { sub: '1' };

describe('Ed25519', () => {
  const L = 2n ** 252n + 27742317777372353535851937790883648493n;
  // RFC 8037 A.1: a fixed key, so the malleated signature is a fixed vector too.
  const privateKey = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'OKP',
      crv: 'Ed25519',
      d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    },
  });
  const imported = importJwk(
    { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    'EdDSA',
  );
  const token = mintWith(privateKey, null, { alg: 'EdDSA' }, CLAIMS);
  const input = token.slice(0, token.lastIndexOf('.'));
  const signature = Buffer.from(token.slice(input.length + 1), 'base64url');
  const outcome = (bytes: Buffer) =>
    refusal(() => verifyCompactJws(`${input}.${bytes.toString('base64url')}`, imported, 'EdDSA'));

  test('s + L, the same signature in another spelling, is refused', () => {
    const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + L;
    const respelled = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
    assert.equal(outcome(signature), 'accepted');
    assert.equal(outcome(Buffer.concat([signature.subarray(0, 32), respelled])), 'bad_signature');
  });

  test('wrong lengths and all zeros', () => {
    for (const wrong of [
      signature.subarray(0, 63),
      Buffer.concat([signature, Buffer.alloc(1)]),
      Buffer.alloc(64),
    ]) {
      assert.equal(outcome(wrong), 'bad_signature');
    }
  });
});
