/** A mail as bytes: the same row makes the same bytes each time. */

/** The output of a template. */
export type Content = {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
};

export type Message = {
  /** One address, which our own parser has accepted. */
  readonly to: string;
  readonly from: string;
  readonly id: string;
  /** The plain text part, for the log. */
  readonly text: string;
  readonly raw: Buffer;
};

type Envelope = {
  /** `Name <address>` or an address. */
  readonly from: MailAddress;
  readonly to: string;
  /** Epoch milliseconds of its cause. */
  readonly date: number;
  /** Unique to the mail; the part of the Message-ID before the `@`. */
  readonly id: string;
};

export type MailAddress = { readonly name: string; readonly address: string };

/**
 * Composes a mail with text and HTML parts. Boundaries, date and Message-ID come from the row, so
 * that a repeat after a crash is the same mail (RFC 5322 §3.6.4).
 */
export async function compose(content: Content, envelope: Envelope): Promise<Message> {
  const { from, to, date, id } = envelope;
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  // Loaded for the first mail: it is a quarter of a megabyte, and many services send none.
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const node = new MailComposer({
    from,
    to: { name: '', address: to },
    date: new Date(date),
    messageId: `<${id}@${domain}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...content,
    // A template reads no file and no URL.
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  node.baseBoundary = id;
  return { from: from.address, to, id, text: content.text, raw: await node.build() };
}
