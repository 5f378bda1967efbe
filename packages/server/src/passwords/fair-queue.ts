import { widerNetworksOf } from '../config/network-address.ts';
import { createTurns } from './turns.ts';

/** The client that a piece of work is for. */
export type Requester = {
  /** Requests of one network share a turn; '' = no network, such as the command line. */
  readonly network: string;
  /** The account whose password is compared has logged in from this network before. */
  readonly isKnown?: boolean;
  /** The account has logged in with this device before, and the device has not guessed too often. */
  readonly isKnownDevice?: boolean;
  /** Aborted when the client has disconnected. */
  readonly signal?: AbortSignal;
  /** For the log. */
  readonly requestId?: string;
};

/**
 * Comparisons of a password with a device of the account, from a network that it knows, and from any
 * other network; and hashing of new passwords, which gets at most half of all places.
 */
export const LANES = ['device', 'known', 'compare', 'create'] as const;
export type Lane = (typeof LANES)[number];

export type Place = { readonly network: string; readonly lane: Lane };

/**
 * Waiting work. The lanes take turns, and within a lane the networks: an IPv4 address, or the /48 of
 * an IPv6 address, within which its /56 and then its /64 networks take turns. So neither a customer
 * with 65,536 networks nor a wave of registrations can delay the others. Pure: it knows no time.
 */
export function createFairQueue<E extends Place>() {
  const pathOf = ({ lane, network }: Place) => [
    lane,
    ...widerNetworksOf(network).toReversed(),
    network,
  ];
  const turns = createTurns<E>(pathOf);
  return {
    length: (lane?: Lane): number => turns.size(lane),
    add: turns.add,
    remove: turns.remove,
    /** The next in turn; skips a lane that has no share left. */
    take: (withoutShare?: Lane): E | undefined => turns.take(withoutShare),
    /** The entry to evict for a new one when the queue is full: the newest of the largest group. */
    toLeaveFor: (newcomer: Place): E | undefined => turns.toLeaveFor(pathOf(newcomer)),
  };
}
