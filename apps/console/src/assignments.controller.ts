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
import type { GroupId, PoolName } from '@rookery/protocol';
import { AssignmentControl, type Assignment } from '@rookery/service';
import { BrowserGuard } from './browser.guard';
import { ErrorFilter } from './error.filter';
import { assignee, GroupParam, PoolParam } from './request-values';
import { TokenGuard } from './token.guard';

/** Which account answers in a group, whatever the settings and the policy of its pool say. */
@Controller('api/assignments')
@UseGuards(BrowserGuard, TokenGuard)
@UseFilters(ErrorFilter)
export class AssignmentsController {
  constructor(private readonly control: AssignmentControl) {}

  @Get()
  async list(): Promise<{ assignments: readonly Assignment[] }> {
    return { assignments: await this.control.all() };
  }

  /** The body is `{ "account": "10001" }`. */
  @Put(':pool/:group')
  set(
    @Param('pool', PoolParam) pool: PoolName,
    @Param('group', GroupParam) group: GroupId,
    @Body() body: unknown,
  ): Promise<Assignment> {
    return this.control.set({ pool, group }, assignee(body));
  }

  @Delete(':pool/:group')
  @HttpCode(204)
  async clear(@Param('pool', PoolParam) pool: PoolName, @Param('group', GroupParam) group: GroupId): Promise<void> {
    if (!(await this.control.clear({ pool, group })))
      throw new NotFoundException(`nobody is assigned to group ${group} of pool ${pool}`);
  }
}
