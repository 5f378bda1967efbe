/** Sends a recorded request to our service and puts the answer in the sample's `norm` form. */
import { requestOf } from './request.ts';
import type { Answer, GoldenCase } from './sample.ts';
import { exchange, type RawAnswer } from './wire.ts';
import type { World } from './world.ts';

const COMPARED_HEADERS = ['content-type', 'www-authenticate', 'allow'];
const JWT = /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{43}$/;

export async function replay(golden: GoldenCase, world: World): Promise<Answer> {
  const context = await world.prepare(golden);
  return normalise(await exchange(requestOf(golden, context, world.port)));
}

/** An answer in the sample's form. */
export function normalise({ status, headers, text }: RawAnswer): Answer {
  const compared = COMPARED_HEADERS.flatMap((name) => {
    const value = headers.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const isPage = headers.get('content-type')?.startsWith('text/html') ?? false;
  const norm = isPage ? '<html>' : normOf(text);
  return { status, headers: Object.fromEntries(compared), norm };
}

function normOf(text: string): unknown {
  if (text === '') return '';
  return JSON.parse(text, (key, value: unknown) => {
    if (key === 'id' && Number.isInteger(value)) return '<int>';
    return typeof value === 'string' && JWT.test(value) ? '<jwt>' : value;
  });
}

/** The response without `reason`, the only member that Gatepass adds to SimpleJWT's bodies. */
export function withoutReason(answer: Answer): Answer {
  if (!isRecord(answer.norm)) return answer;
  const { reason: _, ...norm } = answer.norm;
  return { ...answer, norm };
}

/** The value of that member. */
export const reasonOf = ({ norm }: Answer): unknown =>
  isRecord(norm) ? norm['reason'] : undefined;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
