/** What the environment may say, and what is refused of it: by name, at once, without the value. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import { settings } from '../../src/config/settings.ts';

const SECRET = '9f8c1d2be4a7053c6d1fe28b90a4c7d35e1f60b2c8a9d4e7f3b516a02c7d8e94';

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.faults;
  }
}

/** Every run of this many characters is of the value and not of an English sentence. */
const TELLING = 5;

function assertTellsNothing(message: string, value: string): void {
  for (let i = 0; i + TELLING <= value.length; i++) {
    const piece = value.slice(i, i + TELLING);
    assert.ok(!message.includes(piece), `${JSON.stringify(piece)} in: ${message}`);
  }
}

// Letters and digits that are in no sentence of ours, and all that may mean something to a parser.
const characters = fc.constantFrom(...'QXZ4719', ...'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~ ');

test('a secret may begin with any character, including "!"', () => {
  for (let code = 0x21; code < 0x7f; code++) {
    const secret = `${String.fromCharCode(code)}k9Zr2vQ8mT4xB7nL1pW6sD3fH5jG0aYcEuIoRtKq`;
    assert.equal(readConfig({ GATEPASS_SECRET: secret }).secret, secret);
  }
  assert.equal(readConfig({ GATEPASS_ISSUER: '!x' }).issuer, '!x');
});

test('no message about a fault shows a part of any value', () => {
  // Origins are public, and their faults name the entry: the next test.
  const names = Object.keys(settings).filter((name) => !name.endsWith('_ORIGINS'));
  const value = fc.array(characters, { minLength: 5, maxLength: 60 }).map((all) => all.join(''));
  let refused = 0;
  fc.assert(
    fc.property(fc.constantFrom(...names), value, (name, text) => {
      const faults = faultsOf({ [name]: text });
      refused += faults.length;
      for (const fault of faults) {
        assert.ok(fault.startsWith(name), fault);
        assertTellsNothing(fault, text);
      }
    }),
    { numRuns: 3000, examples: [['GATEPASS_LIMITS', 'QXZQXZ']] },
  );
  assert.ok(refused > 1000, `only ${refused} were refused: the test shows nothing`);
});

test('no message about an origin shows the credentials in its URL', () => {
  const names = Object.keys(settings).filter((name) => name.endsWith('_ORIGINS'));
  const secret = fc.array(
    characters.filter((each) => each !== ','),
    { minLength: 5 },
  );
  assert.ok(names.length >= 2);
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.boolean(), secret, (name, hasScheme, all) => {
      const text = all.join('');
      const entry = `${hasScheme ? 'https://' : ''}user:${text}@app.example.com`;
      const faults = faultsOf({ [name]: `https://one.example.com,${entry}` });
      assert.equal(faults.length, 1, entry);
      for (const fault of faults) assertTellsNothing(fault, text);
    }),
    { numRuns: 1000 },
  );
});

test('white space, quotes and line ends around a value are refused with the variable’s name', () => {
  const samples: Record<string, string> = {
    GATEPASS_SECRET: SECRET,
    GATEPASS_MASTER_KEY: SECRET,
    GATEPASS_MASTER_KEY_PREVIOUS: SECRET,
    GATEPASS_ISSUER: 'https://auth.example.com',
    GATEPASS_AUDIENCE: 'api',
    GATEPASS_TRUSTED_PROXIES: '10.0.0.0/8',
    GATEPASS_CORS_ORIGINS: 'https://app.example.com',
    GATEPASS_METRICS_PORT: '9464',
    GATEPASS_LOG_FORMAT: 'json',
  };
  const wrappings: [(text: string) => string, RegExp][] = [
    [(text) => `${text}\n`, /ends with a line break/],
    [(text) => `${text}\r`, /ends with a line break/],
    [(text) => `${text}\r\n`, /ends with a line break/],
    [(text) => `${text}\nX=1`, /has a line break in it/],
    [(text) => ` ${text}`, /white space/],
    [(text) => `${text} `, /white space/],
    [(text) => `\t${text}`, /white space/],
    [(text) => `\ufeff${text}`, /white space/],
    [(text) => `${text}\u00a0`, /white space/],
    [(text) => `${text}\u200b`, /white space/],
    [(text) => `"${text}"`, /in quotes/],
    [(text) => `'${text}'`, /in quotes/],
    [(text) => `“${text}”`, /in quotes/],
    [(text) => `${text}\u0007`, /control characters/],
  ];
  for (const [name, { fallback }] of Object.entries(settings)) {
    const good = samples[name] ?? fallback;
    assert.deepEqual(faultsOf({ [name]: good }), [], name);
    for (const [wrap, words] of wrappings) {
      const faults = faultsOf({ [name]: wrap(good) });
      assert.equal(faults.length, 1, `${name}=${JSON.stringify(wrap(good))}`);
      assert.match(faults[0] ?? '', new RegExp(`^${name} .*${words.source}`));
    }
  }
  for (const alias of ['PORT', 'DATABASE_URL'])
    assert.match(faultsOf({ [alias]: '"8000"' })[0] ?? '', new RegExp(`^${alias} is in quotes`));
  // One quote belongs to the value.
  assert.equal(readConfig({ GATEPASS_ISSUER: '"x' }).issuer, '"x');
});

test('variables that Kubernetes injects for a service named gatepass are ignored', () => {
  const injected = {
    GATEPASS_PORT: 'tcp://10.43.7.9:80',
    GATEPASS_PORT_80_TCP: 'tcp://10.43.7.9:80',
    GATEPASS_PORT_80_TCP_PROTO: 'tcp',
    GATEPASS_PORT_80_TCP_PORT: '80',
    GATEPASS_PORT_80_TCP_ADDR: '10.43.7.9',
    GATEPASS_SERVICE_HOST: '10.43.7.9',
    GATEPASS_SERVICE_PORT: '80',
    GATEPASS_SERVICE_PORT_HTTP: '80',
    GATEPASS_METRICS_PORT: 'tcp://10.43.7.10:9464',
    GATEPASS_METRICS_SERVICE_HOST: '10.43.7.10',
    GATEPASS_METRICS_SERVICE_PORT: '9464',
    GATEPASS_METRICS_PORT_9464_TCP: 'tcp://10.43.7.10:9464',
    GATEPASS_DB_RW_PORT_5432_UDP_ADDR: '10.43.7.11',
  };
  const config = readConfig(injected);
  assert.deepEqual([config.port, config.metricsPort], [8000, 'off']);
  assert.deepEqual(config.warnings, []);
  assert.equal(readConfig({ ...injected, PORT: '9000' }).port, 9000);
  // Near to them, and a person's.
  assert.match(
    readConfig({ GATEPASS_METRICS_PORTS: '1' }).warnings[0] ?? '',
    /GATEPASS_METRICS_PORT\?/,
  );
});

test('a misspelt variable is reported with the one that was probably meant', () => {
  const meant = (name: string) => readConfig({ [name]: '1' }).warnings.join();
  assert.equal(
    meant('GATEPASS_PROT'),
    'GATEPASS_PROT: unknown variable, ignored; did you mean GATEPASS_PORT?',
  );
  assert.match(meant('GATEPASS_ACESS_TOKEN_LIFETIME'), /mean GATEPASS_ACCESS_TOKEN_LIFETIME\?/);
  assert.match(meant('gatepass_port'), /mean GATEPASS_PORT\?/);
  assert.match(meant('GATEPAS_SECRET'), /mean GATEPASS_SECRET\?/);
  assert.match(meant('GATEPASS_SECRET_FIEL'), /mean GATEPASS_SECRET_FILE\?/);
  assert.match(meant('GATEPASS_CORS_ORIGIN'), /mean GATEPASS_CORS_ORIGINS\?/);
  assert.equal(
    meant('GATEPASS_FLUX_CAPACITOR'),
    'GATEPASS_FLUX_CAPACITOR: unknown variable, ignored',
  );
  for (const name of ['PATH', 'HOME', 'PGHOST', 'GATE', 'PASSPORT', 'SECRET', 'GATEWAY_PORT'])
    assert.equal(meant(name), '', name);
});

test('two listeners on one port, and workers on a database in memory, are refused', () => {
  const clash = (env: Record<string, string>) =>
    faultsOf({ GATEPASS_PORT: '9000', GATEPASS_METRICS_PORT: '9000', ...env });
  const [fault] = ['GATEPASS_METRICS_PORT must not be the same as GATEPASS_PORT'];
  assert.deepEqual(clash({}), [fault]);
  assert.deepEqual(clash({ GATEPASS_HOST: '0.0.0.0' }), [fault]);
  assert.deepEqual(clash({ GATEPASS_HOST: '10.1.2.3' }), []);
  assert.deepEqual(faultsOf({ GATEPASS_PORT: '0', GATEPASS_METRICS_PORT: '0' }), []);
  const memory = { GATEPASS_DATABASE_URL: 'sqlite::memory:', GATEPASS_WORKERS: '2' };
  assert.match(faultsOf(memory).join(), /^GATEPASS_WORKERS must be 1/);
});
