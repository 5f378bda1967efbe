/** The URLs in mails. They never come from a request, so a forged Host header has no effect. Pure. */
import { type PublicId, readPublicId } from '../config/public-id.ts';
import type { Purpose } from '../one-time-tokens/purpose.ts';

/** A URL with `{uid}` and `{token}` for each purpose. */
export type LinkTemplates = Readonly<Partial<Record<Purpose, string>>>;

/** The user's id in the form of djoser and Django: base64url of its text. */
const uidOf = (id: PublicId): string => Buffer.from(String(id)).toString('base64url');

/** @returns `undefined` when the text is not a uid of ours, or is another spelling of one */
export function readUid(uid: string): PublicId | undefined {
  const id = readPublicId(Buffer.from(uid, 'base64url').toString('latin1'));
  return id !== undefined && uidOf(id) === uid ? id : undefined;
}

export const linkOf = (template: string, id: PublicId, token: string): string =>
  template.replaceAll('{uid}', uidOf(id)).replaceAll('{token}', token);
