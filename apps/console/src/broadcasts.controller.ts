import { Body, Controller, Get, HttpCode, Param, Post, Query, UseFilters, UseGuards } from '@nestjs/common';
import type { BroadcastDetails, BroadcastId, BroadcastStatus } from '@rookery/protocol';
import { BroadcastControl } from '@rookery/service';
import { BrowserGuard } from './browser.guard';
import { ErrorFilter } from './error.filter';
import { BroadcastParam, CountQuery } from './request-values';
import { TokenGuard } from './token.guard';

const MAX_LISTED = 1_000;

/** One message for many targets, and what is wanted of it while it runs. */
@Controller('api/broadcasts')
@UseGuards(BrowserGuard, TokenGuard)
@UseFilters(ErrorFilter)
export class BroadcastsController {
  constructor(private readonly control: BroadcastControl) {}

  /** Newest first. */
  @Get()
  async list(
    @Query('limit', new CountQuery('limit', MAX_LISTED)) limit: number,
  ): Promise<{ broadcasts: readonly BroadcastStatus[] }> {
    return { broadcasts: await this.control.list(limit) };
  }

  /** With the targets that were not reached; `failures` bounds their number. */
  @Get(':id')
  find(
    @Param('id', BroadcastParam) id: BroadcastId,
    @Query('failures', new CountQuery('failures', MAX_LISTED)) failures: number,
  ): Promise<BroadcastDetails> {
    return this.control.find(id, failures);
  }

  @Post()
  start(@Body() body: unknown): Promise<BroadcastStatus> {
    return this.control.start(body ?? {}, 'console');
  }

  @Post(':id/pause')
  @HttpCode(200)
  pause(@Param('id', BroadcastParam) id: BroadcastId): Promise<BroadcastStatus> {
    return this.control.want(id, 'paused');
  }

  @Post(':id/resume')
  @HttpCode(200)
  resume(@Param('id', BroadcastParam) id: BroadcastId): Promise<BroadcastStatus> {
    return this.control.want(id, 'running');
  }

  @Post(':id/cancel')
  @HttpCode(200)
  cancel(@Param('id', BroadcastParam) id: BroadcastId): Promise<BroadcastStatus> {
    return this.control.want(id, 'cancelled');
  }
}
