/** Requests whose duration might reveal that an account exists, and the kinds of account. */
import { post } from './targets/target.ts';

export type Subject = {
  readonly name: string;
  /** The command's own word for it in documents. */
  readonly table: string;
  readonly status: number;
  /** Of one part of the short form: the quicker a request, the more of them tell a busy machine from the code. */
  readonly shortRounds: number;
  /**
   * Whether the short form compares the processor time of the server: a hash runs at a low
   * priority, so that on a busy machine its duration says more of the other programs.
   */
  readonly isOfProcessor: boolean;
  readonly request: (email: string) => ReturnType<typeof post>;
  readonly kinds: readonly { readonly name: string; readonly domain: string }[];
};

const UNKNOWN = { name: 'unknown account', domain: 'nobody.example' };
const DISABLED = { name: 'disabled account', domain: 'disabled.example' };

export const SUBJECTS: readonly [Subject, ...Subject[]] = [
  {
    name: 'failed login',
    table: 'timing',
    status: 401,
    shortRounds: 15,
    isOfProcessor: true,
    request: (email) => post('/api/token', { email, password: 'wrong otter parade 41' }),
    kinds: [{ name: 'wrong password', domain: 'known.example' }, UNKNOWN, DISABLED],
  },
  {
    name: 'password reset requested',
    table: 'timing-reset',
    status: 204,
    shortRounds: 100,
    // The mail is sent by the same process, after the response.
    isOfProcessor: false,
    request: (email) => post('/api/users/reset_password', { email }),
    kinds: [{ name: 'known account', domain: 'known.example' }, UNKNOWN, DISABLED],
  },
];
