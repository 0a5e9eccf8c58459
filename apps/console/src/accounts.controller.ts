import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  Res,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { checkAccount } from '@rookery/config';
import type { NodeId, SelfId } from '@rookery/protocol';
import type { AccountEvent } from '@rookery/redis';
import { ClusterControl, Service, WhyControl, type AccountView, type AccountWhy } from '@rookery/service';
import { BrowserGuard } from './browser.guard';
import { ErrorFilter } from './error.filter';
import { AccountParam, CountQuery, moveTarget, SeenVersion } from './request-values';
import { TokenGuard } from './token.guard';

const MAX_ACCOUNTS = 10_000;
const MAX_HISTORY = 1_000;

/** The part of Express' response that is used here. */
interface Response {
  setHeader(name: string, value: string): void;
}

type Wish = 'start' | 'stop' | 'pause' | 'resume';

/** The accounts of the cluster. `If-Match` makes a change hold only for the version that the caller saw (409 otherwise). */
@Controller('api/accounts')
@UseGuards(BrowserGuard, TokenGuard)
@UseFilters(ErrorFilter)
export class AccountsController {
  constructor(
    private readonly control: ClusterControl,
    private readonly service: Service,
    private readonly reasons: WhyControl,
  ) {}

  /** `total` counts all; `after` is the last account of the page before. */
  @Get()
  async list(
    @Query('limit', new CountQuery('limit', MAX_ACCOUNTS)) limit: number,
    @Query('after') after: unknown,
  ): Promise<{ total: number; accounts: AccountView[] }> {
    const accounts = await this.control.accounts();
    const last = after === undefined ? undefined : new AccountParam().transform(after);
    const start = last === undefined ? 0 : accounts.findIndex(({ self }) => BigInt(self) > BigInt(last));
    return { total: accounts.length, accounts: start < 0 ? [] : accounts.slice(start, start + limit) };
  }

  @Get(':self')
  async find(
    @Param('self', AccountParam) self: SelfId,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AccountView> {
    return withTag(await this.control.status(self), response);
  }

  /** Newest first. */
  @Get(':self/history')
  async history(
    @Param('self', AccountParam) self: SelfId,
    @Query('limit', new CountQuery('limit', MAX_HISTORY)) limit: number,
  ): Promise<{ history: readonly AccountEvent[] }> {
    return { history: await this.control.history(self, limit) };
  }

  /** What waits for it and why. */
  @Get(':self/why')
  why(@Param('self', AccountParam) self: SelfId): Promise<AccountWhy> {
    return this.reasons.why(self);
  }

  /** The account as in rookery.yaml, token included; it is encrypted at once and never shown again. */
  @Post()
  async add(@Body() body: unknown, @Res({ passthrough: true }) response: Response): Promise<AccountView> {
    const account = checkAccount(body ?? {}, 'the body', this.service.config.reverse);
    return withTag(await this.control.add(account), response);
  }

  @Delete(':self')
  @HttpCode(204)
  async remove(@Param('self', AccountParam) self: SelfId, @Headers('if-match') ifMatch: unknown): Promise<void> {
    await this.control.remove(self, seen(ifMatch));
  }

  @Post(':self/start')
  @HttpCode(200)
  start(@Param('self', AccountParam) self: SelfId, @Headers('if-match') ifMatch: unknown): Promise<AccountView> {
    return this.#want('start', self, ifMatch);
  }

  @Post(':self/stop')
  @HttpCode(200)
  stop(@Param('self', AccountParam) self: SelfId, @Headers('if-match') ifMatch: unknown): Promise<AccountView> {
    return this.#want('stop', self, ifMatch);
  }

  @Post(':self/pause')
  @HttpCode(200)
  pause(@Param('self', AccountParam) self: SelfId, @Headers('if-match') ifMatch: unknown): Promise<AccountView> {
    return this.#want('pause', self, ifMatch);
  }

  @Post(':self/resume')
  @HttpCode(200)
  resume(@Param('self', AccountParam) self: SelfId, @Headers('if-match') ifMatch: unknown): Promise<AccountView> {
    return this.#want('resume', self, ifMatch);
  }

  @Post(':self/move')
  @HttpCode(200)
  move(
    @Param('self', AccountParam) self: SelfId,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: unknown,
  ): Promise<AccountView> {
    const node: NodeId | null = moveTarget(body);
    return this.control.move(self, node, seen(ifMatch));
  }

  @Post(':self/reconnect')
  @HttpCode(200)
  reconnect(@Param('self', AccountParam) self: SelfId): Promise<AccountView> {
    return this.control.reconnect(self);
  }

  async #want(wish: Wish, self: SelfId, ifMatch: unknown): Promise<AccountView> {
    return await this.control[wish](self, seen(ifMatch));
  }
}

const seen = (ifMatch: unknown) => new SeenVersion().transform(ifMatch);

function withTag(account: AccountView, response: Response): AccountView {
  response.setHeader('ETag', `"${account.version}"`);
  return account;
}
