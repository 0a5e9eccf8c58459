import 'reflect-metadata';
import { z } from 'zod';
import { runService } from '@rookery/service';
import { WorkerModule } from './worker.module';

/** Script of a worker that has loaded its code, and reads its settings and begins when its parent says so. */
const begin = z.object({ type: z.literal('begin') });
const orphaned = () => process.exit(0);

process.once('disconnect', orphaned);
process.once('message', (message) => {
  if (!begin.safeParse(message).success) return;
  process.off('disconnect', orphaned);
  void runService('worker', ['consume'], () => WorkerModule.create());
});
