import { Controller, Get, HttpCode, Param, Post, UseFilters, UseGuards } from '@nestjs/common';
import type { NodeId } from '@rookery/protocol';
import { ClusterControl, type NodeView } from '@rookery/service';
import { BrowserGuard } from './browser.guard';
import { ErrorFilter } from './error.filter';
import { NodeParam } from './request-values';
import { TokenGuard } from './token.guard';

/** The running processes of the cluster. */
@Controller('api/nodes')
@UseGuards(BrowserGuard, TokenGuard)
@UseFilters(ErrorFilter)
export class NodesController {
  constructor(private readonly control: ClusterControl) {}

  @Get()
  async list(): Promise<{ nodes: NodeView[] }> {
    return { nodes: await this.control.nodes() };
  }

  /** Accepted: the node hands over what it holds and ends. */
  @Post(':node/drain')
  @HttpCode(202)
  async drain(@Param('node', NodeParam) node: NodeId): Promise<void> {
    await this.control.drain(node);
  }
}
