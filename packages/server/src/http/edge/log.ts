import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Timers } from '../../clock.ts';
import type { Traffic } from '../traffic.ts';

/** Writes the line of one refusal outside Fastify. */
export type RawLog = (status: number, socket: Socket) => void;

/** Lines of one second; garbage costs its sender nothing, so what is beyond is only counted. */
const LINES_PER_SECOND = 10;
const WINDOW_MS = 1000;

/** Status and address: of what is no request nothing else is fit for a log. */
export function createRawLog(logger: Logger, traffic: Traffic | undefined, timers: Timers): RawLog {
  let written = 0;
  let suppressed = 0;
  let isOpen = false;

  const closeWindow = () => {
    if (suppressed > 0) logger.info({ count: suppressed }, 'more requests refused unread');
    written = 0;
    suppressed = 0;
    isOpen = false;
  };

  return (status, socket) => {
    traffic?.refusedUnread(status);
    if (!isOpen) timers.after(WINDOW_MS, closeWindow);
    isOpen = true;
    written++;
    if (written > LINES_PER_SECOND) suppressed++;
    else logger.info({ status, ip: socket.remoteAddress ?? '' }, 'request refused unread');
  };
}
