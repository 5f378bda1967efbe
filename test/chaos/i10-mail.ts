/** I10: no acknowledged mail is lost and repeats are identical; two nodes die around SMTP's 250. */
import { setTimeout as sleep } from 'node:timers/promises';
import { simpleParser } from 'mailparser';
import { openDatabase } from '../../packages/server/src/database/open.ts';
import { type Received, startSmtp } from '../../packages/server/test/mail/support/smtp.ts';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import { createEnding } from './support/ending.ts';
import type { Experiment, Options } from './support/experiment.ts';
import { ask, type Server, withLab } from './support/lab.ts';

const CLIENTS = 4;
const SHORT = { clients: 2, kills: 2, copies: 1, lossyKills: 3 };
/** Of an experiment of the default 20 seconds. */
const KILLS_A_SECOND = 2.5;
const SETTLE_MS = 60_000;
const NO_SERVER = { url: '' };

type Node = { server: Server | undefined; readonly smtpUrl: string };

const experiment = (id: 'I10' | 'I10b', invariant: string, plantedBug: string): Experiment => ({
  id,
  invariant,
  plantedBug,
  run: (options) => run(options.planted ? id : undefined, options),
});

export const mail = experiment(
  'I10',
  'no acknowledged mail is lost, none is sent for what is not there, and copies have the same bytes',
  'the row goes when it is leased',
);
export const copies: Experiment = {
  ...experiment(
    'I10b',
    'a mail that a killed node has sent already comes again with the same bytes',
    'a mail says when it is sent',
  ),
  asItIs: 'I10',
};

const run = (plant: 'I10' | 'I10b' | undefined, options: Options) =>
  withLab(async (lab) => {
    const { seconds, seed, isShort } = options;
    const random = createRandom(seed);
    const violations: string[] = [];
    const received: Received[] = [];
    const cleanUps: (() => unknown)[] = [];
    const nodes: Node[] = [];
    const start = (smtpUrl: string) =>
      lab.start(plant, {
        GATEPASS_SMTP_URL: smtpUrl,
        GATEPASS_PUBLIC_URL: 'https://id.example.com',
        GATEPASS_MAIL_FROM: 'no-reply@example.com',
        GATEPASS_EMAIL_VERIFICATION: 'required',
      });
    let isKilling = false;
    let dying: Node | undefined;
    let kills = 0;
    // By what they are for, not by what they say of themselves: one request a template and account.
    const first = new Map<string, Buffer>();
    let repeats = 0;
    const compare = ({ raw, to: [to = ''] }: Received) => {
      const [, subject = ''] = /^Subject: (.*)/im.exec(raw.toString('latin1')) ?? [];
      const key = `${subject.trim()} ${to}`;
      const before = first.get(key);
      if (!before) first.set(key, raw);
      else if (!before.equals(raw)) violations.push(`two copies of "${key}" differ`);
      else repeats++;
    };

    // Each node has a mail server of its own, which shows which node is sending.
    for (let i = 0; i < 2; i++) {
      const smtp = await startSmtp(
        { after: (work) => cleanUps.push(work) },
        {
          onReceived(mail) {
            received.push(mail);
            compare(mail);
            if (!isKilling || dying || random() > 0.3) return;
            dying = nodes[i];
            // Half of them never read the 250; the others die somewhere around the commit.
            if (random() < 0.5) dying?.server?.signal('SIGSTOP');
          },
          onAccepted() {
            if (dying === nodes[i]) dying?.server?.signal('SIGKILL');
          },
        },
      );
      nodes.push({ server: undefined, smtpUrl: smtp.url });
    }
    for (const node of nodes) node.server = await start(node.smtpUrl);
    const database = openDatabase(lab.databaseUrl);
    cleanUps.push(() => database.close());
    /** Ends the leases of dead nodes, as a minute would. */
    const endLeases = () =>
      database.transaction(({ db }) =>
        db
          .updateTable('outbox')
          .set({ due_at: 0 })
          .where('failed_at', 'is', null)
          .where('attempts', '>', 0)
          .execute(),
      );

    const registered: string[] = [];
    const asked: string[] = [];
    // Lost mails are found afterwards, copies when they come.
    const hasDoneEnough = () =>
      plant ? kills >= SHORT.lossyKills : kills >= SHORT.kills && repeats >= SHORT.copies;
    const found = plant === 'I10b' ? violations : undefined;
    const isEnough = createEnding(options, hasDoneEnough, found);
    const enough = isShort || plant ? 0 : Math.ceil(seconds * KILLS_A_SECOND);
    const isOver = () => isEnough() && kills >= enough;
    let sent = 0;
    const client = async () => {
      while (!isOver()) {
        const email = `user${sent++}@example.com`;
        const at = () => nodes[Math.floor(random() * 2)]?.server ?? NO_SERVER;
        const body = { email, password: PASSWORD };
        if ((await ask(at(), '/api/users', { body }))?.status === 201) registered.push(email);
        else await sleep(50);
        if ((await ask(at(), '/api/users/reset_password', { body: { email } }))?.status === 204)
          asked.push(email);
      }
    };
    const killing = async () => {
      isKilling = true;
      while (!isOver()) {
        if (dying) {
          const node = dying;
          await node.server?.kill();
          node.server = await start(node.smtpUrl);
          kills++;
          dying = undefined;
          await endLeases();
        }
        await sleep(10);
      }
      isKilling = false;
    };
    await Promise.all([
      killing(),
      ...Array.from({ length: isShort ? SHORT.clients : CLIENTS }, client),
    ]);
    if (dying) {
      await dying.server?.kill();
      dying.server = await start(dying.smtpUrl);
    }
    const end = performance.now() + SETTLE_MS;
    for (let left = 1; left > 0; ) {
      await endLeases();
      await sleep(200);
      left = (await database.db.selectFrom('outbox').select('id').execute()).length;
      if (performance.now() > end) {
        violations.push(`${left} mails never left`);
        break;
      }
    }

    const mails = await Promise.all(
      received.map(async ({ raw, to: [to = ''] }) => {
        const { subject = '' } = await simpleParser(raw);
        return { to, subject };
      }),
    );
    const arrived = (word: RegExp) =>
      new Set(mails.filter(({ subject }) => word.test(subject)).map(({ to }) => to));
    const [activations, resets] = [arrived(/Confirm/), arrived(/Reset/)];
    for (const email of registered)
      if (!activations.has(email)) violations.push(`${email} was registered and got no mail`);
    const accounts = await database.db.selectFrom('users').select('email').execute();
    const known = new Set(accounts.map(({ email }) => email));
    for (const email of asked)
      if (known.has(email) && !resets.has(email))
        violations.push(`the reset of ${email} was answered and got no mail`);
    for (const { to } of mails)
      if (!known.has(to)) violations.push(`${to} got a mail and has no account`);
    for (const work of cleanUps) await work();
    const figures = { registered: registered.length, resets: asked.length, kills, copies: repeats };
    return { figures, violations };
  });
