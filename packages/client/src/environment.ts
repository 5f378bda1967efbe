/**
 * The parts of a browser that Node may lack. Declared here, structurally, so that the package needs
 * neither DOM nor Node types: whatever is missing at run time is done without.
 */
type Locks = {
  request(
    name: string,
    options: { signal: AbortSignal },
    task: () => Promise<unknown>,
  ): Promise<unknown>;
};

export type Channel = {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
  /** Node only: an open channel does not keep the process alive. */
  unref?(): void;
};

export type WebStorage = {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
};

type Environment = {
  readonly document?: object;
  readonly location?: { readonly href: string };
  readonly navigator?: { readonly locks?: Locks };
  readonly BroadcastChannel?: new (name: string) => Channel;
  readonly localStorage?: WebStorage;
  readonly sessionStorage?: WebStorage;
  addEventListener?(type: 'storage', listener: () => void): void;
  removeEventListener?(type: 'storage', listener: () => void): void;
};

export const environment: Environment = globalThis as object;
