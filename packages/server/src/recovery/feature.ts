import type { Logger } from 'pino';
import type { Audit } from '../audit/audit.ts';
import type { Clock, Timers } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { DEVELOPMENT_FROM, developmentUrl } from '../config/mail-settings.ts';
import type { Database } from '../database/database.ts';
import { logFault } from '../database/faults.ts';
import { Refusal } from '../errors.ts';
import { createTransport, type Transport } from '../mail/transport.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import { createDelivery, type MailObserver } from '../outbox/delivery.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { OutboxStore } from '../outbox/store.ts';
import type { Part } from '../part.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { Mailbox } from '../users/mailbox.ts';
import type { Proving } from '../users/register.ts';
import type { Users } from '../users/users.ts';
import { createAddressChange } from './change-address.ts';
import type { LinkTemplates } from './links.ts';
import { createMails } from './mails.ts';
import { createFindPresented, type FindPresented } from './presented.ts';
import { createActivation } from './prove-address.ts';
import type { CountMail } from './reader.ts';
import { createPasswordRecovery } from './recover-password.ts';
import { NO_MAIL } from './refusals.ts';
import { createResetLinks } from './reset-links.ts';
import { createResets, type Resets } from './resets.ts';

export type Recovery = ReturnType<typeof createRecovery>['recovery'];

/** What the actions are given. */
export type Recovering = {
  /** @throws {Refusal} `no_mail` where no mail is set up */
  readonly recovery: () => Recovery;
  readonly resets: Resets;
};

type Deps = {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timers?: Timers | undefined;
  readonly metrics?: { readonly mail: MailObserver } | undefined;
};
type Uses = {
  readonly users: Users;
  readonly mailbox: Mailbox;
  readonly outbox: Outbox;
  readonly outboxStore: OutboxStore;
  readonly oneTimeTokens: OneTimeTokens;
  readonly transport: Transport;
  readonly countMail: CountMail;
  readonly find: FindPresented;
  readonly admitAgain: Throttle['again'];
  readonly port: Port;
};

/** The port the service listens on; `undefined` before it does. */
type Port = () => number | undefined;

/** Everything that mail makes possible, and the delivery that runs beside requests. */
function createRecovery(deps: Deps, uses: Uses) {
  const { config, database, clock, logger } = deps;
  const { users, mailbox, outbox, outboxStore, transport, countMail, oneTimeTokens } = uses;
  const { find } = uses;
  const { transaction } = database;
  const render = createMails({
    users,
    oneTimeTokens,
    outboxStore,
    transaction,
    from: config.mailFrom ?? DEVELOPMENT_FROM,
    links: () => linksOf(config, uses.port),
  });
  const delivery = createDelivery({
    store: outboxStore,
    outbox,
    transaction,
    clock,
    timers: deps.timers,
    render,
    send: transport.send,
    onSent: deps.metrics?.mail.sent,
    onFailure: ({ id, template, attempts }, error, isGivenUp) => {
      deps.metrics?.mail.failed();
      logger.warn(
        { mail: id, template, attempts, error },
        isGivenUp
          ? 'a mail was given up; see "gatepass mail list"'
          : 'a mail was not sent; trying again',
      );
    },
    onError: (error) => logFault(logger, error, 'the outbox cannot be read; trying again'),
  });
  const tellsOfChange = config.mailNotices.includes('email_changed');
  const flow = { users, mailbox, oneTimeTokens, outbox, find, countMail, transaction, clock };
  const activation = createActivation(flow);
  const proving: Proving = {
    within: activation.welcome,
    replacesUnverified: config.emailVerification === 'required',
    admitMail: uses.admitAgain,
    committed: outbox.wake,
  };
  const part: Part = {
    background: [delivery, { start() {}, stop: () => transport.close() }],
  };
  return {
    recovery: {
      passwords: createPasswordRecovery(flow),
      activation,
      addresses: createAddressChange({ ...flow, tellsOfChange }),
    },
    proving: config.emailVerification === 'off' ? undefined : proving,
    delivery,
    part,
  };
}

function linksOf(config: Config, port: Port): LinkTemplates {
  const base = config.publicUrl || developmentUrl(config.port || port());
  const page = (name: string) => `${base}/account/${name}#uid={uid}&token={token}`;
  return {
    reset: config.resetUrl || page('reset'),
    activation: config.activationUrl || page('activate'),
    email_change: config.emailChangeUrl || page('email'),
    email_undo: config.emailUndoUrl || page('undo'),
  };
}

/**
 * Recovery over the configured mail server. Where there is none, every use of it is refused, and
 * administrators hand links over.
 */
export async function startMail(
  deps: Deps,
  services: Pick<Uses, 'users' | 'mailbox' | 'outbox' | 'outboxStore'> & {
    readonly throttle: Throttle;
    readonly audit: Audit;
  },
  oneTimeTokens: OneTimeTokens,
  port: Port,
) {
  const { config } = deps;
  const { smtpUrl } = config;
  const { throttle, audit } = services;
  const find = createFindPresented({ ...services, oneTimeTokens, countCode: throttle.code });
  const resets = createResets({ ...services, oneTimeTokens, find });
  if (smtpUrl === 'off') {
    const recovery = (): Recovery => {
      throw new Refusal(NO_MAIL);
    };
    const resetLinks = createResetLinks({ config, oneTimeTokens, audit });
    return { recovery, resets, resetLinks, proving: undefined, part: {} } as const;
  }
  const { logger } = deps;
  if (smtpUrl.kind === 'log')
    logger.warn(
      'GATEPASS_SMTP_URL=log: writes mails with live tokens to the log; for development only',
    );
  const transport = await createTransport(smtpUrl, (text) => logger.info(text));
  const { recovery, proving, part } = createRecovery(deps, {
    ...services,
    oneTimeTokens,
    transport,
    countMail: throttle.mail,
    find,
    admitAgain: throttle.again,
    port,
  });
  return { recovery: () => recovery, resets, resetLinks: undefined, proving, part } as const;
}
