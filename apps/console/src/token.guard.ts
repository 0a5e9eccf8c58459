import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { bears, Service } from '@rookery/service';

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
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>();
    if (bears(headers['authorization'], token)) return true;
    throw new UnauthorizedException('send the console token of rookery.yaml as `Authorization: Bearer …`');
  }
}
