import { isatty } from 'node:tty';
import { type Logger, pino } from 'pino';
import type { Config } from './config/config.ts';

/** JSON lines on standard output, or coloured text where a person reads along. */
export function createLogger({ logLevel, logFormat }: Config): Logger {
  const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && isatty(1));
  return pino({
    level: logLevel,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    ...(isPretty && {
      transport: { target: 'pino-pretty', options: { ignore: 'pid', translateTime: 'HH:MM:ss' } },
    }),
  });
}
