import { Controller, Get, UseGuards } from '@nestjs/common';
import type { AccountStatus } from '@rookery/protocol';
import { AccountBoard } from '@rookery/redis';
import { TokenGuard } from './token.guard';

/** The accounts of the cluster and the state that their connectors last reported. */
@Controller('api/accounts')
@UseGuards(TokenGuard)
export class AccountsController {
  constructor(private readonly board: AccountBoard) {}

  @Get()
  async list(): Promise<{ accounts: AccountStatus[] }> {
    const accounts = await this.board.all();
    return { accounts: accounts.sort((a, b) => a.self.length - b.self.length || (a.self < b.self ? -1 : 1)) };
  }
}
