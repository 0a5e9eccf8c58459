// The declarations of what authors of plugins import, into types/: those that the entries reach, and no others. The compiler
// leaves our path names as they are; outside this repository only relative ones lead anywhere.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, 'types');
const ENTRIES = ['libs/plugin-kit/src/authors.ts', 'apps/testkit/src/index.ts'];
/** `from '…'` and `import('…')`; declarations hold no other text that looks like it. */
const SPECIFIER = /(\bfrom |\bimport\()(['"])([^'"]+)\2/g;

const settings = ts.getParsedCommandLineOfConfigFile(
  join(root, 'tsconfig.json'),
  {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    incremental: false,
    tsBuildInfoFile: undefined,
    sourceMap: false,
    // `npm run check` does that.
    noCheck: true,
    rootDir: root,
    outDir: out,
  },
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (problem) => stop([problem]) },
);
const program = ts.createProgram(
  ENTRIES.map((entry) => join(root, entry)),
  settings.options,
);
rmSync(out, { recursive: true, force: true });
const written = new Set();
for (const entry of ENTRIES) write(join(root, entry));
console.log(`${written.size} declarations in ${relative(root, out)}`);

/** Writes the declaration of a source, and of those that it names. */
function write(source) {
  if (written.has(source)) return;
  written.add(source);
  const from = declarationOf(source);
  const text = declare(source).replace(SPECIFIER, (whole, before, quote, name) => {
    const { resolvedModule } = ts.resolveModuleName(name, source, settings.options, ts.sys);
    const target = resolvedModule?.resolvedFileName;
    if (target === undefined || target.includes('/node_modules/')) return whole;
    write(join(target));
    const path = relative(dirname(from), declarationOf(target))
      .split(sep)
      .join('/')
      .replace(/\.d\.ts$/, '.js');
    return `${before}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
  });
  mkdirSync(dirname(from), { recursive: true });
  writeFileSync(from, text);
}

function declare(source) {
  let declaration;
  const { diagnostics } = program.emit(
    program.getSourceFile(source),
    (_path, text) => (declaration = text),
    undefined,
    true,
  );
  if (diagnostics.length > 0) stop(diagnostics);
  return declaration;
}

function declarationOf(source) {
  return join(out, relative(root, source).replace(/\.ts$/, '.d.ts'));
}

function stop(problems) {
  console.error(
    ts.formatDiagnostics(problems, { ...ts.sys, getCanonicalFileName: (name) => name, getNewLine: () => '\n' }),
  );
  process.exit(1);
}
