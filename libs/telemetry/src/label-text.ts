/** Labels as Prometheus reads them between braces. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label}="${escaped(value)}"`)
    .join(',');
}

const TO_ESCAPE = /[\\"\n]/g;

function escaped(value: string): string {
  return value.replaceAll(TO_ESCAPE, (sign) => (sign === '\n' ? '\\n' : `\\${sign}`));
}
