import type { Transaction } from '../database/database.ts';
import type { Attempt, Throttle } from './attempt.ts';

const UNCOUNTED: Attempt = {
  failures: undefined,
  succeed: async () => {},
  abandon: async () => {},
};

/** Allows everything; earlier counts can still be cleared. */
export const createNoThrottle = (
  { unlock, forgetDevices }: Pick<Throttle, 'unlock' | 'forgetDevices'>,
  transaction: Transaction,
): Throttle => ({
  recognise: async (_account, origin) => ({
    ...origin,
    ...{ isKnown: false, isKnownDevice: false, isNew: false, unlocks: 0 },
  }),
  begin: async () => UNCOUNTED,
  register: async () => UNCOUNTED,
  forgetDevices,
  unlock,
  mail: async () => true,
  again: async () => true,
  notice: async () => true,
  code: async (_account, within) => transaction(within),
  async factor(_userId, _names, _origin, within) {
    await transaction(within);
    return UNCOUNTED;
  },
  async passkey(_network, _userId, within) {
    await transaction(within);
    return async () => {};
  },
  unlockFactor: async () => {},
  factorChange: async () => {},
  refresh: () => {},
  look: async () => {},
});
