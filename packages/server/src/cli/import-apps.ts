/** The report of `gatepass import` on second factors. */
import { APP_FAULTS, type AppFault, type AppPlan } from '../import/apps.ts';
import { CODE_FAULTS, type CodeFault } from '../import/static-codes.ts';
import { counted } from './counted.ts';

/** Faults that leave an owner who had a factor without one. */
const WEAKENED: readonly AppFault[] = ['other_kind', 'other_parameters', 'invalid_key'];

/**
 * @param isAsked whether a login asks for second factors
 * @returns lines; none for a source that has no factors
 */
export function appsOf(plan: AppPlan, isAsked: boolean, isDone: boolean): string[] {
  const { apps, left, clocksOff, codes } = plan;
  const many = (count: number) => (count === 1 ? 'was' : 'were');
  const verb = isDone ? many(apps.length) : 'would be';
  const behind = APP_FAULTS.flatMap((fault) => {
    const count = left[fault];
    return count === undefined ? [] : [`${count} ${REASONS[fault]}`];
  });
  const codesBehind = CODE_FAULTS.flatMap((fault) => {
    const count = codes.left[fault];
    return count === undefined ? [] : [`${count} ${CODE_REASONS[fault]}`];
  });
  const weakened = WEAKENED.some((fault) => left[fault] !== undefined);
  const lines = [
    apps.length > 0 && `${counted(apps.length, 'authenticator app')} ${verb} imported.`,
    apps.length > 0 && !isAsked && 'No login asks for them while GATEPASS_MFA is off.',
    clocksOff > 0 &&
      `${counted(clocksOff, 'app')} of them ran on a clock that is more than one step off: codes count here once that clock is set.`,
    behind.length > 0 && `Second factors not imported: ${behind.join(', ')}.`,
    weakened &&
      'An account whose only factor was not imported needs only its password until its owner sets up a factor.',
    codes.codes.length > 0 &&
      `${counted(codes.codes.length, 'static code')} ${isDone ? many(codes.codes.length) : 'would be'} imported, each good once.`,
    codesBehind.length > 0 &&
      `Static codes not imported: ${codesBehind.join(', ')}. Their owners make recovery codes here.`,
  ];
  return lines.filter((line) => line !== false);
}

const REASONS: Readonly<Record<AppFault, string>> = {
  no_account: 'of accounts that are not imported',
  present: 'of accounts that exist here already',
  unconfirmed: 'unconfirmed',
  other_kind: 'of another kind than TOTP',
  other_parameters:
    'with a step other than 30 or 60 seconds, t0 other than 0, or neither 6 nor 8 digits',
  invalid_key: 'with a key that is not hex, or of less than 80 bits',
  too_many: 'beyond the tenth of an account',
};

const CODE_REASONS: Readonly<Record<CodeFault, string>> = {
  no_app: 'of no account whose app is imported',
  unconfirmed: 'unconfirmed',
  weak: 'that django-otp did not make, or that are easily guessed',
  too_many: 'beyond the twentieth of an account',
  no_key: 'because GATEPASS_MASTER_KEY is not set',
};
