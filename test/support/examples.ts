/** The examples in the docstrings of a package, and the names that lack one. */
import { readdirSync, readFileSync } from 'node:fs';

/** @param root the folder of the package, with a slash at the end */
export async function examplesOf(root: URL) {
  const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
  const files = readdirSync(new URL('src', root)).map((file) => ({
    file,
    source: read(`src/${file}`),
  }));
  const examples = files.flatMap(({ file, source }) =>
    [...source.matchAll(/@example *\n?(.*?)(?:\*\/|\n *\* *@)/gs)].map(([, text = '']) => ({
      file,
      code: text.replace(/^ *\* ?/gm, ''),
    })),
  );

  const manifest: { name: string; exports: Record<string, string> } = JSON.parse(
    read('package.json'),
  );
  const entries: { specifier: string; names: string[] }[] = [];
  const lacking: string[] = [];
  for (const [subpath, target] of Object.entries(manifest.exports)) {
    const face: object = await import(new URL(target, root).href);
    const functions = Object.entries(face).filter(([, value]) => typeof value === 'function');
    const sources = subpath === '.' ? files.map(({ source }) => source).join('\n') : read(target);
    for (const [name] of functions) {
      const declared = `export (?:async )?(?:function|const|class) ${name}\\b`;
      const isShown = new RegExp(`@example(?:(?!\\*/).)*\\*/\n${declared}`, 's').test(sources);
      if (!isShown) lacking.push(`${subpath} ${name}`);
    }
    entries.push({ specifier: manifest.name + subpath.slice(1), names: Object.keys(face) });
  }
  return { examples, entries, lacking };
}
