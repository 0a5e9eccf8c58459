import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Put,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { scopeKey, type LimitScope, type LimitsInForce, type LimitsPatch } from '@rookery/pacing';
import type { SelfId } from '@rookery/protocol';
import { LimitControl, type SaidLimits } from '@rookery/service';
import { BrowserGuard } from './browser.guard';
import { ErrorFilter } from './error.filter';
import { AccountParam, ScopeParam } from './request-values';
import { TokenGuard } from './token.guard';

/** How fast accounts may send: what was said in the file and at run time, and what holds for an account. */
@Controller('api')
@UseGuards(BrowserGuard, TokenGuard)
@UseFilters(ErrorFilter)
export class LimitsController {
  constructor(private readonly control: LimitControl) {}

  @Get('limits')
  async said(): Promise<{ limits: readonly SaidLimits[] }> {
    return { limits: await this.control.said() };
  }

  @Get('accounts/:self/limits')
  inForce(@Param('self', AccountParam) self: SelfId): Promise<LimitsInForce> {
    return this.control.inForce(self);
  }

  /** The body is as `limits` in rookery.yaml; settings that it does not name stay as they were set. Answers all that is set now. */
  @Put('limits/:scope')
  async set(@Param('scope', ScopeParam) scope: LimitScope, @Body() body: unknown): Promise<LimitsPatch> {
    return this.control.set(scope, body ?? {});
  }

  @Delete('limits/:scope')
  @HttpCode(204)
  async clear(@Param('scope', ScopeParam) scope: LimitScope): Promise<void> {
    if (!(await this.control.clear(scope)))
      throw new NotFoundException(`nothing was set at run time for ${scopeKey(scope)}`);
  }
}
