import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { writeCompose } from '../compose/write-compose';
import { numberFrom } from './numbers';

interface Options {
  readonly accounts: string;
  readonly out: string;
  readonly image: string;
  readonly reverseUrl: string;
  readonly webPort: number;
}

/** `rookery compose`: containers of NapCat for a list of accounts. */
export function composeCommand(): Command {
  return new Command('compose')
    .description(
      'Writes NapCat containers, their settings and tokens for a list of accounts.\n根据账号列表生成 NapCat 容器、配置和 token。',
    )
    .requiredOption('--accounts <file>', 'CSV with a header: account,mode,pool,since / 带表头的 CSV')
    .option('--out <folder>', 'the folder beside compose.yaml / compose.yaml 旁的文件夹', 'deploy/compose')
    .option('--image <image>', 'of NapCat, with its version / NapCat 镜像', 'mlikiowa/napcat-docker:v4.18.19')
    .option('--reverse-url <url>', 'where NapCats dial / 反向连接地址', 'ws://connector:6199/onebot/v11/ws')
    .option('--web-port <port>', 'first port for web pages / 网页的起始端口', numberFrom(1, 65_535, 'whole'), 6100)
    .action((options: Options) => {
      const newToken = () => randomBytes(32).toString('hex');
      writeCompose(options, { newToken, note: (text) => void process.stderr.write(`${text}\n`) });
    });
}
