import { Controller, Get, Header, Headers, Res, UnauthorizedException } from '@nestjs/common';
import { Health, Metrics } from '@rookery/telemetry';
import { bears } from './bearer';
import { Service } from './service';

/** The part of Express' response that the probes use. */
interface Response {
  status(code: number): Response;
  json(body: unknown): void;
}

/**
 * What load balancers, Kubernetes and Prometheus ask. No secrets and no names in any answer; beyond this machine the probes say yes or
 * no alone, and /metrics wants its token.
 */
@Controller()
export class ProbesController {
  constructor(
    private readonly health: Health,
    private readonly metrics: Metrics,
    private readonly service: Service,
  ) {}

  /** 200 while the event loop turns. */
  @Get('healthz')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** 200 when the process does its work (a worker: when it consumes), else 503; the reasons are for this machine only. */
  @Get('readyz')
  ready(@Res() response: Response): void {
    const { isReady, problems } = this.health;
    const reasons = this.service.settings.http.isLocal && { problems };
    if (isReady) response.status(200).json({ status: 'ready' });
    else response.status(503).json({ status: 'not ready', ...reasons });
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  scrape(@Headers('authorization') given?: string): Promise<string> {
    const { metrics: readers } = this.service.settings.http;
    if (readers !== 'open' && !bears(given, readers)) {
      throw new UnauthorizedException('send `metrics.token` of rookery.yaml as `Authorization: Bearer …`');
    }
    return this.metrics.exposition();
  }
}
