/** Moments and numbers as people read them. */
import { language } from './language.js';

/** @type {readonly (readonly [Intl.RelativeTimeFormatUnit, number])[]} */
const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/**
 * @param {string} moment ISO 8601
 * @param {number} now epoch milliseconds
 */
export function relative(moment, now) {
  const seconds = (Date.parse(moment) - now) / 1000;
  const format = new Intl.RelativeTimeFormat(language.get(), { numeric: 'auto' });
  const unit = UNITS.find(([, size]) => Math.abs(seconds) >= size);
  if (!unit) return format.format(0, 'second');
  return format.format(Math.trunc(seconds / unit[1]), unit[0]);
}

/** The browser's own variant of the language, such as `en-GB`: dates and hours differ. */
const locale = () =>
  navigator.languages.find((tag) => tag.startsWith(language.get())) ?? language.get();

/** @param {string} moment ISO 8601 */
export const absolute = (moment) =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'medium' }).format(
    new Date(moment),
  );

/** Day and hour, for axes. @param {string} moment ISO 8601 */
export const brief = (moment) =>
  new Intl.DateTimeFormat(locale(), {
    ...{ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  }).format(new Date(moment));

/** @param {number} value */
export const number = (value) => new Intl.NumberFormat(language.get()).format(value);

/** @type {readonly (readonly [RegExp, string])[]} */
const BROWSERS = [
  [/Edg(?:e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/YaBrowser\//, 'Yandex'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
/** @type {readonly (readonly [RegExp, string])[]} */
const SYSTEMS = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/**
 * A browser's user agent in two words; any other as it is.
 *
 * @param {string} agent
 */
export function deviceOf(agent) {
  const browser = agent.startsWith('Mozilla/') && BROWSERS.find(([form]) => form.test(agent));
  if (!browser) return agent;
  const system = SYSTEMS.find(([form]) => form.test(agent));
  return system ? `${browser[1]}, ${system[1]}` : browser[1];
}

/** @param {number} seconds */
export function duration(seconds) {
  const unit = UNITS.find(([, size]) => seconds >= size && seconds % size === 0) ?? ['second', 1];
  return new Intl.NumberFormat(language.get(), {
    style: 'unit',
    unit: unit[0],
    unitDisplay: 'short',
  }).format(seconds / unit[1]);
}
