import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Files of a certificate and its key, and of the authority that both sides trust; as parameters of an address of Redis too. */
export interface TestCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** The name that it bears, where that is not where the server is. */
  readonly serverName?: string;
}

/** An authority of its own in `dir`, whose certificates last two days. Needs openssl. */
export class TestAuthority {
  readonly ca: string;

  constructor(
    private readonly dir: string,
    private readonly name = 'ca',
  ) {
    this.ca = join(dir, `${name}.pem`);
    this.#make(name, 'IP:127.0.0.1', []);
  }

  /** For 127.0.0.1, or for `serverName` alone. */
  issue(name: string, serverName?: string): TestCertificate {
    const names = serverName === undefined ? 'IP:127.0.0.1' : `DNS:${serverName}`;
    const made = this.#make(name, names, ['-CA', this.ca, '-CAkey', join(this.dir, `${this.name}.key`)]);
    return { ca: this.ca, ...made, ...(serverName !== undefined && { serverName }) };
  }

  #make(name: string, names: string, issuer: readonly string[]): Pick<TestCertificate, 'cert' | 'key'> {
    const [key, cert] = [join(this.dir, `${name}.key`), join(this.dir, `${name}.pem`)];
    const what = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`, '-days', '2', '-nodes'];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    const files = ['-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', ...kind, ...what, ...issuer, ...files], { stdio: 'ignore' });
    return { cert, key };
  }
}
