// docs/dependencies.md as text.

export function dependencyPage(packages, direct) {
  const sized = packages.filter(({ kB }) => kB !== undefined);
  const sum = Math.round(sized.reduce((total, { kB }) => total + kB, 0) / 100) / 10;
  const licences = [...new Set(packages.map(({ licence }) => licence))].toSorted((a, b) => a.localeCompare(b, 'en'));
  const rows = packages.map(({ name, version, licence, kB, optional }) => [
    direct.has(name) ? `**${name}**` : name,
    version,
    licence,
    kB === undefined ? 'of the platform' : String(kB),
    optional ? 'optional' : '',
  ]);
  return `# What ships

Written by \`npm run licences\` from package-lock.json; do not edit. These ${packages.length} packages are installed by \`npm ci --omit=dev\`, ${sum} MB without
the parts in machine code. Those in bold are named in package.json, the others come with them. Their licences: ${licences.join(', ')}.

A package with a licence that is not on the list of \`scripts/licences\`, one that wants to run a script when it is installed, or a second
major of the same package fails the tests. Native code is optional: \`msgpackr-extract\` packs what BullMQ says to Redis faster; its
install script is switched off in package.json. How well a package is kept, and whether it is known to be vulnerable, only a registry can tell: \`npm outdated\` and \`npm audit\`.

| package | version | licence | kB | |
| --- | --- | --- | ---: | --- |
${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}
`;
}
