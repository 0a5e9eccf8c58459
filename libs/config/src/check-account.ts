import { findings, type Finding } from './check';
import { accountConfig, type AccountConfig, type RookeryConfig } from './load-config';
import { configInvalid } from './problem';
import { accountFindings, reverseTokenFindings } from './rules';
import { account, type ParsedAccount } from './schema';

/**
 * One account that comes from elsewhere than the file, held to the same rules. `place` is what people call its source. Throws
 * CONFIG_INVALID with all problems; none of them shows a value.
 */
export function checkAccount(value: unknown, place: string, reverse: RookeryConfig['reverse']): AccountConfig {
  const result = account.safeParse(value);
  const found = result.success ? ruleFindings(result.data, reverse) : findings(result.error, account, value);
  if (found.length > 0) throw configInvalid(found.map((one) => ({ place, ...one })));
  if (!result.success) throw new TypeError('an account was refused without a reason');
  return accountConfig(result.data);
}

function ruleFindings(parsed: ParsedAccount, reverse: RookeryConfig['reverse']): Finding[] {
  const placed = { index: 0, account: parsed };
  // The rules name places of the file, `accounts[0].token`; here there is only the account.
  return [...accountFindings(placed), ...reverseTokenFindings(reverse.host, [placed])].map(({ path, text }) => ({
    path: path.slice(2),
    text,
  }));
}
