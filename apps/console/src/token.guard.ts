import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Service } from '@rookery/service';

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * Lets a request pass with the console's token as a bearer header. Without a configured token everything passes: the
 * configuration allows that on loopback only.
 */
@Injectable()
export class TokenGuard implements CanActivate {
  constructor(private readonly service: Service) {}

  canActivate(context: ExecutionContext): boolean {
    const token = this.service.config.console.token;
    if (!token) return true;
    const header: unknown = context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>().headers[
      'authorization'
    ];
    const given = typeof header === 'string' ? /^Bearer (.+)$/.exec(header)?.[1] : undefined;
    if (given !== undefined && timingSafeEqual(digest(given), digest(token.reveal()))) return true;
    throw new UnauthorizedException('send the console token of rookery.yaml as `Authorization: Bearer …`');
  }
}
