import type { Language } from '../language.ts';
import { type Html, html } from './html.ts';

/** The HTML document that all pages of an account are. Pure. */
export const documentOf = (language: Language, title: string, body: Html): string =>
  html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="style.css">
</head>
<body>${body}</body>
</html>
`.text;
