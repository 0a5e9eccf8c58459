import { RookeryError, toError } from '@rookery/protocol';
import { offerOwnKit } from '../own-kit';
import { openChannel } from './channel';
import { PluginSide } from './plugin-side';

/** The script of a plugin's thread or process. */
async function main(): Promise<void> {
  const side = new PluginSide(await openChannel());
  // Ending other processes is not the plugin's to decide; process.exit() ends only its own thread or process already.
  process.kill = () => {
    throw new RookeryError('HANDLER_FAILED', 'a plugin may not send signals to processes');
  };
  process.on('unhandledRejection', (thrown) => side.reportDetached(thrown));
  process.on('uncaughtException', (thrown) => side.reportDetached(thrown));
  offerOwnKit();
  await side.start();
}

main().catch((thrown: unknown) => {
  process.stderr.write(`${toError(thrown).message}\n`);
  process.exit(1);
});
