import { createHash } from 'node:crypto';
import type { Reading } from './policy.ts';
import type { ShownPolicy, ShownVersion } from './show-policy.ts';

const style = `
:root{color-scheme:light dark;--ink:#1c2321;--soft:#5b6662;--line:#d8dedb;--ground:#fbfcfb;--card:#fff;--sign:#0b6b50}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebe9;--soft:#9aa6a1;--line:#343d39;--ground:#141816;--card:#1b211e;--sign:#6fd3b0}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1.0625rem/1.6 system-ui,sans-serif}
main{max-width:46rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 .25rem}
h2{font-size:1.3rem;margin:2.75rem 0 .75rem}
p{margin:.5rem 0}
.soft,dt{color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-left:.25rem solid var(--sign);border-radius:.4rem;padding:1rem 1.25rem;margin:1rem 0}
.text{white-space:pre-line;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:minmax(8rem,auto) 1fr;gap:.4rem 1.25rem;margin:.75rem 0}
dd{margin:0;overflow-wrap:anywhere}
ol{list-style:none;margin:0;padding:0}
li{border-top:1px solid var(--line);padding:.75rem 0 .75rem 3.75rem;position:relative}
li>b{position:absolute;left:0;color:var(--sign);font-variant-numeric:tabular-nums}
h3{font-size:1.0625rem;margin:0}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .75rem .45rem 0;border-top:1px solid var(--line)}
@media(max-width:34rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}h1{font-size:1.6rem}}
`;

/** What goes with the page: it loads nothing and runs nothing, and its one style is known by hash. */
export const pageHeaders = {
  'Content-Security-Policy':
    `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  Vary: 'Accept',
} as const;

/** The page of the policy: what is in force, and what is announced. Every text is escaped. */
export function policyPage({ inForce, announced }: ShownPolicy): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Privacy policy, version ${escaped(inForce.version)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Privacy policy</h1>
<p class="soft">Version ${escaped(inForce.version)}, in force since ${momentOf(inForce.effectiveAt)}.</p>
${announced.map(announcement).join('\n')}
<h2>What is gathered</h2>
<dl>
${inForce.document.gathered.map((one) => `<dt>${escaped(one.class)}</dt><dd>${escaped(one.text)}</dd>`).join('\n')}
</dl>
<h2>What we promise</h2>
${promisesOf(inForce)}
<h2>Who may get what, and for what</h2>
${sharingOf(inForce)}
<h2>How the policy changes</h2>
<p>A change takes effect only after a notice has run its working days. ${readings[inForce.notice.reading]}
The notice of this version has ${String(inForce.notice.workingDays)} working days.</p>
<p class="soft">Digest of this version: <span class="text">${escaped(inForce.digest)}</span></p>
</main>
</body>
</html>
`;
}

/** The notice period is written "thirty (10) business days"; which is meant has to be said. */
const readings: Readonly<Record<Reading, string>> = {
  thirty: '“Thirty (10) business days” is read as thirty.',
  ten: '“Thirty (10) business days” is read as ten.',
  other: '“Thirty (10) business days” is read as at least ten.',
};

function announcement(next: ShownVersion): string {
  const { notice } = next;
  const due =
    notice.earliestDay === null
      ? 'a day that is not known yet'
      : `<time>${escaped(notice.earliestDay)}</time>`;
  return `<section class="card">
<h2>Version ${escaped(next.version)} is announced</h2>
<p class="text">${escaped(notice.text)}</p>
<dl>
<dt>Takes effect</dt><dd>on ${due} at the earliest</dd>
<dt>Announced</dt><dd>${momentOf(next.publishedAt)}</dd>
<dt>Notice</dt><dd>${String(notice.workingDays)} working days (${escaped(notice.country)}, ${escaped(notice.timeZone)}). ${readings[notice.reading]}</dd>
<dt>How to respond</dt><dd class="text">${escaped(notice.responseDirections)}</dd>
</dl>
<details><summary>Its promises and rules</summary>
${promisesOf(next)}
${sharingOf(next)}
</details>
</section>`;
}

function promisesOf({ document }: ShownVersion): string {
  const items = document.promises.map(
    ({ id, title, text }) =>
      `<li><b>${escaped(id)}</b><h3>${escaped(title)}</h3><p>${escaped(text)}</p></li>`,
  );
  return `<ol>\n${items.join('\n')}\n</ol>`;
}

function sharingOf({ document }: ShownVersion): string {
  const rows = document.allows.map(
    ({ purpose, kinds, classes }) =>
      `<tr><td>${escaped(kinds.join(', '))}</td><td>${escaped(purpose)}</td><td>${escaped(classes.join(', '))}</td></tr>`,
  );
  const conditions = document.conditions.map(
    (one) =>
      `<p>Class ${escaped(one.class)} leaves only under a clause of the terms that the agreement names (${escaped(one.promise)}).</p>`,
  );
  return `<div class="wide"><table>
<thead><tr><th>Kind of partner</th><th>Purpose</th><th>Classes</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>
${conditions.join('\n')}
<p>What is not listed does not leave (P09).</p>`;
}

function momentOf(instant: string | null): string {
  if (instant === null) return 'never';
  return `<time datetime="${escaped(instant)}">${escaped(instant.slice(0, 10))}</time>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? '');
}
