/** The URLs that mails carry. They never come from a request: the Host header names nothing here. Pure. */
import { type PublicId, readPublicId } from '../config/public-id.ts';
import type { Purpose } from '../one-time-tokens/purpose.ts';

/** By purpose: a URL with `{uid}` and `{token}`. */
export type LinkTemplates = Readonly<Partial<Record<Purpose, string>>>;

/** The user's id as djoser and Django write it: base64url of its text. */
const uidOf = (id: PublicId): string => Buffer.from(String(id)).toString('base64url');

/** @returns `undefined` for what is no uid of ours, another spelling of one included */
export function readUid(uid: string): PublicId | undefined {
  const id = readPublicId(Buffer.from(uid, 'base64url').toString('latin1'));
  return id !== undefined && uidOf(id) === uid ? id : undefined;
}

export const linkOf = (template: string, id: PublicId, token: string): string =>
  template.replaceAll('{uid}', uidOf(id)).replaceAll('{token}', token);
