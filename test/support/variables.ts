import { knownNames } from '../../packages/server/src/config/settings.ts';

/** Whether a page or file may name it: a setting, a file for one, or what Kubernetes injects. */
export const isVariable = (name: string): boolean =>
  knownNames.includes(name) || /^GATEPASS_(?:SERVICE_HOST|PORT_)$/.test(name);
