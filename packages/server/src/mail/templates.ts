/** Every mail that the service sends, in English and Russian. Pure. */
import type { Template } from './template.ts';
import { activation } from './templates/activation.ts';
import { addressTaken } from './templates/address-taken.ts';
import { emailChange } from './templates/email-change.ts';
import { emailChanged } from './templates/email-changed.ts';
import { factorAdded } from './templates/factor-added.ts';
import { factorFailures } from './templates/factor-failures.ts';
import { factorRemoved } from './templates/factor-removed.ts';
import { loginFailures } from './templates/login-failures.ts';
import { newDevice } from './templates/new-device.ts';
import { passwordChanged } from './templates/password-changed.ts';
import { recoveryCodeUsed } from './templates/recovery-code-used.ts';
import { reset } from './templates/reset.ts';
import { test } from './templates/test.ts';

export const templates = {
  reset,
  activation,
  email_change: emailChange,
  email_changed: emailChanged,
  address_taken: addressTaken,
  password_changed: passwordChanged,
  login_failures: loginFailures,
  new_device: newDevice,
  factor_added: factorAdded,
  factor_removed: factorRemoved,
  factor_failures: factorFailures,
  recovery_code_used: recoveryCodeUsed,
  test,
} as const satisfies Record<string, Template>;

export type TemplateName = keyof typeof templates;

export const isTemplate = (name: string): name is TemplateName => Object.hasOwn(templates, name);
