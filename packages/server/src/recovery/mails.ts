/**
 * Makes a mail from a row of the outbox, with the same bytes each time. For a request by address, this
 * is the first step that depends on whether an account has the address.
 */
import type { Transaction, Tx } from '../database/database.ts';
import { layOut } from '../mail/layout.ts';
import { compose, type MailAddress, type Message } from '../mail/message.ts';
import { isTemplate, type TemplateName, templates } from '../mail/templates.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { StoredToken } from '../one-time-tokens/store.ts';
import type { OutboxStore, QueuedMail } from '../outbox/store.ts';
import type { Lookup } from '../users/lookup.ts';
import { type LinkTemplates, linkOf } from './links.ts';

type Deps = {
  readonly users: Lookup;
  readonly oneTimeTokens: OneTimeTokens;
  readonly outboxStore: OutboxStore;
  readonly transaction: Transaction;
  readonly from: MailAddress;
  readonly links: () => LinkTemplates;
};

/** A row whose account and token are known. */
type Addressed = {
  readonly recipient: string;
  readonly account: string;
  readonly template: TemplateName;
  readonly token?: StoredToken | undefined;
};

export function createMails(deps: Deps) {
  const { users, oneTimeTokens, outboxStore, transaction, from, links } = deps;

  /** Stores the token of a mail, so that a repeat is the same mail. */
  async function note(tx: Tx, mail: QueuedMail, recipient: string, token: StoredToken) {
    const to = { recipient, userId: token.userId, tokenId: token.id };
    if (!(await outboxStore.resolve(tx, mail, to)))
      throw new Error('another process is sending this mail');
  }

  /** Issues another token for a mail that waited for the mail server longer than its token lived. */
  const renew = (mail: QueuedMail, tokenId: number) =>
    transaction(async (tx) => {
      const token = await oneTimeTokens.renew(tx, tokenId);
      if (token) await note(tx, mail, mail.recipient, token);
      return token;
    });

  /** The account of a mail that was requested by address alone. */
  async function findAccount(mail: QueuedMail, purpose: 'reset' | 'activation') {
    const user = await users.findByEmail(mail.recipient);
    // A disabled account gets no mail, not even for an unverified address.
    if (!user?.isActive) return undefined;
    if (purpose === 'activation' && user.emailVerifiedAt !== undefined) return undefined;
    const token = await transaction(async (tx) => {
      const issued = await oneTimeTokens.issue(tx, user.id, purpose, user.canonicalEmail);
      await note(tx, mail, user.email, issued);
      return issued;
    });
    return { recipient: user.email, account: user.email, template: purpose, token };
  }

  /** The account that a login named. */
  const findNamed = async (name: string) =>
    (await users.findByEmail(name)) ?? (await users.findByUsername(name));

  async function address(mail: QueuedMail, template: TemplateName): Promise<Addressed | undefined> {
    const { recipient, params, tokenId, userId } = mail;
    const account = String(params['account'] ?? recipient);
    if (tokenId === undefined) {
      if (template === 'reset' || template === 'activation') return findAccount(mail, template);
      const owner =
        userId === undefined ? await findNamed(recipient) : await users.findById(userId);
      if (!owner?.isActive) return undefined;
      const to = userId === undefined ? owner.email : recipient;
      return { recipient: to, account: userId === undefined ? to : account, template };
    }
    const owner = template === 'email_change' ? await users.findByEmail(recipient) : undefined;
    if (owner && owner.id !== userId)
      // The owner gets the notice even if another request has superseded this one.
      return owner.isActive
        ? { recipient, account: recipient, template: 'address_taken' }
        : undefined;
    const token = (await oneTimeTokens.findLive(tokenId)) ?? (await renew(mail, tokenId));
    return token && { recipient, account, template, token };
  }

  /**
   * @returns a function that composes the message; `undefined` when no account wants the mail, or its
   *   token is spent or superseded
   */
  return async function render(mail: QueuedMail): Promise<(() => Promise<Message>) | undefined> {
    // Queued by a process of a newer version, which runs beside this one and will send it.
    if (!isTemplate(mail.template)) throw new Error(`no template ${mail.template}`);
    const addressed = await address(mail, mail.template);
    if (!addressed) return undefined;
    const { token, account, recipient, template } = addressed;
    const texts = token && oneTimeTokens.textsOf(token);
    const owner = token && (await users.findById(token.userId));
    const id = messageIdOf(mail, token);
    const facts = {
      account,
      time: timeText(mail.createdAt),
      network: String(mail.params['network'] || '-'),
      newAddress: String(mail.params['new_address'] ?? ''),
      count: Number(mail.params['count'] ?? 0),
      link:
        token && texts && owner
          ? linkOf(links()[token.purpose] ?? '', owner.publicId, texts.link)
          : '',
      code: texts?.code ?? '',
    };
    return () => {
      const content = layOut(templates[template](facts)[mail.language], mail.language);
      return compose(content, { from, to: recipient, date: mail.createdAt, id });
    };
  };
}

/** Made from the row and its token, because a mail with another token is another mail. */
const messageIdOf = ({ id, createdAt }: QueuedMail, token?: StoredToken) =>
  ['gatepass', createdAt.toString(36), id, ...(token ? [token.id] : [])].join('.');

const timeText = (epochMs: number) =>
  `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
