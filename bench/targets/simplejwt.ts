import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { benchDirectory, environment } from '../machine.ts';
import { freePort, startServer } from '../server-process.ts';
import { connectSimpleJwt } from './simplejwt-wire.ts';
import { emails, password, type Target } from './target.ts';

const project = join(benchDirectory, 'peers', 'simplejwt');
const secret = randomBytes(32).toString('hex');
const PACKAGES = ['django', 'djangorestframework', 'djangorestframework-simplejwt', 'gunicorn'];

/** Django REST Framework + SimpleJWT under gunicorn: bench/peers/simplejwt. */
export const simplejwt: Target = {
  name: 'simplejwt',

  inspect({ python }) {
    const script = `
import django, rest_framework, rest_framework_simplejwt, gunicorn
from importlib.metadata import version
print(*(name + " " + version(name) for name in ${JSON.stringify(PACKAGES)}), sep=", ")`;
    try {
      const versions = execFileSync(python, ['-c', script], {
        env: environment({}),
        encoding: 'utf8',
        stdio: 'pipe',
      }).trim();
      return { what: `${versions}; 1 sync worker, SQLite, PBKDF2 as shipped` };
    } catch {
      const packages = 'python3-djangorestframework-simplejwt and gunicorn';
      return { missing: `${python} has no SimpleJWT with gunicorn (Debian: ${packages})` };
    }
  },

  async start(machine, directory) {
    const port = await freePort();
    const settings = djangoEnvironment(directory);
    const { python } = machine;
    execFileSync(python, ['-B', 'setup_database.py', password, ...emails], {
      cwd: project,
      env: settings,
      stdio: 'pipe',
    });
    return startServer({
      name: 'simplejwt',
      command: machine.forServer([python, '-B', '-m', 'gunicorn', ...flags(port), 'wsgi']),
      environment: settings,
      directory: project,
      port,
      healthPath: '/healthz',
      logFile: join(directory, 'simplejwt.log'),
    });
  },

  connect: ({ url }) => connectSimpleJwt(url, emails),
};

const djangoEnvironment = (directory: string) =>
  environment({
    DJANGO_SETTINGS_MODULE: 'settings',
    BENCH_DATABASE: join(directory, 'simplejwt.db'),
    BENCH_SECRET: secret,
  });

// Sync is gunicorn's default and, on one core, no slower than gthread: see bench/README.md.
const flags = (port: number) => ['--bind', `127.0.0.1:${port}`, '--workers', '1'];
