import { isRefusal } from '../errors.ts';
import type { Throttle } from './attempt.ts';
import type { Numbers } from './buckets.ts';
import type { Counters } from './counters.ts';
import type { Limits } from './limits.ts';

type Deps = { readonly limits: Limits; readonly numbers: Numbers; readonly counters: Counters };

/** How often mail is sent, and how often its codes may be tried. */
export function createMailCounts(deps: Deps): Pick<Throttle, 'mail' | 'again' | 'notice' | 'code'> {
  const { limits, numbers, counters } = deps;

  async function countMails(accounts: readonly string[]): Promise<boolean> {
    const { of } = await numbers();
    const buckets = [...new Set(accounts)].map((account) => of(limits.mails, account));
    return isCounted(() => counters.begin(buckets));
  }

  return {
    async mail(network, ...accounts) {
      const { around } = await numbers();
      await counters.begin(around(limits.networkMails, network));
      return countMails(accounts);
    },

    again: (account) => countMails([account]),

    async notice(kind, account) {
      const { of } = await numbers();
      return isCounted(() => counters.begin([of(limits.notices, account, kind)]));
    },

    async code(account, within) {
      const { of } = await numbers();
      await counters.begin([of(limits.codes, account)], [], within);
    },
  };
}

/** `false` = the limit is reached. */
async function isCounted(begin: () => Promise<unknown>): Promise<boolean> {
  try {
    await begin();
    return true;
  } catch (error) {
    if (isRefusal(error, 'throttled')) return false;
    throw error;
  }
}
