/** Sends one mail at once, without the outbox, to see whether the mail server accepts it. */
import { DEVELOPMENT_FROM } from '../config/mail-settings.ts';
import type { MailUrl } from '../config/mail-url.ts';
import { layOut } from './layout.ts';
import { compose, type MailAddress } from './message.ts';
import { templates } from './templates.ts';
import { createTransport } from './transport.ts';

const NO_FACTS = { network: '', link: '', code: '', newAddress: '', count: 0 };

type Sender = {
  readonly url: MailUrl;
  readonly from: MailAddress | undefined;
  /** Where `log:` writes. */
  readonly print: (text: string) => void;
};

/** @returns why the mail was not sent; `undefined` = the server has accepted it */
export async function sendTestMail(
  { url, from, print }: Sender,
  to: string,
  now: number,
): Promise<string | undefined> {
  const letter = templates.test({ ...NO_FACTS, account: to, time: new Date(now).toISOString() });
  const message = await compose(layOut(letter.en, 'en'), {
    from: from ?? DEVELOPMENT_FROM,
    to,
    date: now,
    id: `gatepass.test.${now.toString(36)}`,
  });
  const transport = await createTransport(url, print);
  try {
    await transport.send(message);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    transport.close();
  }
}
