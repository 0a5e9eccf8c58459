import { z } from 'zod';
import { isDecimalId } from '@rookery/protocol';
import { Secret } from './secret';

const secret = z
  .string()
  .min(1, 'must not be empty; leave the key out where there is none')
  .max(512, 'must have at most 512 characters')
  .regex(/^[\x20-\x7e]*$/, 'must consist of printable ASCII characters')
  .transform((value) => new Secret(value));
const address = z
  .string()
  .max(320, 'must have at most 320 characters')
  .regex(/^[^\s@]+@[^\s@]+$/, 'must be a mail address');
const number = z.string().refine((value) => isDecimalId(value) && value !== '0', 'must be a QQ or group number');

const webhookUrl = z.string().superRefine((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const fail = (message: string) => context.addIssue({ code: 'custom', message });
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return fail('must be an http or https address');
  if (url.username !== '' || url.password !== '') fail('must not hold a password; write it into `token`');
});

/** How people are told when something is wrong, without Prometheus. */
export const alertsSchema = z.strictObject({
  afterSeconds: z.number().min(0, 'must be from 0 to 3600').max(3_600, 'must be from 0 to 3600').default(60),
  quietMinutes: z.number().min(1, 'must be from 1 to 10080').max(10_080, 'must be from 1 to 10080').default(60),
  webhook: z.strictObject({ url: webhookUrl, token: secret.optional() }).optional(),
  mail: z
    .strictObject({
      host: z.string().regex(/^[A-Za-z0-9.:_-]{1,255}$/, 'must be a host name or an address'),
      port: z
        .number()
        .int('must be a whole number')
        .min(1, 'must be from 1 to 65535')
        .max(65_535, 'must be from 1 to 65535'),
      secure: z.boolean().default(false),
      user: z.string().max(320, 'must have at most 320 characters').optional(),
      password: secret.optional(),
      from: address,
      to: z.array(address).min(1, 'must have an entry').max(50, 'must have at most 50 entries'),
    })
    .optional(),
  message: z
    .strictObject({
      users: z.array(number).max(20, 'must have at most 20 entries').default([]),
      groups: z.array(number).max(20, 'must have at most 20 entries').default([]),
    })
    .optional(),
});
