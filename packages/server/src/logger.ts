/** The log: JSON lines for programs, one plain line for each event where a person reads along. */
import { isatty } from 'node:tty';
import { styleText } from 'node:util';
import { type Logger, pino } from 'pino';
import type { Config } from './config/config.ts';

export function createLogger({ logLevel, logFormat }: Config): Logger {
  const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && isatty(1));
  const options = {
    level: logLevel,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (!isPretty) return pino(options);
  const terminal = pino.destination({ dest: 1, sync: true });
  return pino(options, { write: (line: string) => terminal.write(prettyLine(line)) });
}

type Line = Readonly<Record<string, unknown>>;

const LABELS: Readonly<Record<string, string>> = {
  trace: 'TRACE ',
  debug: 'DEBUG ',
  info: '',
  warn: `${styleText('yellow', 'WARN')} `,
  error: `${styleText('red', 'ERROR')} `,
  fatal: `${styleText('red', 'FATAL')} `,
};
const HIDDEN = new Set(['level', 'time', 'pid', 'msg', 'err']);

/**
 * A log line for people, such as `22:13:11 POST /api/token 401 18ms 127.0.0.1`.
 *
 * @param json a line of the log
 * @returns one line; the stack of an error on lines of its own
 */
export function prettyLine(json: string): string {
  const line = JSON.parse(json) as Line;
  const text = line['msg'] === 'request' ? requestOf(line) : eventOf(line);
  return `${styleText('dim', timeOf(line['time']))} ${text}${stackOf(line['err'])}\n`;
}

/** The time of day of this machine. */
const timeOf = (time: unknown): string => new Date(String(time)).toTimeString().slice(0, 8);

function requestOf({ method, route, status, ms, ip }: Line): string {
  const colour = Number(status) >= 500 ? 'red' : Number(status) >= 400 ? 'yellow' : 'green';
  const code = styleText(colour, String(status));
  const what = `${clean(method)} ${clean(route ?? '(no route)')}`;
  return `${what} ${code} ${Math.round(Number(ms))}ms ${clean(ip)}`;
}

function eventOf(line: Line): string {
  const facts = Object.entries(line)
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, value]) => ` ${styleText('dim', `${clean(name)}=`)}${wordOf(value)}`);
  return `${LABELS[String(line['level'])] ?? ''}${clean(line['msg'] ?? '')}${facts.join('')}`;
}

const wordOf = (value: unknown): string =>
  clean(typeof value === 'string' && !/[\s"]/.test(value) ? value : JSON.stringify(value));

function stackOf(err: unknown): string {
  if (typeof err !== 'object' || err === null) return '';
  const told = 'stack' in err ? err.stack : 'message' in err ? err.message : '';
  const lines = String(told).split('\n');
  return lines.map((each) => `\n    ${clean(each.trim())}`).join('');
}

/** Replaces control characters, which a terminal would obey. */
const clean = (text: unknown): string => String(text).replace(/\p{Cc}/gu, '?');
