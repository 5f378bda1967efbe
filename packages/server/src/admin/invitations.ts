/** New administrators: by the link of a first start, or invited by another administrator. */
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { invalidFields } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import { EMAIL_INVALID, REQUIRED } from '../http/refusals.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { StoredToken } from '../one-time-tokens/store.ts';
import { parseEmail } from '../users/email.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import type { Administrators, AdminLogin } from './administrators.ts';
import { invalidInvitation } from './refusals.ts';

/** Stands for the account, which an invitation does not have yet. */
const NO_ACCOUNT = 0;

type Deps = {
  readonly oneTimeTokens: OneTimeTokens;
  readonly users: Users;
  readonly audit: Audit;
  readonly transaction: Transaction;
};
type Accepting = { readonly administrators: Administrators };
type Acceptance = {
  readonly token: string;
  /** Only with the link of a first start, which names no address. */
  readonly email?: string | undefined;
  readonly password: string;
  /** If the account has a second factor. */
  readonly code?: string | undefined;
  /** The token of a device that the account has logged in from. */
  readonly deviceToken?: string | undefined;
};

export type Invitations = ReturnType<typeof createInvitations>;

export function createInvitations({ oneTimeTokens, users, audit, transaction }: Deps) {
  const link = async (tx: Tx, purpose: 'admin_setup' | 'admin_invite', address: string) => {
    const token = await oneTimeTokens.issue(tx, NO_ACCOUNT, purpose, address);
    return oneTimeTokens.textsOf(token).link;
  };

  return {
    /** The token of a first start; `undefined` = there is an administrator. */
    setUp: (): Promise<string | undefined> =>
      transaction(async (tx) =>
        (await users.hasAdministrator(tx)) ? undefined : link(tx, 'admin_setup', ''),
      ),

    /**
     * @returns the token that makes the owner of this address an administrator; `invalid` = not an
     *   address
     */
    async invite(email: string, by: Origin): Promise<string | 'invalid'> {
      const address = parseEmail(email);
      if (!address) return 'invalid';
      const known = await users.findByEmail(email);
      return transaction(async (tx) => {
        await audit.record(tx, { event: 'admin.invite', userId: known?.id, by });
        return link(tx, 'admin_invite', address.canonical);
      });
    },

    /**
     * Makes the account an administrator and logs it in. An account that exists must prove its
     * password; a new account gets this password.
     *
     * @throws {Refusal} `invalid_fields`, and of an account that exists, or has to set up a second
     *   factor, what a login throws
     */
    async accept(
      { token: text, email, password, code, deviceToken }: Acceptance,
      request: Pick<RequestView, 'device' | 'requester'>,
      { administrators }: Accepting,
    ): Promise<AdminLogin> {
      const token =
        (await oneTimeTokens.byLink(text, NO_ACCOUNT, 'admin_invite')) ??
        (await oneTimeTokens.byLink(text, NO_ACCOUNT, 'admin_setup'));
      if (!token || token.usedAt !== undefined) throw invalidInvitation();
      const address = addressOf(token, email);
      const admit = async (tx: Tx, user: User, by: Origin) => {
        if (token.purpose === 'admin_setup' && (await users.hasAdministrator(tx)))
          throw invalidInvitation();
        if (!(await oneTimeTokens.spend(tx, token))) throw invalidInvitation();
        await users.grantAdmin(tx, user.id, by);
      };
      if (await users.findByEmail(address))
        return administrators.logIn(
          { email: address, password, code, deviceToken },
          request,
          admit,
        );
      let login: AdminLogin | undefined;
      const registered = await users.register(address, password, request.device(), {
        requester: request.requester(),
        admit: (account) => administrators.admitNew(account, request),
        async within(tx, user, by) {
          await admit(tx, user, by);
          if (!administrators.isFactorDue(user)) login = await administrators.open(tx, user, by);
        },
      });
      if (!registered.ok) throw invalidFields(registered.faults);
      // Refused with a challenge: the factor must be set up first.
      return login ?? administrators.logIn({ email: address, password }, request);
    },
  };
}

function addressOf(token: StoredToken, email: string | undefined): string {
  if (token.purpose === 'admin_invite') return token.address;
  if (email === undefined) throw invalidFields({ email: [REQUIRED] });
  if (!parseEmail(email)) throw invalidFields({ email: [EMAIL_INVALID] });
  return email;
}
