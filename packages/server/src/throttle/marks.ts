import type { Clock } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import { type AttemptOrigin, DEVICE_KNOWN_MS, type Recognised } from './attempt.ts';
import type { Buckets } from './buckets.ts';
import { decide, type Limit } from './limits.ts';
import type { Counted, ThrottleStore } from './store.ts';

type Deps = {
  readonly store: ThrottleStore;
  readonly clock: Clock;
  readonly numbers: (tx?: Tx) => Promise<Buckets>;
  /** The limit of attempts with the token of a device. */
  readonly devices: Limit;
};

const DAY = 86_400_000;
const KNOWN_MS = 30 * DAY;
/** Longer than any count that an unlock voids can last. */
const UNLOCKED_MS = 8 * DAY;

/** Without versions, so that a browser or program keeps its name after an update. */
const nameOf = ({ device = '' }: AttemptOrigin): string => device.replace(/\d[\d._]*/g, '');

/** Marks of an account beside counts: known networks and devices, and how often it was unlocked. */
export type Marks = ReturnType<typeof createMarks>;

export function createMarks({ store, clock, numbers, devices }: Deps) {
  const hitsOf = (row: Counted | undefined): number =>
    row && row.expiresAt > clock.now() ? row.hits : 0;

  async function write(tx: Tx, number: number, hits: number, keptMs: number): Promise<void> {
    const now = clock.now();
    const seen = await store.find(number, tx);
    // If another node writes it at the same moment, it writes the same.
    await store.put(tx, number, seen, { hits, since: now, expiresAt: now + keptMs });
  }

  return {
    async recognise<O extends AttemptOrigin>(account: string, origin: O): Promise<O & Recognised> {
      const { mark, of } = await numbers();
      const { knownDevice } = origin;
      const ofDevice = knownDevice
        ? [
            mark('devices-forgotten', String(knownDevice.userId)),
            of(devices, account, knownDevice.id).number,
          ]
        : [];
      const [known, unlocked, device, forgotten, tried] = await store.findAll([
        mark('known', account, origin.network),
        mark('unlocked', account),
        mark('device', account, nameOf(origin)),
        ...ofDevice,
      ]);
      const isKnown = hitsOf(known) > 0;
      const isNew = !isKnown && hitsOf(device) === 0;
      const isKnownDevice =
        knownDevice !== undefined &&
        (hitsOf(forgotten) === 0 || knownDevice.issuedAt > (forgotten?.since ?? 0)) &&
        decide(devices, tried, clock.now()).allowed;
      return { ...origin, isKnown, isKnownDevice, isNew, unlocks: hitsOf(unlocked) };
    },

    async remember(tx: Tx, account: string, origin: AttemptOrigin): Promise<void> {
      const { mark } = await numbers(tx);
      // In the order of their numbers, so that nodes cannot deadlock.
      const [first, second] = [
        mark('known', account, origin.network),
        mark('device', account, nameOf(origin)),
      ].sort((a, b) => a - b);
      for (const number of [first, second])
        if (number !== undefined) await write(tx, number, 1, KNOWN_MS);
    },

    async forgetDevices(tx: Tx, userId: number): Promise<void> {
      const number = (await numbers(tx)).mark('devices-forgotten', String(userId));
      await write(tx, number, 1, DEVICE_KNOWN_MS);
    },

    async unlock(tx: Tx, account: string): Promise<void> {
      const number = (await numbers(tx)).mark('unlocked', account);
      await write(tx, number, hitsOf(await store.find(number, tx)) + 1, UNLOCKED_MS);
    },
  };
}
