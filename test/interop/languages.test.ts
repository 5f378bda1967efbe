/** docs/tokens.md in languages other than JavaScript: each block, with public keys and with the secret. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { type Addressed, startAddressed } from './support/addressed.ts';
import { blocks, expectMe, expectVerdicts, workDirectory } from './support/page.ts';
import { example, freePort, isMissing, PYTHON, start } from './support/programs.ts';

type Program = (t: TestContext, code: string, gatepass: Addressed) => Promise<void>;

/** A language whose code defines `user_of`; `run` makes a program of it that tells about its arguments. */
const script =
  (program: string, file: string, run: (code: string) => string): Program =>
  async (t, code, gatepass) => {
    const path = join(workDirectory(t), file);
    writeFileSync(path, run(code));
    const env = { GATEPASS_SECRET: gatepass.secret };
    await expectVerdicts({ program, args: [path], env }, gatepass);
  };

const python = script(
  PYTHON,
  'page.py',
  (code) => `${code}
import sys
for token in sys.argv[1:]:
    try:
        print(user_of(token))
    except Exception:
        print("refused")`,
);

const ruby = script(
  'ruby',
  'page.rb',
  (code) => `${code}
ARGV.each do |token|
  puts user_of(token)
rescue JWT::DecodeError
  puts 'refused'
end`,
);

const perl = script(
  'perl',
  'page.pl',
  (code) => `${code}
for my $token (@ARGV) { print((eval { user_of($token) } // 'refused') . "\\n"); }`,
);

const PHP_JWT = process.env['GATEPASS_PHP_VENDOR'] ?? 'vendor';
const php = script(
  'php',
  'page.php',
  (code) => `<?php
require '${PHP_JWT}/autoload.php';
${code}
foreach (array_slice($argv, 1) as $token) {
    try { echo user_of($token), "\\n"; } catch (Exception $e) { echo "refused\\n"; }
}`,
);

const MAVEN = join(homedir(), '.m2/repository');
const JJWT = '0.13.0';
const JACKSON = '2.12.7';
const jars = [
  ...['api', 'impl', 'jackson'].map(
    (name) => `io/jsonwebtoken/jjwt-${name}/${JJWT}/jjwt-${name}-${JJWT}.jar`,
  ),
  ...['core', 'annotations'].map(
    (name) =>
      `com/fasterxml/jackson/core/jackson-${name}/${JACKSON}/jackson-${name}-${JACKSON}.jar`,
  ),
  `com/fasterxml/jackson/core/jackson-databind/${JACKSON}.1/jackson-databind-${JACKSON}.1.jar`,
].map((path) => join(MAVEN, path));

const java: Program = async (t, code, gatepass) => {
  const cwd = workDirectory(t);
  const classpath = [cwd, ...jars].join(':');
  writeFileSync(
    join(cwd, 'Main.java'),
    `${code}
final class Main {
  public static void main(String[] arguments) {
    var tokens = new Tokens();
    for (var token : arguments) {
      try { System.out.println(tokens.userOf(token)); }
      catch (io.jsonwebtoken.JwtException e) { System.out.println("refused"); }
    }
  }
}`,
  );
  execFileSync('javac', ['-Xlint:all,-processing', '-Werror', '-cp', classpath, 'Main.java'], {
    cwd,
  });
  const env = { GATEPASS_SECRET: gatepass.secret };
  await expectVerdicts({ program: 'java', args: ['-cp', classpath, 'Main'], env }, gatepass);
};

const GO_MODULES = [
  'github.com/golang-jwt/jwt/v5@v5.3.1',
  'github.com/MicahParks/keyfunc/v3@v3.6.2',
];
const go: Program = async (t, code, gatepass) => {
  const cwd = workDirectory(t);
  writeFileSync(join(cwd, 'go.mod'), 'module page\n\ngo 1.21\n');
  writeFileSync(join(cwd, 'page.go'), code);
  writeFileSync(
    join(cwd, 'main.go'),
    `package main

import (
	"fmt"
	"os"
)

func main() {
	for _, token := range os.Args[1:] {
		if user, err := userOf(token); err != nil {
			fmt.Println("refused")
		} else {
			fmt.Println(user)
		}
	}
}
`,
  );
  execFileSync('go', ['get', ...GO_MODULES], { cwd, stdio: 'ignore' });
  execFileSync('go', ['build', '-o', 'page', '.'], { cwd, stdio: 'pipe' });
  const env = { GATEPASS_SECRET: gatepass.secret };
  await expectVerdicts({ program: join(cwd, 'page'), args: [], env }, gatepass);
};

/** Whether the modules are in the cache or can be fetched. */
function hasGoModules(): string | false {
  const missing = isMissing('go', 'version');
  if (missing) return missing;
  const folder = join(import.meta.dirname, '../../node_modules/.cache/gatepass-go');
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'go.mod'))) writeFileSync(join(folder, 'go.mod'), 'module probe\n');
  const { status } = spawnSync('go', ['get', ...GO_MODULES], { cwd: folder, timeout: 60_000 });
  return status === 0 ? false : `go get ${GO_MODULES.join(' ')} fails`;
}

const artifact = (name: string) => `-Dartifact=io.jsonwebtoken:jjwt-${name}:${JJWT}`;

/** Whether the libraries are in Maven's repository or can be fetched. */
function hasJars(): string | false {
  const missing = isMissing('javac', '-version');
  if (missing) return missing;
  const isThere = () => jars.every((path) => existsSync(path));
  for (const name of ['impl', 'jackson'])
    if (!isThere()) spawnSync('mvn', ['-q', 'dependency:get', artifact(name)], { timeout: 60_000 });
  return !isThere() && `mvn dependency:get ${artifact('impl')} and jjwt-jackson fails`;
}

const NO_PHP_JWT =
  isMissing('php', '--version') ||
  (!existsSync(`${PHP_JWT}/firebase/php-jwt`) && 'composer require firebase/php-jwt');
const pythonLacks = (...modules: string[]) =>
  isMissing(PYTHON, '-c', `import cryptography, ${modules.join()}`);

const languages: [string, string, Program, string | false][] = [
  ['Python', 'python', python, pythonLacks('jwt')],
  ['PHP', 'php', php, NO_PHP_JWT],
  ['Ruby', 'ruby', ruby, isMissing('ruby', '-rjwt', '-e', '')],
  ['Go', 'go', go, hasGoModules()],
  ['Java', 'java', java, hasJars()],
  ['Perl', 'perl', perl, isMissing('perl', '-MCrypt::JWT', '-e', '1')],
];

suite('docs/tokens.md', { timeout: 600_000 }, () => {
  for (const [heading, language, program, skip] of languages) {
    test(`${heading} with the key set`, { skip }, async (t) => {
      const gatepass = await startAddressed(t, 'ES256');
      const [code = ''] = blocks(heading, language, gatepass);
      await program(t, code, gatepass);
    });

    test(`${heading} with the secret`, { skip }, async (t) => {
      const gatepass = await startAddressed(t, 'HS256');
      const [code = ''] = blocks('HS256', language, gatepass);
      await program(t, code, gatepass);
    });
  }

  test('Authlib', { skip: pythonLacks('authlib') }, async (t) => {
    const gatepass = await startAddressed(t, 'ES256');
    const [, code = ''] = blocks('Python', 'python', gatepass);
    await python(t, code, gatepass);
  });

  test('Flask with Flask-JWT-Extended', {
    skip: pythonLacks('flask', 'flask_jwt_extended', 'jwt'),
  }, async (t) => {
    const gatepass = await startAddressed(t, 'ES256');
    const [, , code = ''] = blocks('Python', 'python', gatepass);
    const port = await freePort();
    const args = ['-c', `${code}\napp.run(port=${port})`];
    await start(t, port, { program: PYTHON, args });
    await expectMe(port, gatepass);
  });

  test('Django with SimpleJWT', {
    skip: pythonLacks('django', 'rest_framework_simplejwt'),
  }, async (t) => {
    const gatepass = await startAddressed(t, 'ES256');
    const [settings = ''] = blocks('Python', 'python', gatepass).slice(-1);
    const server = readFileSync(example('django/server.py'), 'utf8');
    const code = server.replace(/SIMPLE_JWT=\{.*?\n {4}\},/s, 'SIMPLE_JWT=SIMPLE_JWT,');
    const port = await freePort();
    const env = { PORT: String(port) };
    const args = ['-c', `${settings}\n${code}`];
    await start(t, port, { program: PYTHON, args, env });
    await expectMe(port, gatepass);
  });
});
