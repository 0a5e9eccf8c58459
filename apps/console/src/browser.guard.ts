import { isIP } from 'node:net';
import {
  ForbiddenException,
  Injectable,
  UnsupportedMediaTypeException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Service } from '@rookery/service';

interface Request {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Keeps web pages of others out, which a browser on this machine may have open. A page that has pointed its own name at our
 * address (DNS rebinding) sends that name as `Host`; a page that posts across origins says so in `Origin`, and cannot send
 * JSON without asking first, which nobody answers.
 */
@Injectable()
export class BrowserGuard implements CanActivate {
  constructor(private readonly service: Service) {}

  canActivate(context: ExecutionContext): boolean {
    const { method, headers } = context.switchToHttp().getRequest<Request>();
    const host = headers['host'];
    if (typeof host !== 'string' || !this.#isOurs(nameOf(host))) {
      throw new ForbiddenException('this host name is not ours; add it to `console.allowedHosts` in rookery.yaml');
    }
    if (method === 'GET' || method === 'HEAD') return true;
    const { origin } = headers;
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
      throw new ForbiddenException('pages of other origins may not change anything here');
    }
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    if (hasBody && !/^application\/json(?:;|$)/i.test(String(headers['content-type']))) {
      throw new UnsupportedMediaTypeException('send JSON, with content-type: application/json');
    }
    return true;
  }

  #isOurs(name: string): boolean {
    const { host, allowedHosts } = this.service.config.console;
    return (
      name === 'localhost' || isIP(name) !== 0 || [host, ...allowedHosts].some((own) => own.toLowerCase() === name)
    );
  }
}

/** Without port, and without the brackets of IPv6. */
function nameOf(host: string): string {
  const name = /^\[([^\]]*)\](?::\d+)?$/.exec(host)?.[1] ?? host.replace(/:\d+$/, '');
  return name.toLowerCase();
}
