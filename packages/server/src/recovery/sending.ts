/**
 * Sends the mails of the outbox, from its rows, the accounts and tokens that they name, the templates and
 * a transport. Runs beside requests (feature.ts) or in a thread of its own (mail-worker.ts).
 */
import type { Logger } from 'pino';
import type { Clock, Timers } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { DEVELOPMENT_FROM, developmentUrl } from '../config/mail-settings.ts';
import type { Database } from '../database/database.ts';
import { logFault } from '../database/faults.ts';
import type { Transport } from '../mail/transport.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import { createDelivery, type MailObserver } from '../outbox/delivery.ts';
import type { Sender } from '../outbox/rounds.ts';
import type { OutboxStore } from '../outbox/store.ts';
import type { Lookup } from '../users/lookup.ts';
import type { LinkTemplates } from './links.ts';
import { createMails } from './mails.ts';

/** The settings that mails need. */
export type MailConfig = Pick<
  Config,
  | 'port'
  | 'publicUrl'
  | 'mailFrom'
  | 'resetUrl'
  | 'activationUrl'
  | 'emailChangeUrl'
  | 'emailUndoUrl'
>;

/** The port that the service listens on; `undefined` before it listens. */
export type Port = () => number | undefined;

type Deps = {
  readonly config: MailConfig;
  readonly database: Database;
  readonly clock: Clock;
  readonly timers?: Timers | undefined;
  readonly logger: Logger;
  readonly observer?: MailObserver | undefined;
};
type Uses = {
  readonly users: Lookup;
  readonly outboxStore: OutboxStore;
  readonly oneTimeTokens: OneTimeTokens;
  readonly transport: Transport;
  readonly port: Port;
};

export function createSending(deps: Deps, uses: Uses): Sender {
  const { config, clock, timers, logger, observer } = deps;
  const { transaction } = deps.database;
  const { users, outboxStore, oneTimeTokens, transport } = uses;
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
    transaction,
    clock,
    timers,
    render,
    send: transport.send,
    onSent: observer?.sent,
    onFailure: ({ id, template, attempts }, error, isGivenUp) => {
      observer?.failed();
      logger.warn(
        { mail: id, template, attempts, error },
        isGivenUp
          ? 'a mail was given up; see "gatepass mail list"'
          : 'a mail was not sent; trying again',
      );
    },
    onError: (error) => logFault(logger, error, 'the outbox cannot be read; trying again'),
  });
  return {
    deliverDue: delivery.deliverDue,
    async stop() {
      await delivery.stop();
      transport.close();
    },
  };
}

function linksOf(config: MailConfig, port: Port): LinkTemplates {
  const base = config.publicUrl || developmentUrl(config.port || port());
  const page = (name: string) => `${base}/account/${name}#uid={uid}&token={token}`;
  return {
    reset: config.resetUrl || page('reset'),
    activation: config.activationUrl || page('activate'),
    email_change: config.emailChangeUrl || page('email'),
    email_undo: config.emailUndoUrl || page('undo'),
  };
}
