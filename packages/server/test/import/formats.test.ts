/** Passwords as other systems store them: known answers made by Django's own hashers and Python's hashlib. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFormat, SCHEMES } from '../../src/passwords/schemes.ts';

const ASCII = 'correct horse 9 battery';
// "№" and "ﬁ" are other characters after NFKC.
const CYRILLIC = 'пароль № ﬁne';
const LONG = 'x'.repeat(80);

// One of each format at Django's cost; the other ones of bcrypt have its lowest cost.
const KNOWN: readonly (readonly [password: string, stored: string])[] = [
  [
    ASCII,
    'pbkdf2_sha256$260000$B7C4CVyyxL5ej58pMoeQOb$HpK6s3WJfystklkOAOTY1ambsKFZTtrUXaEE+sZ+cIs=',
  ],
  [ASCII, 'pbkdf2_sha1$260000$wLAQS4K6f19VWR75GIlAuv$5uq/FXvrBfuzFtjbv0Ry3ExjTdk='],
  [
    ASCII,
    'argon2$argon2id$v=19$m=102400,t=2,p=8$TUQxeTdqOE5kdE5KbG52ZWh3SW9ZMw$t2aI65Is8wIXDJjYG9UIQQ',
  ],
  [ASCII, 'bcrypt_sha256$$2b$12$i.Ig6WkTT6NeZ12Q9ZYYHOntq2LdRAV.XWF2cde/x/Xn.YHNU5O9W'],
  [ASCII, 'bcrypt$$2b$04$1D9J5iO0BfgJQoYEHq8j5u1L01XPpazmGB.8VLena5umnf85Yh/he'],
  [ASCII, '$2b$04$1D9J5iO0BfgJQoYEHq8j5u1L01XPpazmGB.8VLena5umnf85Yh/he'],
  [ASCII, '$2a$04$1D9J5iO0BfgJQoYEHq8j5u1L01XPpazmGB.8VLena5umnf85Yh/he'],
  [ASCII, '$2y$04$1D9J5iO0BfgJQoYEHq8j5u1L01XPpazmGB.8VLena5umnf85Yh/he'],
  [
    ASCII,
    'scrypt$16384$SaltSaltSalt$8$1$i29DDo1/yqo4GkmOMAbSboLfLNJ+Q3yT/0PzPGDONkpCi+NKGEF2zpie9vQ+Qnn3l8s1ikqlnvpNlOv2ibPmOw==',
  ],
  [
    ASCII,
    '$scrypt$ln=14,r=8,p=1$U2FsdFNhbHRTYWx0$i29DDo1/yqo4GkmOMAbSboLfLNJ+Q3yT/0PzPGDONkpCi+NKGEF2zpie9vQ+Qnn3l8s1ikqlnvpNlOv2ibPmOw',
  ],
  [
    CYRILLIC,
    'pbkdf2_sha256$260000$NniVL7bQSjBzhxfhplexHB$7FZ1z4KCkEGg2oZlwpLU+WU4OjoWa396MAlg+lGRv8g=',
  ],
  [
    CYRILLIC,
    'argon2$argon2id$v=19$m=102400,t=2,p=8$RmpLUUZFbVM4UjNBYW5ZVXFoaFlWSQ$jdPS9kGYol5s79FU+Qvivw',
  ],
  [CYRILLIC, 'bcrypt_sha256$$2b$04$A8IwlGflF2b2OrrOdJMsr.rhxWjJOzLtraZDH17p1wovTQw.dHIqu'],
  [
    CYRILLIC,
    'scrypt$16384$SaltSaltSalt$8$1$5hu5ZNpQfVMpU89+ExKkrlz5y1nsjpIu0mdGPDz69CYqHFhkZXAb6ndOrVPQEg41JsR0JviDdMlDaAl+IJvLwQ==',
  ],
  [LONG, 'bcrypt_sha256$$2b$04$S.Hnu9AS46P.nkWccumO2.5tnYID6Ts3J7Z66px6fcqeihIdp8hIi'],
  [LONG, 'bcrypt$$2b$08$tTOvW0In78xvOHbT3cvVXuNAUkhrHaWqXQcQgyaIM2sfbqdO6syu6'],
];

const schemeOf = (stored: string) => SCHEMES.find((scheme) => scheme.reads(stored));

function matches(text: string, password: string): boolean | undefined {
  const format = readFormat(text);
  const stored = 'stored' in format ? format.stored : undefined;
  return stored === undefined ? undefined : schemeOf(stored)?.matches(stored, password);
}

for (const [password, text] of KNOWN) {
  // A second of processor time each, for the comparisons that a cheaper one below makes.
  const isDear = text.startsWith('bcrypt_sha256$$2b$12$');
  const alone = isDear ? '' : ' and nothing near it';
  test(`${text.slice(0, 22)}… matches ${JSON.stringify(password.slice(0, 12))}…${alone}`, () => {
    assert.equal(matches(text, password), true);
    if (isDear) return;
    assert.equal(
      matches(text, `${password.slice(0, -1)}?`),
      password === LONG && !/sha256/.test(text),
    );
    assert.equal(matches(text, ''), false);
    assert.equal(matches(text, `\0${password}`), false);
  });
}

test('LE07 LE08 bcrypt reads 72 bytes, and never as far as a NUL', () => {
  const [, stored = ''] = KNOWN.at(-1) ?? [];
  assert.equal(matches(stored, 'x'.repeat(72)), true);
  assert.equal(matches(stored, 'x'.repeat(71)), false);
  assert.equal(matches(stored, `${LONG}\0`), false);
});

test('LE03 a NUL does not end a comparison with bcrypt early', () => {
  const [, stored = ''] = KNOWN.at(-1) ?? [];
  const costOf = (password: string) => {
    const before = process.threadCpuUsage();
    matches(stored, password);
    return process.threadCpuUsage(before).user;
  };
  assert.ok(costOf('otter\0') > costOf('otter') / 2);
});

test('an account without a usable password is imported without one', () => {
  for (const text of ['', null, undefined, '!', '!Qz0Yb3x'])
    assert.deepEqual(readFormat(text), { stored: undefined });
});

const FAULTS: readonly (readonly [text: unknown, fault: string])[] = [
  ['5f4dcc3b5aa765d61d8327deb882cf99', 'unknown_format'],
  ['md5$salt$5f4dcc3b5aa765d61d8327deb882cf99', 'unknown_format'],
  ['sha1$$5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8', 'unknown_format'],
  [42, 'unknown_format'],
  ['pbkdf2_sha512$1$s$aaaa', 'damaged'],
  ['pbkdf2_sha256$260000$salt$dG9vIHNob3J0', 'damaged'],
  ['pbkdf2_sha256$0$salt$HpK6s3WJfystklkOAOTY1ambsKFZTtrUXaEE+sZ+cIs=', 'damaged'],
  ['pbkdf2_sha256$9999999$salt$HpK6s3WJfystklkOAOTY1ambsKFZTtrUXaEE+sZ+cIs=', 'too_costly'],
  ['bcrypt$$2b$03$2qq8mMn/CM0nchlA2kxzo.oulgKucJyKrZbAGaYZ75Nfqh0hN715W', 'damaged'],
  ['$2b$12$short', 'damaged'],
  ['$2b$31$2qq8mMn/CM0nchlA2kxzo.oulgKucJyKrZbAGaYZ75Nfqh0hN715W', 'too_costly'],
  ['$argon2id$v=19$m=19456,t=2$c2FsdHNhbHRzYWx0$aaaaaaaaaaaaaaaaaaaaaa', 'damaged'],
  ['$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHRzYWx0$aaaaaaaaaaaaaaaaaaaaaa', 'too_costly'],
  ['$argon2id$v=19$m=1048576,t=99,p=1$c2FsdHNhbHRzYWx0$aaaaaaaaaaaaaaaaaaaaaa', 'too_costly'],
  ['scrypt$16385$salt$8$1$i29DDo1/yqo4GkmOMAbSbg==', 'damaged'],
  ['scrypt$1073741824$salt$8$1$i29DDo1/yqo4GkmOMAbSbg==', 'too_costly'],
  ['scrypt$16384$salt$8$999$i29DDo1/yqo4GkmOMAbSbg==', 'too_costly'],
];

for (const [text, fault] of FAULTS) {
  test(`${JSON.stringify(text).slice(0, 44)} is ${fault}, and is never compared`, () => {
    assert.deepEqual(readFormat(text), { fault });
    const scheme = schemeOf(String(text));
    if (scheme) assert.throws(() => scheme.matches(String(text), ASCII), /is (damaged|too_costly)/);
  });
}
