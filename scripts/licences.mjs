// `npm run licences`: lists what ships, with licence and size, in docs/dependencies.md; exits with 1 when something may not ship.
// `--check` writes nothing and exits with 1, too, when the page is not current.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dependencyPage } from './licences/page.mjs';
import { objections, shipped } from './licences/shipped.mjs';

const root = join(fileURLToPath(import.meta.url), '../..');
const page = join(root, 'docs/dependencies.md');
const { dependencies, allowScripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const packages = shipped(root);
const problems = objections(packages, allowScripts);
const text = dependencyPage(packages, new Set(Object.keys(dependencies)));
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text)
  problems.push('docs/dependencies.md is not current; run `npm run licences`');

for (const problem of problems) console.error(problem);
console.log(`${packages.length} packages ship, ${problems.length} objections`);
if (problems.length > 0) process.exitCode = 1;
