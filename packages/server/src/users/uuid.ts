import { randomBytes } from 'node:crypto';

/**
 * A UUID of version 7 (RFC 9562 §5.7): its time in milliseconds, then 74 random bits, so UUIDs sort
 * roughly by their creation.
 *
 * @param now epoch milliseconds
 */
export function uuidv7(now: number, random: (bytes: number) => Buffer = randomBytes): string {
  const bytes = random(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
