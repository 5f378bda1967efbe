import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ClaimOptions, validateClaims } from '../src/index.ts';
import { refusal } from './mint.ts';

const NOW = 1_800_000_000;
const FINE = { token_type: 'access', exp: NOW + 300, iat: NOW, jti: 'a', user_id: 1 };
const outcome = (claims: Record<string, unknown>, options: Partial<ClaimOptions> = {}) =>
  refusal(() => validateClaims(claims, { now: NOW, ...options }));
const without = (name: string) =>
  Object.fromEntries(Object.entries(FINE).filter(([key]) => key !== name));

type Row = [claims: Record<string, unknown>, expected: string];
const notNumbers = [
  '9999999999',
  '',
  true,
  false,
  null,
  [],
  [NOW],
  {},
  Number.POSITIVE_INFINITY,
  Number.NaN,
];

const times: Row[] = [
  [{ exp: NOW + 1 }, 'accepted'],
  [{ exp: NOW + 0.001 }, 'accepted'],
  [{ exp: NOW }, 'expired'],
  [{ exp: NOW - 1 }, 'expired'],
  [{ exp: NOW - 0.5 }, 'expired'],
  [{ exp: 0 }, 'expired'],
  [{ exp: -0 }, 'expired'],
  [{ exp: -1 }, 'expired'],
  [{ exp: -1e300 }, 'expired'],
  [{ exp: 253402300799 }, 'accepted'],
  [{ exp: 253402300800 }, 'malformed'],
  [{ exp: 2 ** 53 }, 'malformed'],
  [{ exp: Number.NEGATIVE_INFINITY }, 'malformed'],
  ...notNumbers.map((exp): Row => [{ exp }, 'malformed']),
  [{ nbf: NOW + 5 }, 'accepted'],
  [{ nbf: NOW + 5.001 }, 'not_yet_valid'],
  [{ nbf: NOW + 6 }, 'not_yet_valid'],
  [{ nbf: 1e300 }, 'not_yet_valid'],
  [{ nbf: 0 }, 'accepted'],
  [{ nbf: -1 }, 'accepted'],
  ...notNumbers.map((nbf): Row => [{ nbf }, 'malformed']),
  [{ iat: NOW + 5 }, 'accepted'],
  [{ iat: NOW + 6 }, 'not_yet_valid'],
  [{ iat: NOW + 3600 }, 'not_yet_valid'],
  [{ iat: NOW - 1e9 }, 'accepted'],
  ...notNumbers.map((iat): Row => [{ iat }, 'malformed']),
];

describe('times', () => {
  for (const [claims, expected] of times) {
    const [name, value] = Object.entries(claims)[0] ?? [];
    const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
    test(`${name} ${shown}: ${expected}`, () =>
      assert.equal(outcome({ ...FINE, ...claims }), expected));
  }
  test('exp is required, iat and nbf are not', () => {
    assert.equal(outcome(without('exp')), 'missing_exp');
    assert.equal(outcome(without('iat')), 'accepted');
  });
  test('leeway serves nbf and iat, never exp', () => {
    assert.equal(outcome({ ...FINE, nbf: NOW + 300, iat: NOW + 300 }, { leeway: 300 }), 'accepted');
    assert.equal(outcome({ ...FINE, nbf: NOW + 1 }, { leeway: 0 }), 'not_yet_valid');
    assert.equal(outcome({ ...FINE, exp: NOW }, { leeway: 300 }), 'expired');
  });
  test('an invalid clock or leeway is a TypeError', () => {
    for (const now of [
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      undefined,
      null,
      String(NOW),
      new Date(),
    ]) {
      assert.throws(() => Reflect.apply(validateClaims, undefined, [FINE, { now }]), TypeError);
    }
    for (const leeway of [-1, 301, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => validateClaims(FINE, { now: NOW, leeway }), TypeError);
    }
  });
});

const others: [name: string, Record<string, unknown>, Partial<ClaimOptions>, string][] = [
  ['no jti', without('jti'), {}, 'missing_jti'],
  ['jti empty', { ...FINE, jti: '' }, {}, 'accepted'],
  ['jti null', { ...FINE, jti: null }, {}, 'malformed'],
  ['jti number', { ...FINE, jti: 7 }, {}, 'malformed'],
  ['jti array', { ...FINE, jti: ['a'] }, {}, 'malformed'],

  ['type as asked', FINE, { tokenType: 'access' }, 'accepted'],
  ['type among those asked', FINE, { tokenType: ['refresh', 'access'] }, 'accepted'],
  ['another type', FINE, { tokenType: 'refresh' }, 'wrong_type'],
  ['none of those asked', FINE, { tokenType: ['refresh', 'reset'] }, 'wrong_type'],
  ['no type is allowed', FINE, { tokenType: [] }, 'wrong_type'],
  ['type not asked for', { ...FINE, token_type: 7 }, {}, 'accepted'],
  [
    'type in another case',
    { ...FINE, token_type: 'Access' },
    { tokenType: 'access' },
    'wrong_type',
  ],
  ['type an array', { ...FINE, token_type: ['access'] }, { tokenType: 'access' }, 'wrong_type'],
  ['type null', { ...FINE, token_type: null }, { tokenType: 'access' }, 'wrong_type'],
  [
    'type a part of the word',
    { ...FINE, token_type: 'acc' },
    { tokenType: 'access' },
    'wrong_type',
  ],
  ['no type', without('token_type'), { tokenType: 'access' }, 'missing_type'],

  ['issuer as configured', { ...FINE, iss: 'me' }, { issuer: 'me' }, 'accepted'],
  ['another issuer', { ...FINE, iss: 'you' }, { issuer: 'me' }, 'wrong_issuer'],
  ['no issuer', FINE, { issuer: 'me' }, 'wrong_issuer'],
  ['issuer an array', { ...FINE, iss: ['me'] }, { issuer: 'me' }, 'wrong_issuer'],
  ['issuer with a slash', { ...FINE, iss: 'me/' }, { issuer: 'me' }, 'wrong_issuer'],
  ['issuer not configured', { ...FINE, iss: 7 }, {}, 'accepted'],
  ['an empty configured issuer counts', FINE, { issuer: '' }, 'wrong_issuer'],

  ['audience as configured', { ...FINE, aud: 'api' }, { audience: 'api' }, 'accepted'],
  ['audience in an array', { ...FINE, aud: ['web', 'api'] }, { audience: 'api' }, 'accepted'],
  ['another audience', { ...FINE, aud: 'web' }, { audience: 'api' }, 'wrong_audience'],
  ['an empty array', { ...FINE, aud: [] }, { audience: 'api' }, 'wrong_audience'],
  ['an array not of strings', { ...FINE, aud: ['api', 7] }, { audience: 'api' }, 'wrong_audience'],
  ['audience a longer word', { ...FINE, aud: 'api2' }, { audience: 'api' }, 'wrong_audience'],
  ['audience an object', { ...FINE, aud: { api: 1 } }, { audience: 'api' }, 'wrong_audience'],
  ['no audience', FINE, { audience: 'api' }, 'wrong_audience'],
  ['audience not configured', { ...FINE, aud: 7 }, {}, 'accepted'],
];

describe('other claims', () => {
  for (const [name, claims, options, expected] of others) {
    test(`${name}: ${expected}`, () => assert.equal(outcome(claims, options), expected));
  }
  test('inherited claims do not count', () => {
    assert.equal(outcome(Object.create(FINE)), 'missing_exp');
    const heir = Object.assign(Object.create({ iss: 'me', aud: 'api' }), FINE);
    assert.equal(outcome(heir, { issuer: 'me' }), 'wrong_issuer');
    assert.equal(outcome(heir, { audience: 'api' }), 'wrong_audience');
  });
  test('the same object comes back, unchanged', () => {
    const claims = Object.freeze({ ...FINE, nested: { a: 1 } });
    assert.equal(validateClaims(claims, { now: NOW }), claims);
  });
});

test('faults are reported one by one in the documented order', () => {
  const claims: Record<string, unknown> = { iat: null, nbf: NOW + 60 };
  const options = { issuer: 'me', audience: 'api', tokenType: 'access' };
  const steps: [string, Record<string, unknown>][] = [
    ['malformed', { iat: NOW }],
    ['not_yet_valid', { nbf: NOW }],
    ['missing_exp', { exp: NOW - 1 }],
    ['expired', { exp: NOW + 1 }],
    ['wrong_issuer', { iss: 'me' }],
    ['wrong_audience', { aud: 'api' }],
    ['missing_jti', { jti: 7 }],
    ['malformed', { jti: 'a' }],
    ['missing_type', { token_type: 'refresh' }],
    ['wrong_type', { token_type: 'access' }],
    ['accepted', {}],
  ];
  for (const [expected, repair] of steps) {
    assert.equal(outcome(claims, options), expected);
    Object.assign(claims, repair);
  }
});
