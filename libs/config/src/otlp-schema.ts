import { z } from 'zod';
import { Secret } from './secret';

const receiver = z.string().superRefine((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const fail = (message: string) => context.addIssue({ code: 'custom', message });
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return fail('must be an http or https address');
  if (url.username !== '' || url.password !== '') fail('must not hold a password; write it into `headers`');
  if (url.search !== '' || url.hash !== '') fail('must end with its path; `/v1/traces` is added to it');
});
const header = z
  .string()
  .min(1, 'must not be empty')
  .max(4_096, 'must have at most 4096 characters')
  .regex(/^[\x20-\x7e]*$/, 'must consist of printable ASCII characters')
  .transform((value) => new Secret(value));

/** Where spans go. Values of headers are secrets. */
export const otlpSchema = z.strictObject({
  url: receiver,
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header'), header).default({}),
  share: z.number().min(0, 'must be from 0 to 1').max(1, 'must be from 0 to 1').default(1),
});
