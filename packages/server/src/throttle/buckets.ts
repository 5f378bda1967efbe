import { createHmac } from 'node:crypto';
import { widerNetworksOf } from '../config/network-address.ts';
import type { Tx } from '../database/database.ts';
import { type Limit, widened } from './limits.ts';

/** The place of a count, and its limit. */
export type Bucket = { readonly limit: Limit; readonly number: number };

/** Buckets per limit: this bounds the table in a flood, and no count ever has to be dropped. */
const WIDTH = 2 ** 20;
/** Buckets of marks. A mark must not be shared: a stranger would count as known. */
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

/** As how many /64 networks a /56 and a /48 count. */
const WIDER = [3, 10];

export type Buckets = ReturnType<typeof createBuckets>;

/**
 * Numbers buckets by a keyed hash: the table names no account and no network, and no client can
 * choose with whom it shares a bucket.
 */
function createBuckets(key: Uint8Array) {
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

    /** The bucket of the network and, for IPv6, those of the /56 and the /48 that contain it. */
    around: (limit: Limit, network: string): Bucket[] => [
      of(limit, network),
      ...widerNetworksOf(network).map((wider, i) => of(widened(limit, WIDER[i] ?? 1), wider)),
    ],

    /** The number of a mark: a row that states something about an account and counts nothing. */
    mark: (
      kind: 'known' | 'unlocked' | 'device' | 'devices-forgotten',
      ...subject: string[]
    ): number => numberOf(kind, MARK_WIDTH, subject),
  };
}

/** The numbering; its key is read once. @param tx the transaction of the caller, if any */
export type Numbers = (tx?: Tx) => Promise<Buckets>;

export function createNumbers(store: { readKey(tx?: Tx): Promise<Uint8Array> }): Numbers {
  let numbering: Buckets | undefined;
  return async (tx) => {
    numbering ??= createBuckets(await store.readKey(tx));
    return numbering;
  };
}
