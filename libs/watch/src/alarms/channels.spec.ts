import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { poolName, type Action } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { account, picture } from '../spec-picture';
import type { Notice } from './alarms';
import { Mail } from './mail';
import { Sibling } from './sibling';
import { Webhook } from './webhook';

const secret = (text: string) => ({ reveal: () => text });
const notice = (accounts = picture().accounts): Notice => ({
  at: 7,
  raised: [{ id: 'account-1', zh: '账号 1 掉线', en: 'account 1 is offline', self: account('1', 'offline').self }],
  cleared: [],
  picture: picture({ accounts }),
});

let server: Server | undefined;
afterEach(async () => {
  if (server) await new Promise((resolve) => server?.close(resolve));
  server = undefined;
});
async function listen(made: Server): Promise<number> {
  server = made;
  made.listen(0, '127.0.0.1');
  await once(made, 'listening');
  return (made.address() as AddressInfo).port;
}

describe('Webhook', () => {
  it('posts the notice as JSON, with its token', async () => {
    const requests: { headers: IncomingMessage['headers']; body: string }[] = [];
    const port = await listen(
      createServer((request, response) => {
        let body = '';
        request.on('data', (part) => (body += part));
        request.on('end', () => {
          requests.push({ headers: request.headers, body });
          response.end('ok');
        });
      }),
    );
    await new Webhook({ url: `http://127.0.0.1:${port}/hook`, token: secret('t0ken') }).tell(notice());
    expect(requests[0]?.headers.authorization).toBe('Bearer t0ken');
    expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({
      text: expect.stringContaining('账号 1 掉线'),
      raised: [{ id: 'account-1' }],
    });
  });

  it.each([
    ['an error', 500, {}],
    ['a redirection, which must not get the token', 302, { location: 'http://127.0.0.1:1/' }],
  ])('has failed when the answer is %s', async (_name, status, headers) => {
    const port = await listen(createServer((_request, response) => response.writeHead(status, headers).end()));
    const sut = new Webhook({ url: `http://127.0.0.1:${port}/`, token: secret('t0ken') });
    await expect(sut.tell(notice())).rejects.toThrow(/status 500|fetch failed/);
  });
});

describe('Mail', () => {
  /** Speaks as much SMTP as a mail needs. */
  async function smtp(refuse = false): Promise<{ port: number; lines: string[] }> {
    const lines: string[] = [];
    const made = createTcpServer((socket) => {
      let inData = false;
      socket.write('220 test ESMTP\r\n');
      socket.on('error', () => undefined);
      socket.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.split('\r\n').filter(Boolean)) {
          lines.push(line);
          if (inData && line !== '.') continue;
          if (line === 'DATA') socket.write('354 go on\r\n');
          else if (refuse && line.startsWith('RCPT')) socket.write('550 no such user\r\n');
          else if (line === 'QUIT') socket.end('221 bye\r\n');
          else socket.write('250 ok\r\n');
          inData = line === 'DATA' || (inData && line !== '.');
        }
      });
    });
    return { port: await listen(made), lines };
  }
  const options = {
    host: '127.0.0.1',
    secure: false,
    from: 'bot@example.org',
    to: ['me@example.org', 'you@example.org'],
  };

  it('sends one mail to everybody', async () => {
    const { port, lines } = await smtp();
    await new Mail({ ...options, port }).tell(notice());
    expect(lines).toEqual(expect.arrayContaining(['RCPT TO:<me@example.org>', 'RCPT TO:<you@example.org>']));
    expect(lines.find((line) => line.startsWith('Subject:'))).toBeDefined();
  });

  it('has failed when the server takes no recipient', async () => {
    const { port } = await smtp(true);
    await expect(new Mail({ ...options, port }).tell(notice())).rejects.toThrow(/550/);
  });

  it('does not send a password over a connection that is not encrypted', async () => {
    const { port, lines } = await smtp();
    const sut = new Mail({ ...options, port, user: 'bot', password: secret('pa55word') });
    await expect(sut.tell(notice())).rejects.toThrow(/STARTTLS|TLS|SSL/i);
    expect(lines.join('\n')).not.toMatch(/AUTH/);
  });
});

describe('Sibling', () => {
  const make = () => {
    const actions: Action[] = [];
    const publish = async (action: Action) => void actions.push(action);
    return { actions, sut: new Sibling({ to: [{ group: '77' }, { user: '88' }], clock: new FakeClock(), publish }) };
  };

  it('tells everybody through an online account of the same pool', async () => {
    const { actions, sut } = make();
    const pool = poolName('shop');
    await sut.tell(
      notice([account('1', 'offline', { pool }), account('2', 'online'), account('3', 'online', { pool })]),
    );
    expect(actions).toMatchObject([
      { id: 'alarm.7.0', self: '3', name: 'send_group_msg', params: { group_id: '77' } },
      { id: 'alarm.7.1', self: '3', name: 'send_private_msg', params: { user_id: '88' } },
    ]);
  });

  it('takes an account of another pool when there is no sibling', async () => {
    const { actions, sut } = make();
    await sut.tell(notice([account('1', 'offline', { pool: poolName('shop') }), account('2', 'online')]));
    expect(actions.map(({ self }) => self)).toEqual(['2', '2']);
  });

  it('has failed when no account is online', async () => {
    const { sut } = make();
    await expect(
      sut.tell(notice([account('1', 'offline'), account('2', 'online', { isOwned: false })])),
    ).rejects.toThrow(/online/);
  });
});
