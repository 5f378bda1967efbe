/** Globals of other environments, for the length of a test. */
import type { TestContext } from 'node:test';
import type { createShelf } from './device.ts';

/** Sets globals, or hides those whose `value` is undefined; the test's end brings them back. */
export function setGlobals(t: TestContext, globals: Record<string, PropertyDescriptor>): void {
  for (const [name, value] of Object.entries(globals)) {
    const original = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { configurable: true, ...value });
    t.after(() => Object.defineProperty(globalThis, name, original ?? { value: undefined }));
  }
}

/** A page, as far as the client can tell. */
export const openPage = (t: TestContext, globals: Record<string, PropertyDescriptor> = {}): void =>
  setGlobals(t, { document: { value: {} }, ...globals });

export const webStorage = ({ get, set, remove }: ReturnType<typeof createShelf>) => ({
  getItem: (key: string) => get(key) ?? null,
  setItem: set,
  removeItem: remove,
});
