/** I9c's planted bug: tokens of devices are issued and never recognised. */
import { createKnownDevices as create } from '../../../packages/server/src/token/known-device.ts';

export const createKnownDevices: typeof create = (deps) => ({
  ...create(deps),
  read: () => undefined,
});
