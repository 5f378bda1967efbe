import type { Origin } from '../audit/event.ts';
import type { Tx } from '../database/database.ts';
import { invalidFields } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { type Described, type ObjectSchema, requiredText } from '../http/openapi/schema.ts';
import type { Proof } from './credentials.ts';
import { PROOF, type Prove, type Shown } from './prove.ts';
import { wrongPassword } from './reauthenticate.ts';
import type { Caller } from './user.ts';
import type { Users } from './users.ts';
import { TOKEN_PAIR } from './view.ts';

type Device = Origin & { readonly userAgent: string; readonly address: string };
/** Opens the session that replaces the caller's, and makes its tokens. */
export type Renewal<Session extends { readonly id: string }> = {
  /** @throws {Refusal} if the account must set up a second factor first */
  readonly admit: (proof: Proof) => Promise<void>;
  readonly open: (tx: Tx, userId: number, device: Device, shown: Shown) => Promise<Session>;
  readonly pair: (session: Session) => { readonly refresh: string; readonly access: string };
};

const CHANGE = {
  title: 'PasswordChange',
  type: 'object',
  required: ['current_password', 'new_password'],
  properties: {
    ...PROOF,
    new_password: requiredText('granite otter parade 41'),
  },
} as const satisfies ObjectSchema;
type Body = Described<typeof CHANGE>;
type Keep = Parameters<Users['changePassword']>[2]['keep'];
type Proved = Awaited<ReturnType<Prove>>;
type Request = Parameters<Prove>[2];

type Deps = { readonly users: Users; readonly prove: Prove };

const createChange =
  ({ users, prove }: Deps) =>
  async (
    caller: Caller,
    passwords: Body,
    request: Request,
    keepOf: (proof: Proved) => Keep | Promise<Keep>,
  ): Promise<void> => {
    const proof = await prove(caller, passwords, request);
    const keep = await keepOf(proof);
    const result = await users.changePassword(proof, passwords.new_password, {
      keep,
      by: request.device(),
      requester: request.requester(),
    });
    if (result === 'wrong_password') throw wrongPassword();
    if (!result.ok) {
      const { password = [] } = result.faults;
      throw invalidFields({ new_password: password });
    }
  };

/**
 * `POST /api/users/me/password`: a new password; ends every session of the account, also for copies
 * of the caller's tokens, and returns a new pair (decision 006).
 */
export function changePassword<Session extends { readonly id: string }>(
  deps: Deps & { readonly renewal: Renewal<Session> },
): Action<Caller> {
  const { admit, open, pair } = deps.renewal;
  const change = createChange(deps);
  return action({
    operationId: 'changePassword',
    summary: 'Change the password',
    description: 'Ends all sessions of the account at once and returns a new pair of tokens.',
    body: CHANGE,
    refuses: [429],
    response: TOKEN_PAIR,
    async handle({ body: passwords, caller, request }) {
      let session: Session | undefined;
      await change(caller, passwords, request, async (proof) => {
        await admit(proof);
        return async (tx) => {
          session = await open(tx, proof.user.id, request.device(), proof.shown);
          return session.id;
        };
      });
      if (!session) throw new Error('The password was changed, but no session was opened');
      return pair(session);
    },
  });
}

/** `POST /api/users/set_password` (djoser): the same, but the caller's session goes on. */
export function setPassword(deps: Deps): Action<Caller> {
  const change = createChange(deps);
  return action({
    operationId: 'setPassword',
    summary: "Change the password (djoser's name)",
    description: 'Ends all other sessions of the account at once; the one that asks goes on.',
    body: CHANGE,
    status: 204,
    refuses: [429],
    async handle({ body: passwords, caller, request }) {
      await change(caller, passwords, request, () => caller.sessionId);
      return undefined;
    },
  });
}
