/** Links that set a password, for services without mail: shown once, and handed over by an operator. */
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Config } from '../config/config.ts';
import type { Tx } from '../database/database.ts';
import { Refusal } from '../errors.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { User } from '../users/user.ts';
import { linkOf } from './links.ts';
import { NO_PUBLIC_URL } from './refusals.ts';

export type ResetLinks = ReturnType<typeof createResetLinks>;

export type ResetLink = {
  readonly link: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
};

type Deps = {
  readonly config: Pick<Config, 'publicUrl' | 'resetUrl'>;
  readonly oneTimeTokens: OneTimeTokens;
  readonly audit: Audit;
};

export function createResetLinks({ config, oneTimeTokens, audit }: Deps) {
  const { publicUrl, resetUrl } = config;
  const ownPage = publicUrl && `${publicUrl}/account/reset#uid={uid}&token={token}`;
  return {
    /**
     * Makes a link, which replaces all earlier ones of the account, and audits it.
     *
     * @throws {Refusal} `no_public_url`
     */
    async issue(tx: Tx, user: User, by: Origin): Promise<ResetLink> {
      const template = resetUrl || ownPage;
      if (template === '') throw new Refusal(NO_PUBLIC_URL);
      await audit.record(tx, { event: 'user.reset_link', userId: user.id, by });
      const token = await oneTimeTokens.issue(tx, user.id, 'reset_link', user.canonicalEmail);
      const { link } = oneTimeTokens.textsOf(token);
      return { link: linkOf(template, user.publicId, link), expiresAt: token.expiresAt };
    },
  };
}
