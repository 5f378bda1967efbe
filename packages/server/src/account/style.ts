/** The style sheet of all pages under `/account/`: one column, light and dark, no font to fetch. */
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
input { display: block; width: 100%; margin-top: .3rem; padding: .65rem .75rem; font: inherit; font-weight: 400; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: .5rem; }
button { width: 100%; padding: .75rem; border: 0; border-radius: .5rem; font: inherit; font-weight: 600;
  background: var(--accent); color: var(--on-accent); cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
.bad { color: var(--bad); font-weight: 600; } .good { color: var(--good); font-weight: 600; }
.linked .unlinked, [hidden] { display: none; }
.account { max-width: 32rem; align-self: start; margin-top: min(8vh, 4rem); }
nav { margin: 0 0 .75rem; } nav a { text-decoration: none; }
.button { display: block; padding: .75rem; border-radius: .5rem; font-weight: 600; text-align: center;
  text-decoration: none; background: var(--accent); color: var(--on-accent); }
.quiet { background: transparent; color: var(--accent); border: 1px solid var(--line); padding: .65rem .75rem; }
.hint { margin: -.6rem 0 1rem; color: var(--soft); font-size: .9rem; }
button + .hint { margin-top: .4rem; } button ~ button { margin-top: .75rem; } .row button { margin: 0; }
dl, ul, ol { margin: 0 0 1.25rem; padding: 0; list-style: none; }
dl div { display: flex; flex-wrap: wrap; gap: 0 .75rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.links a { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding: .8rem 0;
  color: inherit; text-decoration: none; border-top: 1px solid var(--line); }
.links li:last-child { border-bottom: 1px solid var(--line); }
.links strong { color: var(--accent); }
.card { display: flex; flex-wrap: wrap; align-items: start; justify-content: space-between; gap: .5rem 1rem;
  padding: .9rem 0; border-top: 1px solid var(--line); }
.card > div { flex: 1 1 15rem; } .card dl, .card form, .card > p { margin: 0; } .card button { width: auto; }
.card h2 { margin: 0 0 .25rem; font-size: 1.05rem; overflow-wrap: anywhere; } .card dl { font-size: .9rem; }
.qr { width: min(15rem, 100%); margin: 0 auto 1rem; border-radius: .5rem; overflow: hidden; } .qr svg { display: block; }
code { font: 1rem/1.5 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.secret { padding: .65rem .75rem; border: 1px solid var(--line); border-radius: .5rem; text-align: center; }
.codes { padding: .75rem .5rem; border: 1px solid var(--line); border-radius: .5rem; }
.codes li { padding: .1rem 0; text-align: center; }
.codes code { font-size: min(1rem, 3.6vw); white-space: nowrap; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; } .row > * { flex: 1 1 7rem; }
@media print { body { display: block; } .noprint, nav { display: none; } }
`;
