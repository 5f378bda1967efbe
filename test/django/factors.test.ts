/** django-otp's authenticator apps go on here: a real Django enrols one and takes a code of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateSync } from 'otplib';
import { post } from '../../packages/server/test/support/process.ts';
import { NEWEST } from './django.ts';
import { moveIn, prepare } from './moving.ts';
import { skip } from './otp.ts';

const { name } = NEWEST;

/** Enrols an app, uses a code of it and says so in JSON; makes a static code, too. */
const ENROL = `
import base64, json, os
from django.contrib.auth import get_user_model
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

user = get_user_model().objects.get(email=os.environ["EMAIL"])
device = TOTPDevice.objects.create(user=user, name="phone", confirmed=True)
TOTPDevice.objects.create(user=user, name="never confirmed", confirmed=False)
codes = StaticDevice.objects.create(user=user, name="backup")
codes.token_set.create(token="abcd2345")
totp = TOTP(device.bin_key)
step = totp.t()
token = f"{totp.token():06}"
assert device.verify_token(token)
assert not device.verify_token(token)
print(json.dumps({"secret": base64.b32encode(device.bin_key).decode(), "token": token, "step": step}))
`;

const SOURCES = { tables: [], 'a dump': ['--from-json', 'dump.json'] };

for (const [format, source] of Object.entries(SOURCES))
  test(`a code used in ${name} with django-otp is refused, and the next one logs in: ${format}`, {
    skip,
  }, async (t) => {
    const variables = { DJANGO_HASHERS: 'Argon2', DJANGO_OTP: 'true' };
    const { directory, django } = await prepare(t, NEWEST, variables);
    const [[email, password] = ['', '']] = django.users;
    const { stdout, stderr } = django.shell(ENROL, { EMAIL: email });
    const { secret, token, step } = JSON.parse(stdout.split('\n').at(-2) ?? '') as Enrolled;
    assert.equal(stderr, '');
    const apps = ['accounts.User', 'otp_totp', 'otp_static'];
    django.manage('dumpdata', ...apps, '-o', `${directory}/dump.json`);
    const server = await moveIn(t, directory, {}, ...source);
    const logIn = (code?: string) => post(server.url, '/api/token', { email, password, code });
    assert.equal((await logIn())?.body['code'], 'second_factor_required');
    const spent = await logIn(token);
    assert.deepEqual([spent?.status, spent?.body['code']], [401, 'second_factor_invalid']);
    // Of the step after it, which counts one step early; on a slow machine that one may be over.
    const next = Math.max(step + 1, Math.floor(Date.now() / 30_000));
    const done = await logIn(generateSync({ secret, epoch: next * 30 }));
    assert.equal(done?.status, 200, JSON.stringify(done?.body));
  });

type Enrolled = { readonly secret: string; readonly token: string; readonly step: number };
