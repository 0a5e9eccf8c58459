import { SECOND } from '@rookery/protocol';
import type { Channel, Notice } from './alarms';
import { words } from './words';

export interface MailOptions {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; otherwise it is used where the server offers it, and demanded where there is a password. */
  readonly secure: boolean;
  readonly user?: string | undefined;
  readonly password?: { reveal(): string } | undefined;
  readonly from: string;
  readonly to: readonly string[];
}

const TIMEOUT_MS = 15 * SECOND;

/** Sends mail over SMTP, one connection for each notice. */
export class Mail implements Channel {
  readonly name = 'mail';

  constructor(private readonly options: MailOptions) {}

  async tell(notice: Notice): Promise<void> {
    const { host, port, secure, user, password, from, to } = this.options;
    // Loaded when it is needed: most nodes never send a mail.
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host,
      port,
      secure,
      requireTLS: !secure && password !== undefined,
      ...(user !== undefined && password !== undefined && { auth: { user, pass: password.reveal() } }),
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
    });
    try {
      await transport.sendMail({ from, to: [...to], ...words(notice) });
    } finally {
      transport.close();
    }
  }
}
