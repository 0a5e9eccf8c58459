import { Controller, Get, Header, Res } from '@nestjs/common';
import { Health, Metrics } from '@rookery/telemetry';

/** The part of Express' response that the probes use. */
interface Response {
  status(code: number): Response;
  json(body: unknown): void;
}

/** What load balancers, Kubernetes and Prometheus ask. No secrets and no names in any answer. */
@Controller()
export class ProbesController {
  constructor(
    private readonly health: Health,
    private readonly metrics: Metrics,
  ) {}

  /** 200 while the event loop turns. */
  @Get('healthz')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** 200 when the process does its work (a worker: when it consumes), else 503 with the reasons. */
  @Get('readyz')
  ready(@Res() response: Response): void {
    if (this.health.isReady) response.status(200).json({ status: 'ready' });
    else response.status(503).json({ status: 'not ready', problems: this.health.problems });
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  scrape(): Promise<string> {
    return this.metrics.exposition();
  }
}
