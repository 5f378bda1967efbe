import type { Logger } from 'pino';
import type { Audit } from '../audit/audit.ts';
import type { Clock, Timers } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { isInMemory } from '../config/database-url.ts';
import type { MailUrl } from '../config/mail-url.ts';
import type { Database } from '../database/database.ts';
import { logFault } from '../database/faults.ts';
import { Refusal } from '../errors.ts';
import { createTransport } from '../mail/transport.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { MailObserver } from '../outbox/delivery.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { createRounds, type Sender } from '../outbox/rounds.ts';
import type { OutboxStore } from '../outbox/store.ts';
import type { Part } from '../part.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { Mailbox } from '../users/mailbox.ts';
import type { Proving } from '../users/register.ts';
import type { Users } from '../users/users.ts';
import { createAddressChange } from './change-address.ts';
import type { CreateMailThread } from './mail-thread.ts';
import { createFindPresented, type FindPresented } from './presented.ts';
import { createActivation } from './prove-address.ts';
import type { CountMail } from './reader.ts';
import { createPasswordRecovery } from './recover-password.ts';
import { NO_MAIL } from './refusals.ts';
import { createResetLinks } from './reset-links.ts';
import { createResets, type Resets } from './resets.ts';
import { createSending, type Port } from './sending.ts';

export type Recovery = ReturnType<typeof createRecovery>['recovery'];

/** The services that the actions use. */
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
  /** Makes the thread that sends over SMTP. Absent: this thread sends. */
  readonly createMailThread?: CreateMailThread | undefined;
};
type Uses = {
  readonly users: Users;
  readonly mailbox: Mailbox;
  readonly outbox: Outbox;
  readonly outboxStore: OutboxStore;
  readonly oneTimeTokens: OneTimeTokens;
  readonly sender: Sender;
  readonly countMail: CountMail;
  readonly find: FindPresented;
  readonly admitAgain: Throttle['again'];
};

/** The flows that need mail, and the delivery that runs beside requests. */
function createRecovery(deps: Deps, uses: Uses) {
  const { config, clock, logger, timers } = deps;
  const { users, mailbox, outbox, outboxStore, sender, countMail, oneTimeTokens, find } = uses;
  const { transaction } = deps.database;
  const tellsOfChange = config.mailNotices.includes('email_changed');
  const flow = { users, mailbox, oneTimeTokens, outbox, find, countMail, transaction, clock };
  const activation = createActivation(flow);
  const proving: Proving = {
    within: activation.welcome,
    replacesUnverified: config.emailVerification === 'required',
    admitMail: uses.admitAgain,
    committed: outbox.wake,
  };
  const rounds = createRounds({
    ...{ store: outboxStore, outbox, sender, clock, timers },
    onError: (error, failures) =>
      logFault(logger.child({ failures }), error, 'queued mail cannot be sent now; trying again'),
    onWorks: (failures) => logger.info({ failures }, 'queued mail is sent again'),
  });
  const part: Part = { background: [rounds] };
  return {
    recovery: {
      passwords: createPasswordRecovery(flow),
      activation,
      addresses: createAddressChange({ ...flow, tellsOfChange }),
    },
    proving: config.emailVerification === 'off' ? undefined : proving,
    part,
  };
}

/**
 * Recovery over the configured mail server. Without one every use of recovery is refused, and
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
  const { recovery, proving, part } = createRecovery(deps, {
    ...services,
    oneTimeTokens,
    sender: await createSender(deps, smtpUrl, { ...services, oneTimeTokens, port }),
    countMail: throttle.mail,
    find,
    admitAgain: throttle.again,
  });
  return { recovery: () => recovery, resets, resetLinks: undefined, proving, part } as const;
}

/** SMTP mail leaves from a thread of its own, if there is one and it can open the database. */
async function createSender(
  deps: Deps,
  url: MailUrl,
  uses: Pick<Uses, 'users' | 'outboxStore' | 'oneTimeTokens'> & { readonly port: Port },
): Promise<Sender> {
  const { config, logger, createMailThread } = deps;
  const observer = deps.metrics?.mail;
  const { keys } = uses.oneTimeTokens;
  if (createMailThread && url.kind === 'smtp' && !isInMemory(config.databaseUrl))
    return createMailThread({ config, logger, observer, keys });
  const transport = await createTransport(url, (text) => logger.info(text));
  return createSending({ ...deps, observer }, { ...uses, transport });
}
