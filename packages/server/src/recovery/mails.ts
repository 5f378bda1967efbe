/**
 * A row of the outbox → the mail that it becomes, the same bytes each time. Here a request for an
 * address becomes a mail to an account, or none: until now nothing depended on whether it exists.
 */
import type { Transaction } from '../database/database.ts';
import { layOut } from '../mail/layout.ts';
import { compose, type MailAddress, type Message } from '../mail/message.ts';
import { isTemplate, templates } from '../mail/templates.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { StoredToken } from '../one-time-tokens/store.ts';
import type { OutboxStore, QueuedMail } from '../outbox/store.ts';
import type { Users } from '../users/users.ts';
import { type LinkTemplates, linkOf } from './links.ts';

type Deps = {
  readonly users: Users;
  readonly oneTimeTokens: OneTimeTokens;
  readonly outboxStore: OutboxStore;
  readonly transaction: Transaction;
  readonly from: MailAddress;
  readonly links: LinkTemplates;
};

/** A row whose account and token are known. */
type Addressed = {
  readonly recipient: string;
  readonly account: string;
  readonly template: string;
  readonly token?: StoredToken | undefined;
};

export function createMails(deps: Deps) {
  const { users, oneTimeTokens, outboxStore, transaction, from, links } = deps;

  /** Of mails that were asked for by address alone. */
  async function findAccount(mail: QueuedMail, purpose: 'reset' | 'activation') {
    const user = await users.findByEmail(mail.recipient);
    // A disabled account is not an unverified one: it gets no mail.
    if (!user?.isActive) return undefined;
    if (purpose === 'activation' && user.emailVerifiedAt !== undefined) return undefined;
    const token = await transaction(async (tx) => {
      const issued = await oneTimeTokens.issue(tx, user.id, purpose, user.canonicalEmail);
      const to = { recipient: user.email, userId: user.id, tokenId: issued.id };
      await outboxStore.resolve(tx, mail.id, to);
      return issued;
    });
    return { recipient: user.email, account: user.email, template: mail.template, token };
  }

  async function address(mail: QueuedMail): Promise<Addressed | undefined> {
    const { template, recipient, params, tokenId } = mail;
    const account = String(params['account'] ?? recipient);
    if (tokenId === undefined) {
      if (template === 'reset' || template === 'activation') return findAccount(mail, template);
      return { recipient, account, template };
    }
    const token = await oneTimeTokens.findLive(tokenId);
    if (!token) return undefined;
    if (template === 'email_change' && (await users.findByEmail(recipient)))
      return { recipient, account: recipient, template: 'address_taken' };
    return { recipient, account, template, token };
  }

  /** @returns `undefined` when no account wants the mail, or its token is spent or superseded */
  return async function render(mail: QueuedMail): Promise<Message | undefined> {
    const addressed = await address(mail);
    if (!addressed || !isTemplate(addressed.template)) return undefined;
    const { token, account, recipient, template } = addressed;
    const texts = token && oneTimeTokens.textsOf(token);
    const owner = token && (await users.findById(token.userId));
    const letters = templates[template]({
      account,
      time: timeText(mail.createdAt),
      network: String(mail.params['network'] || '-'),
      newAddress: String(mail.params['new_address'] ?? ''),
      count: Number(mail.params['count'] ?? 0),
      link: token && texts && owner ? linkOf(links[token.purpose], owner.publicId, texts.link) : '',
      code: texts?.code ?? '',
    });
    const content = layOut(letters[mail.language], mail.language);
    return compose(content, { from, to: recipient, date: mail.createdAt, id: messageIdOf(mail) });
  };
}

const messageIdOf = ({ id, createdAt }: QueuedMail) => `gatepass.${createdAt.toString(36)}.${id}`;

const timeText = (epochMs: number) =>
  `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
