import type { Dashboard, Panel } from './panel';

const SOURCE = { type: 'prometheus', uid: '${datasource}' };
const [COLUMNS, WIDTH, HEIGHT] = [2, 12, 8];

/** The JSON that Grafana 10 and later provision or import. */
export function grafanaJson({ uid, title, zh, panels, choose }: Dashboard): string {
  const variables = [
    { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' },
    ...(choose === undefined
      ? []
      : [
          {
            name: choose.label,
            label: choose.label,
            type: 'query',
            datasource: SOURCE,
            query: `label_values(${choose.metric}, ${choose.label})`,
            refresh: 2,
            sort: 3,
            includeAll: true,
            allValue: '.*',
          },
        ]),
  ];
  const dashboard = {
    uid,
    title,
    description: zh,
    tags: ['rookery'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: variables },
    panels: panels.map(panelJson),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

function panelJson({ title, description, unit, queries, stacked }: Panel, index: number): object {
  return {
    id: index + 1,
    type: 'timeseries',
    title,
    description,
    datasource: SOURCE,
    gridPos: { x: (index % COLUMNS) * WIDTH, y: Math.floor(index / COLUMNS) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        custom: {
          fillOpacity: stacked === true ? 30 : 5,
          showPoints: 'never',
          stacking: { mode: stacked === true ? 'normal' : 'none' },
        },
      },
      overrides: [],
    },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(({ expr, legend }, query) => ({
      refId: 'ABCDEFGHIJ'.charAt(query),
      datasource: SOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}
