// `node scripts/chart.mjs`: renders the chart with its default values and with every example, and holds the objects against the schemas and types
// of Kubernetes, KEDA and the Prometheus operator. `--values FILE…` renders those instead, `--chart FOLDER` another chart, `--json` prints objects.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BootstrapError } from './bootstrap/progress.mjs';
import { provideChartTools } from './bootstrap/chart-tools.mjs';
import { main, root } from './bootstrap.mjs';
import { problemsOf } from './chart/validate.mjs';

await main(async () => {
  const { parseAllDocuments } = await import('yaml');
  const { values } = parseArgs({
    options: {
      chart: { type: 'string', default: join(root, 'deploy/helm/rookery') },
      values: { type: 'string', multiple: true },
      json: { type: 'boolean', default: false },
    },
  });
  const { helm, modules } = await provideChartTools({ cacheDir: join(root, '.cache/chart-tools') });
  const typescript = join(root, 'node_modules/typescript/bin/tsc');
  const examples = join(root, 'deploy/helm/rookery/examples');
  const sets = values.values ?? [
    undefined,
    ...readdirSync(examples)
      .sort()
      .map((name) => join(examples, name)),
  ];
  const rendered = [];
  for (const file of sets) {
    const args = [
      'template',
      'example',
      values.chart,
      '--namespace',
      'bots',
      ...(file === undefined ? [] : ['-f', file]),
    ];
    const objects = parseAllDocuments(helmSays(helm, args))
      .map((document) => document.toJS())
      .filter((object) => object !== null);
    rendered.push({ values: file ?? 'default', objects });
  }
  // In one go: the compiler takes longer to begin than to look.
  const named = rendered.flatMap(({ values: of, objects }) => objects.map((object) => ({ of, object })));
  const problems = await problemsOf(named, { modules, typescript });
  if (problems.length > 0) throw new BootstrapError(problems.join('\n'));
  if (values.json) console.log(JSON.stringify(rendered));
  else for (const { values: of, objects } of rendered) console.log(`✓ ${of}: ${objects.length} objects`);
});

function helmSays(helm, args) {
  try {
    return execFileSync(helm, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    throw new BootstrapError(String(error.stderr ?? error.message));
  }
}
