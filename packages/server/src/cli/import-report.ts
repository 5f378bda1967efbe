/** The report of `gatepass import` on a plan, carried out or not. */
import type { Fault } from '../import/candidate.ts';
import { MARGIN } from '../import/given-ids.ts';
import type { Imported } from '../import/importer.ts';
import type { Plan } from '../import/plan.ts';
import { counted } from './counted.ts';
import { appsOf } from './import-apps.ts';

const SHOWN_FAULTS = 20;

/** For programs, with `--json`. @param to the database, for people */
export const summaryOf = (plan: Plan, to: string, done: Imported) => ({
  source: plan.source,
  table: plan.table,
  to,
  imported: done.accounts,
  importable: plan.arrivals.length,
  present: plan.present,
  without_password: withoutPassword(plan),
  logouts: done.logouts,
  factors: {
    imported: done.apps,
    importable: plan.apps.apps.length,
    left: plan.apps.left,
    clocks_off: plan.apps.clocksOff,
    static_codes: {
      imported: done.codes,
      importable: plan.apps.codes.codes.length,
      left: plan.apps.codes.left,
    },
  },
  ids_above: plan.idFloor.floor,
  ids_counted: plan.idFloor.isCounted,
  faults: plan.faults,
});

/**
 * @param isAsked whether a login asks for second factors
 * @param done `undefined` for a rehearsal
 */
export function textOf(plan: Plan, to: string, isAsked: boolean, done?: Imported): string {
  const { arrivals, present, faults, table } = plan;
  const passwordless = withoutPassword(plan);
  const verb = done ? (arrivals.length === 1 ? 'was' : 'were') : 'would be';
  const parts = [
    `${counted(arrivals.length, 'account')} of ${table} ${verb} imported into ${to}`,
    passwordless > 0 ? `${passwordless} of them without a usable password` : '',
    present > 0 ? `${present} ${present === 1 ? 'is' : 'are'} here already` : '',
    faults.length > 0 ? `${faults.length} left out` : '',
  ];
  const apps = appsOf(plan.apps, isAsked, done !== undefined);
  return [`${joined(parts, ', ')}.`, ...apps, logoutsOf(done?.logouts ?? 0), idsOf(plan)]
    .filter((line) => line !== '')
    .join('\n');
}

/** Why nothing is, or would be, imported. */
export function refusalOf(plan: Plan, isRehearsal: boolean): string {
  const { faults, rows, table, arrivals } = plan;
  const verb = isRehearsal ? 'would be' : 'was';
  const rest =
    arrivals.length > 0 ? ` (then ${counted(arrivals.length, 'account')} would be imported)` : '';
  return `${faults.length} of ${counted(rows, 'row')} of ${table} cannot be ${faults.length === 1 ? 'an account' : 'accounts'}, so nothing ${verb} imported. Fix them at the source, or leave them out with --skip-faulty${rest}.`;
}

/** When rows collide with accounts here, the wrong database is the likely cause. @param to the database */
export const hintOf = ({ faults }: Plan, to: string): string =>
  faults.some(({ code }) => code === 'id_taken' || code === 'email_taken')
    ? `${to} has other accounts. Import into an empty database: set GATEPASS_DATABASE_URL, for a rehearsal to sqlite:./rehearsal.db.`
    : '';

/** One line for each of the first faults. */
export function linesOf(faults: readonly Fault[]): string {
  const lines = faults
    .slice(0, SHOWN_FAULTS)
    .map(
      ({ place, email, code }) => `${place}  ${JSON.stringify(email)}  ${code}: ${REASONS[code]}`,
    );
  const more = faults.length - SHOWN_FAULTS;
  return [...lines, ...(more > 0 ? [`… and ${more} more (all of them with --json)`] : [])].join(
    '\n',
  );
}

const joined = (parts: readonly string[], separator: string) =>
  parts.filter((part) => part !== '').join(separator);

const withoutPassword = ({ arrivals }: Plan) =>
  arrivals.filter(({ passwordHash }) => passwordHash === undefined).length;

const logoutsOf = (logouts: number) =>
  logouts > 0
    ? `${counted(logouts, 'token')} that ${logouts === 1 ? 'was' : 'were'} blacklisted there ${logouts === 1 ? 'is' : 'are'} refused here.`
    : '';

const idsOf = ({ idFloor: { floor, isCounted } }: Plan) =>
  isCounted
    ? ''
    : `New accounts get ids above ${floor}: the source does not say which ids it gave to accounts that are deleted, so ${MARGIN} are left out. --ids-above NUMBER names the highest that was ever given.`;

const REASONS: Readonly<Record<Fault['code'], string>> = {
  invalid_id: 'the id is neither a positive integer nor a UUID; tokens carry it',
  missing_email: 'no e-mail address; users log in with it here',
  invalid_email: 'not an address that can be registered here',
  duplicate_email: 'another row has the same address, perhaps in another spelling',
  duplicate_id: 'another row has the same id',
  invalid_time: 'a time that is not ISO 8601',
  invalid_state: 'is_active is neither true nor false',
  invalid_username: 'not a username that can be used here; see docs/from-django.md',
  duplicate_username: 'another row has the same username, perhaps in another spelling',
  username_taken: 'an account here has this username',
  invalid_claims:
    'the columns make claims that are larger than 2,048 bytes or cannot be in a token',
  id_taken: 'an account here has this id and another address',
  email_taken: 'an account here has this address and another id',
  password_unknown_format: 'an unknown password format',
  password_damaged: 'the stored password cannot be read',
  password_too_costly: 'verifying this hash would cost too much; see docs/from-django.md',
};
