import { widerNetworksOf } from '../config/network-address.ts';
import { createTurns } from './turns.ts';

/** Whom a piece of work is for. */
export type Requester = {
  /** Requests of one network share its turn; '' = none, such as the command line. */
  readonly network: string;
  /** The account whose password is compared has logged in from there before. */
  readonly isKnown?: boolean;
  /** The account has logged in with this device before, which has not guessed too often. */
  readonly isKnownDevice?: boolean;
  /** Aborted when the client has disconnected. */
  readonly signal?: AbortSignal;
  /** For the log. */
  readonly requestId?: string;
};

/**
 * Comparisons of a password, with a device of the account, from a network that it knows or from
 * another one, and what makes a new one, which gets at most half of all places.
 */
export const LANES = ['device', 'known', 'compare', 'create'] as const;
export type Lane = (typeof LANES)[number];

export type Place = { readonly network: string; readonly lane: Lane };

/**
 * Waiting work. The lanes take turns; in a lane the networks: an IPv4 address, or the /48 of an IPv6
 * address, in which its /56 and then its /64 networks take turns. So neither a provider's customer
 * with 65,536 networks nor a wave of registrations can hold the others up. Pure: no time in it.
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
    /** The next in turn; of the other lanes only, where one has no share left. */
    take: (withoutShare?: Lane): E | undefined => turns.take(withoutShare),
    /** The entry to evict for a new one when the queue is full: the newest of the largest group. */
    toLeaveFor: (newcomer: Place): E | undefined => turns.toLeaveFor(pathOf(newcomer)),
  };
}
