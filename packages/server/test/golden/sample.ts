/** The recorded pairs: what SimpleJWT 5.2.2 answered, and to what. */
import { readFileSync } from 'node:fs';

export type TokenTemplate = {
  readonly desc: string;
  readonly header?: string;
  readonly payload?: string;
  readonly signature?: string;
};

export type RecordedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  readonly body_b64?: string;
  readonly body_gen?: string;
  readonly transfer?: 'chunked';
  readonly tokens?: Readonly<Record<string, TokenTemplate>>;
};

/** An answer in the sample's `norm` form: every JWT is `<jwt>`, every id `<int>`. */
export type Answer = {
  readonly status: number;
  /** `allow`, `www-authenticate` and `content-type`, where the answer has them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly norm: unknown;
};

export type Mode = 'default' | 'rotate';

export type GoldenCase = {
  readonly name: string;
  readonly mode: Mode;
  readonly request: RecordedRequest;
  readonly response: Answer;
};

const file = new URL('simplejwt-5.2.2.json', import.meta.url);

export const goldenCases: readonly GoldenCase[] = JSON.parse(readFileSync(file, 'utf8')).cases;
