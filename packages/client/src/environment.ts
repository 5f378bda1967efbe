/**
 * The parts of a browser that other environments may lack. Declared here, structurally, so that the
 * package needs neither DOM nor Node types: whatever is missing at run time is done without.
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
  readonly console?: { warn(message: string): void };
  readonly BroadcastChannel?: new (name: string) => Channel;
  readonly localStorage?: WebStorage;
  readonly sessionStorage?: WebStorage;
  readonly [others: `${string}Storage`]: WebStorage | undefined;
  addEventListener?(type: 'storage', listener: () => void): void;
  removeEventListener?(type: 'storage', listener: () => void): void;
};

export const environment = globalThis as unknown as Environment;

/** Whether there is a page, and so one user. Node and Deno have web storage too, shared by all visitors. */
export const isPage = (): boolean => environment.document !== undefined;

/** Where the page, or the worker of a page, is. */
export const home = (): string | undefined => attempt(() => environment.location?.href);

/** Browsers forbid by exceptions: storage and channels where cookies are blocked, for example. */
export function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
