import { jest } from '@jest/globals';

// For tests with real servers and processes: they start in about a second, but a shared machine may take many times as long.
jest.setTimeout(60_000);
