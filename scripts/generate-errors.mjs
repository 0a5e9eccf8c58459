// Writes docs/errors.md from the error table. Needs a build: `npm run build && node scripts/generate-errors.mjs`.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { errorPage } = createRequire(import.meta.url)('../dist/libs/protocol/src/error-page.js');
writeFileSync(new URL('../docs/errors.md', import.meta.url), errorPage());
