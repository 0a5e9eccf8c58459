/**
 * The settings: read once at the start, checked as a whole, all problems reported at once with file, line and key. Promises
 * that nothing is coerced or ignored in silence, and that a secret prints as `***`. The only reader of the process
 * environment. May import protocol and pacing.
 */
export { checkAccount } from './check-account';
export { readEnvironment, variable, type Environment } from './environment';
export { checkLimits, configuredLimits } from './limits';
export { loadConfig, type AccountConfig, type RookeryConfig } from './load-config';
export { loadEncryptionKey, loadProcessSettings, type ProcessSettings } from './process-settings';
export { exitCodeOf } from './problem';
export { POOL_DEFAULTS } from './schema';
export { parseRedisUrl, type RedisAddress, type RedisTls } from './redis-address';
export { Secret } from './secret';
export { secretFiles } from './secret-files';
