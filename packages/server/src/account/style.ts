/** The style sheet of the pages behind mailed links: one column, light and dark, no font to fetch. */
export const STYLE = `
:root { color-scheme: light dark; --page: #f4f5f7; --card: #fff; --text: #1d2330; --soft: #5a6372;
  --line: #8a93a3; --accent: #1f4fd8; --on-accent: #fff; --bad: #b3261e; --good: #176b38; }
@media (prefers-color-scheme: dark) { :root { --page: #12151c; --card: #1b202b; --text: #e8ebf1;
  --soft: #a9b2c3; --line: #6d778a; --accent: #8fb0ff; --on-accent: #0d1425; --bad: #ffb4ab; --good: #86d8a2; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; padding: 1.75rem; border-radius: .75rem; background: var(--card); }
h1 { margin: 0 0 .75rem; font-size: 1.35rem; line-height: 1.25; }
p { margin: 0 0 1rem; } .soft { color: var(--soft); }
form { margin: 0 0 1rem; } main > :last-child { margin-bottom: 0; }
label { display: block; margin: 0 0 1rem; font-weight: 600; }
input { display: block; width: 100%; margin-top: .3rem; padding: .65rem .75rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: .5rem; }
button { width: 100%; padding: .75rem; border: 0; border-radius: .5rem; font: inherit; font-weight: 600;
  background: var(--accent); color: var(--on-accent); cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
.bad { color: var(--bad); font-weight: 600; } .good { color: var(--good); font-weight: 600; }
.linked .unlinked { display: none; }
`;
