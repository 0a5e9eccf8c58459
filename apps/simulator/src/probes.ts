import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ProbeSource {
  readonly ready: () => boolean;
  /** Name without `rookery_simulator_`, help text, kind and value. */
  readonly figures: () => readonly (readonly [name: string, help: string, kind: 'counter' | 'gauge', value: number])[];
}

/** GET /healthz, /readyz and /metrics on loopback. The figures are few and without labels, so they are written by hand. */
export class Probes {
  private readonly server: Server;

  constructor(private readonly source: ProbeSource) {
    this.server = createServer((request, response) => {
      const [status, body] = this.answer(request.url ?? '/');
      response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(body);
    });
  }

  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => resolve((this.server.address() as AddressInfo).port));
    });
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private answer(path: string): [number, string] {
    switch (path) {
      case '/healthz':
        return [200, 'ok\n'];
      case '/readyz':
        return this.source.ready() ? [200, 'ok\n'] : [503, 'no account has a client yet\n'];
      case '/metrics':
        return [200, this.metrics()];
      default:
        return [404, 'not found: /healthz, /readyz, /metrics\n'];
    }
  }

  private metrics(): string {
    return this.source
      .figures()
      .map(([name, help, kind, value]) => {
        const full = `rookery_simulator_${name}`;
        return `# HELP ${full} ${help}\n# TYPE ${full} ${kind}\n${full} ${value}\n`;
      })
      .join('');
  }
}
