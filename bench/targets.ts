/** All targets, in the order of the report. */
import { betterAuth } from './targets/better-auth.ts';
import { floor } from './targets/floor.ts';
import { createGatepass, createRotating, gatepass, gatepassRotating } from './targets/gatepass.ts';
import { simplejwt } from './targets/simplejwt.ts';
import type { Target } from './targets/target.ts';

export const targets: readonly Target[] = [
  floor,
  gatepass,
  gatepassRotating,
  simplejwt,
  betterAuth,
];

/** The Gatepass of another checkout: what a change costs is a ratio within one run. */
export const targetsOf = (checkout: string): readonly Target[] => [
  createGatepass('before', checkout),
  createRotating('before-rotating', checkout),
];
