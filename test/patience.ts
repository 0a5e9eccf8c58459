import { jest } from '@jest/globals';

// What takes a second here may take many times as long on a shared machine, and no test is about that.
jest.setTimeout(60_000);
