/** The URLs that mails carry. They never come from a request: the Host header names nothing here. Pure. */
import type { Purpose } from '../one-time-tokens/purpose.ts';

/** By purpose: a URL with `{uid}` and `{token}`. */
export type LinkTemplates = Readonly<Record<Purpose, string>>;

/** The user's id as djoser and Django write it: base64url of the decimal text. */
export const uidOf = (userId: number): string => Buffer.from(String(userId)).toString('base64url');

/** @returns `undefined` for what is no uid of ours, another spelling of one included */
export function readUid(uid: string): number | undefined {
  const text = Buffer.from(uid, 'base64url').toString('latin1');
  if (!/^[1-9]\d{0,15}$/.test(text)) return undefined;
  const id = Number(text);
  return Number.isSafeInteger(id) && uidOf(id) === uid ? id : undefined;
}

export const linkOf = (template: string, userId: number, token: string): string =>
  template.replaceAll('{uid}', uidOf(userId)).replaceAll('{token}', token);
