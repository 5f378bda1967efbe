/** One PostgreSQL for a run of many test files: node --test --test-global-setup=THIS. */
import { createTemplate } from './databases.ts';
import { type Postgres, startPostgres } from './postgres.ts';

let postgres: Postgres | undefined;

export async function globalSetup(): Promise<void> {
  postgres = await startPostgres();
  await createTemplate(postgres);
  process.env['GATEPASS_TEST_POSTGRES'] = postgres.urlOf('postgres');
}

export async function globalTeardown(): Promise<void> {
  await postgres?.close();
}
