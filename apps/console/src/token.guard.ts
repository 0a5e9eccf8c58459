import {
  ForbiddenException,
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { borne, Service } from '@rookery/service';

interface Request {
  readonly method: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/**
 * Lets a request pass with a token of the console as a bearer header: with `console.token` (the role admin) everything, with
 * `console.readToken` (the role read) what changes nothing. Without a configured token everything passes: the configuration
 * allows that on loopback only.
 */
@Injectable()
export class TokenGuard implements CanActivate {
  constructor(private readonly service: Service) {}

  canActivate(context: ExecutionContext): boolean {
    const { token, readToken } = this.service.config.console;
    if (!token) return true;
    const { method, headers } = context.switchToHttp().getRequest<Request>();
    const [isAdmin = false, isReader = false] = borne(headers['authorization'], [
      token,
      ...(readToken ? [readToken] : []),
    ]);
    if (isAdmin) return true;
    if (!isReader) {
      throw new UnauthorizedException('send a console token of rookery.yaml as `Authorization: Bearer …`');
    }
    if (method === 'GET' || method === 'HEAD') return true;
    throw new ForbiddenException(
      'this token only reads; send `console.token` of rookery.yaml, the one of administrators, to change something',
    );
  }
}
