/** Tokens of administrators' logins: random, shown once, stored as a hash. Pure but for the randomness. */
import { createHash, randomBytes } from 'node:crypto';

const TOKEN = /^gs_[\w-]{43}$/;

/** 256 random bits. The prefix tells what it is, to people and to secret scanners. */
export const newAdminToken = (): string => `gs_${randomBytes(32).toString('base64url')}`;

export const isAdminToken = (text: string): boolean => TOKEN.test(text);

/** The stored form. A fast hash suffices, because 256 random bits cannot be guessed. */
export const hashOf = (token: string): string =>
  createHash('sha256').update(token).digest('base64url');
