/** Everyone who can be measured, in the order of the report. */
import { betterAuth } from './targets/better-auth.ts';
import { floor } from './targets/floor.ts';
import { gatepass, gatepassRotating } from './targets/gatepass.ts';
import { simplejwt } from './targets/simplejwt.ts';
import type { Target } from './targets/target.ts';

export const targets: readonly Target[] = [
  floor,
  gatepass,
  gatepassRotating,
  simplejwt,
  betterAuth,
];
