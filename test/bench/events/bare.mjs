/** The limit: one process that reads the sockets, parses and looks for a command. Nothing is kept, nothing can be replayed. */
import { WebSocket } from 'ws';

const { urls } = JSON.parse(process.env.BENCH_SUBJECT);
let done = 0;
let commands = 0;

for (const url of urls) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on('message', (data) => {
    const { raw_message: text } = JSON.parse(data);
    if (text?.startsWith('/bench ')) commands += 1;
    done += 1;
  });
  await new Promise((resolve) => socket.once('open', resolve));
}
process.send({ type: 'ready' });
process.on('message', () => process.send({ type: 'done', done, commands }));
process.on('disconnect', () => process.exit(0));
