import { jest } from '@jest/globals';

// Real processes start in about a second each; a shared machine may take many times as long.
jest.setTimeout(60_000);
