export type { Client, User } from './api.ts';
export { createClient } from './client.ts';
export { GatepassError, type GatepassErrorCode, type GatepassErrorDetails } from './errors.ts';
export type { ClientOptions } from './options.ts';
export type { ChangeListener, ChangeReason } from './session.ts';
export type { TokenStorage } from './storage.ts';
