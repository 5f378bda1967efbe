/** Whether the newest Django has django-otp. */
import { spawnSync } from 'node:child_process';
import { NEWEST } from './django.ts';

const { python, missing } = NEWEST;
const hasOtp = !missing && spawnSync(python, ['-c', 'import django_otp']).status === 0;

/** Why the tests that need it cannot run here; `false` = they can. */
export const skip = hasOtp ? false : 'needs test/django/make-venv.sh';
