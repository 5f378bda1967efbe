/** `sqlite:PATH`; every other way to write it is refused with the form to use. Pure. */
import type { Faulty } from './parsed.ts';

export type SqliteAddress = { readonly engine: 'sqlite'; readonly path: string };

const FORMS =
  'write sqlite:./data/gatepass.db (from the working directory) or sqlite:/var/lib/gatepass/gatepass.db';

const WINDOWS = /^\/{0,3}(?=[A-Za-z]:[\\/])/;

/**
 * @param text what follows `sqlite:`
 * @param platform decides what a path looks like
 */
export function sqliteAddress(
  text: string,
  platform: NodeJS.Platform = process.platform,
): SqliteAddress | Faulty {
  if (text === ':memory:') return { engine: 'sqlite', path: text };
  if (WINDOWS.test(text))
    return platform === 'win32'
      ? checked(text.replace(WINDOWS, ''), platform)
      : { fault: `names a path of Windows on another system: ${FORMS}` };
  // SQLAlchemy and Django: the fourth slash begins an absolute path.
  if (/^\/{4}[^/]/.test(text)) return checked(text.slice(3), platform);
  // With three slashes SQLAlchemy and Django mean a relative path, other programs an absolute one.
  if (text.startsWith('//'))
    return { fault: `has slashes after "sqlite:" that programs read differently: ${FORMS}` };
  return checked(text, platform);
}

function checked(path: string, platform: NodeJS.Platform): SqliteAddress | Faulty {
  const fault = faultOf(path, platform);
  return fault === undefined ? { engine: 'sqlite', path } : { fault: `${fault}: ${FORMS}` };
}

function faultOf(path: string, platform: NodeJS.Platform): string | undefined {
  if (path === '') return 'names no file';
  if (/^~/.test(path)) return 'begins with "~", which only a shell replaces';
  if (/^\$|\$\{|^%\w+%/.test(path)) return 'names a variable, which only a shell replaces';
  if (/[?#]/.test(path)) return 'has parameters or a fragment, which a path has not';
  if (/%[0-9a-f]{2}/i.test(path)) return 'is percent-encoded, which a path is not';
  if (/^file:|:memory:$|^memory:?$/i.test(path)) return 'names no plain file';
  if (/^\s|\s$|\0/.test(path)) return 'begins or ends with white space';
  if (platform !== 'win32' && path.includes('\\')) return 'has backslashes';
  if (/(?:^|[\\/])(?:\.{1,2})?$/.test(path)) return 'names a directory';
  return undefined;
}
