/** Turns paragraphs into a plain text and a small HTML mail that says the same. Pure. */
import type { Language } from '../language.ts';
import type { Content } from './message.ts';

type Paragraph =
  | string
  /** A button; in plain text, the URL on a line of its own. */
  | { readonly link: string; readonly label: string }
  | { readonly code: string };

export type Letter = {
  readonly subject: string;
  readonly paragraphs: readonly Paragraph[];
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (each) => ENTITIES[each] ?? '');

// Inline styles only, because mail programs drop style sheets. Nothing is fetched, not even an image.
const STYLES = {
  body: 'margin:0;padding:24px;background:#f4f5f7;color:#1d2330;font:16px/1.5 -apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif',
  card: 'max-width:520px;margin:0 auto;padding:28px;background:#ffffff;border-radius:10px',
  paragraph: 'margin:0 0 16px;overflow-wrap:anywhere',
  button:
    'display:inline-block;padding:12px 20px;background:#1f4fd8;color:#ffffff;border-radius:8px;text-decoration:none;font-weight:600',
  code: 'margin:0 0 16px;font:600 26px/1.3 ui-monospace,Menlo,Consolas,monospace;letter-spacing:4px',
} as const;

const asText = (paragraph: Paragraph): string => {
  if (typeof paragraph === 'string') return paragraph;
  return 'link' in paragraph ? `${paragraph.label}:\n${paragraph.link}` : `    ${paragraph.code}`;
};

const asHtml = (paragraph: Paragraph): string => {
  if (typeof paragraph === 'string')
    return `<p style="${STYLES.paragraph}">${escapeHtml(paragraph)}</p>`;
  if ('code' in paragraph) return `<p style="${STYLES.code}">${escapeHtml(paragraph.code)}</p>`;
  const { link, label } = paragraph;
  return `<p style="${STYLES.paragraph}"><a href="${escapeHtml(link)}" style="${STYLES.button}">${escapeHtml(label)}</a></p>`;
};

export function layOut(letter: Letter, language: Language): Content {
  const { subject, paragraphs } = letter;
  return {
    subject,
    text: `${paragraphs.map(asText).join('\n\n')}\n`,
    html: [
      `<!doctype html><html lang="${language}"><head><meta charset="utf-8">`,
      '<meta name="viewport" content="width=device-width,initial-scale=1">',
      `<meta name="color-scheme" content="light"><title>${escapeHtml(subject)}</title></head>`,
      `<body style="${STYLES.body}"><div style="${STYLES.card}">`,
      ...paragraphs.map(asHtml),
      '</div></body></html>\n',
    ].join('\n'),
  };
}
