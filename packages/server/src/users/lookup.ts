import type { Database, Numbering } from '../database/database.ts';
import { parseEmail } from './email.ts';
import { createUserStore, type UserStore } from './store.ts';
import type { User } from './user.ts';
import { parseUsername } from './username.ts';

/** Accounts by what people and rows call them. */
export type Lookup = ReturnType<typeof createLookup>;

export const createLookup = (
  store: Pick<UserStore, 'findById' | 'findByCanonicalEmail' | 'findByUsername'>,
) => ({
  findById: (id: number): Promise<User | undefined> => store.findById(id),

  async findByEmail(email: string): Promise<User | undefined> {
    const address = parseEmail(email);
    return address && store.findByCanonicalEmail(address.canonical);
  },

  async findByUsername(text: string): Promise<User | undefined> {
    const username = parseUsername(text);
    return username && store.findByUsername(username.canonical);
  },
});

/** For a thread that reads accounts and changes none. */
export const lookUpIn = (database: Database & Numbering): Lookup =>
  createLookup(createUserStore(database));
