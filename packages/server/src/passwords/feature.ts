import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Part } from '../part.ts';
import type { AdmissionObserver } from './admission.ts';
import { loadCommonPasswords } from './common.ts';
import { contextWords } from './context-words.ts';
import type { HashThread } from './hash-thread.ts';
import { createPasswordHasher } from './hasher.ts';
import { createPasswordPolicy } from './policy.ts';

type Deps = {
  readonly config: Config;
  readonly logger: Logger;
  readonly timers?: Timers | undefined;
  readonly createHashThread?: (() => HashThread) | undefined;
};

/** The hashing pool and the rules for new passwords. */
export function createPasswords(deps: Deps, observer?: AdmissionObserver) {
  const { config, logger, timers, createHashThread: createThread } = deps;
  const hasher = createPasswordHasher({
    cost: config.passwordHash,
    workers: config.workers === 'auto' ? availableParallelism() : config.workers,
    onUnreadable: (err, { requestId }) =>
      logger.error({ err, request_id: requestId }, 'a stored password hash cannot be read'),
    onThreadLost: (err) => logger.error({ err }, 'a hashing thread died and is replaced'),
    observer,
    timers,
    createThread,
  });
  const passwordPolicy = createPasswordPolicy({
    minLength: config.passwordMinLength,
    loadCommon: loadCommonPasswords,
    words: contextWords(config.passwordWords, config.issuer),
  });
  const part: Part = { background: [{ start() {}, stop: hasher.close }] };
  return { hasher, passwordPolicy, part };
}
