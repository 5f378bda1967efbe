import type { Language } from '../../language.ts';

const WITHOUT_SCRIPT = {
  en: 'The console needs JavaScript. Without it, use the admin API or the command line.',
  ru: 'Для консоли нужен JavaScript. Без него пользуйтесь API администратора или командной строкой.',
} as const;

/**
 * The only page: its scripts do the rest. It names all modules, so that a browser requests them
 * together and not one import after another.
 */
export const renderPage = (
  language: Language,
  folder: string,
  names: readonly string[],
): string => `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Gatepass</title>
<link rel="icon" href="${folder}/icon.svg" type="image/svg+xml">
${names
  .filter((name) => name.endsWith('.css'))
  .map((name) => `<link rel="stylesheet" href="${folder}/${name}">`)
  .join('\n')}
${names
  .filter((name) => name.endsWith('.js') && !name.startsWith('texts/'))
  .map((name) => `<link rel="modulepreload" href="${folder}/${name}">`)
  .join('\n')}
<script type="module" src="${folder}/main.js"></script>
</head>
<body><div id="console"></div><noscript>${WITHOUT_SCRIPT[language]}</noscript></body>
</html>
`;
