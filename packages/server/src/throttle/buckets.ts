import { createHmac } from 'node:crypto';
import { widerNetworksOf } from '../config/network-address.ts';
import type { Tx } from '../database/database.ts';
import { type Limit, widened } from './limits.ts';

/** The place of a count, and its limit. */
export type Bucket = { readonly limit: Limit; readonly number: number };

/** Buckets per limit: what a flood can make the table hold, and it never has to forget one. */
const WIDTH = 2 ** 20;
/** Of marks, which stand for one account alone: a shared one would let a stranger pass for known. */
const MARK_WIDTH = 2 ** 48;

/** Each kind has its own range of numbers. A new one is added at the end. */
const KINDS = [
  'login-account',
  'login-network',
  'login-failures',
  'register-network',
  'known',
  'unlocked',
  'login-success-account',
  'login-success-network',
  'confirm-account',
  'mail-account',
  'mail-network',
  'code-account',
  'device',
  'notice-account',
  'factor-network',
  'factor-account',
  'login-device',
  'devices-forgotten',
  'factor-change',
  'passkey-network',
  'passkey-account',
];

/** How many clients of a /64 a /56 and a /48 count as. */
const WIDER = [3, 10];

export type Buckets = ReturnType<typeof createBuckets>;

/**
 * Numbers what is counted by a keyed hash: the table names no account and no network, and no client
 * can choose with whom it shares a bucket.
 */
export function createBuckets(key: Uint8Array) {
  function numberOf(kind: string, width: number, subject: readonly (string | number)[]): number {
    const mac = createHmac('sha256', key).update(JSON.stringify([kind, ...subject]));
    return KINDS.indexOf(kind) * MARK_WIDTH + (mac.digest().readUIntBE(0, 6) % width);
  }

  const of = (limit: Limit, ...subject: (string | number)[]): Bucket => ({
    limit,
    number: numberOf(limit.name, WIDTH, subject),
  });

  return {
    of,

    /** One for the network, and for an IPv6 one those of the /56 and the /48 around it. */
    around: (limit: Limit, network: string): Bucket[] => [
      of(limit, network),
      ...widerNetworksOf(network).map((wider, i) => of(widened(limit, WIDER[i] ?? 1), wider)),
    ],

    /** The number of a mark: a row that says something of an account, and counts nothing. */
    mark: (
      kind: 'known' | 'unlocked' | 'device' | 'devices-forgotten',
      ...subject: string[]
    ): number => numberOf(kind, MARK_WIDTH, subject),
  };
}

/** The numbering, of a key that is read once. @param tx where the caller is in a transaction */
export type Numbers = (tx?: Tx) => Promise<Buckets>;

export function createNumbers(store: { readKey(tx?: Tx): Promise<Uint8Array> }): Numbers {
  let numbering: Buckets | undefined;
  return async (tx) => {
    numbering ??= createBuckets(await store.readKey(tx));
    return numbering;
  };
}
