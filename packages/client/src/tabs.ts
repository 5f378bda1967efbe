import { attempt, environment } from './environment.ts';
import { deadline } from './limits.ts';
import type { Tokens } from './tokens.ts';

/** Messages between tabs of one browser. Without tokens if all tabs read one storage. */
export type Message = {
  readonly kind: 'ask' | 'tell' | 'login' | 'refresh' | 'logout' | 'session_ended';
  readonly tokens?: Tokens | undefined;
  /** The session that has ended. */
  readonly sid?: string | undefined;
};

/** A tab that holds the lock and does not finish (an open `alert`, a debugger) is not waited for longer. */
const LOCK_WAIT_MS = 10_000;

/**
 * The other tabs: BroadcastChannel to tell them, Web Locks to take turns with them. Without either,
 * or without a name, this tab is on its own and the service puts up with the race.
 */
export function connectTabs(name: string | false, hear: (message: Message) => void) {
  const { BroadcastChannel, navigator } = environment;
  let channel = name && BroadcastChannel ? attempt(() => new BroadcastChannel(name)) : undefined;
  if (channel) {
    channel.onmessage = ({ data }) => hear(data as Message);
    channel.unref?.();
  }
  return {
    post: (message: Message): void => channel?.postMessage(message),

    close(): void {
      channel?.close();
      channel = undefined;
    },

    /** Runs a task while no other tab runs one. */
    async inTurn<T>(task: () => Promise<T>): Promise<T> {
      const locks = navigator?.locks;
      let result: Promise<T> | undefined;
      if (name && locks) {
        const run = () => {
          result = task();
          return result;
        };
        await attempt(() => locks.request(name, { signal: deadline(LOCK_WAIT_MS) }, run))?.catch(
          () => {},
        );
      }
      return result ?? task();
    },
  };
}
