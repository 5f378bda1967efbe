import type { VNode } from 'preact';

/** htm's own types are those of a CommonJS module. */
declare const htm: {
  bind(h: unknown): (strings: TemplateStringsArray, ...values: unknown[]) => VNode;
};
export default htm;
