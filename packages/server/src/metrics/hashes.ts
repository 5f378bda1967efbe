import { Counter, Histogram, type Registry } from 'prom-client';
import type { AdmissionObserver } from '../passwords/admission.ts';

/** Waiting and hashing times of passwords, and refusals, as the admission reports them. */
export function createHashMetrics(registry: Registry): AdmissionObserver {
  const registers = [registry];
  const waits = new Histogram({
    name: 'gatepass_hash_wait_seconds',
    help: 'How long a password waited to be handed to a hashing thread.',
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    registers,
  });
  const durations = new Histogram({
    name: 'gatepass_hash_duration_seconds',
    help: 'How long one hash took.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  const rejected = new Counter({
    name: 'gatepass_hashes_shed_total',
    help: 'Passwords that were not hashed, by reason: full, timeout, displaced, cancelled.',
    labelNames: ['reason'] as const,
    registers,
  });
  return {
    started: (ms) => waits.observe(ms / 1000),
    finished: (ms) => durations.observe(ms / 1000),
    rejected: (reason) => rejected.inc({ reason }),
  };
}
