#!/usr/bin/env node
import { exitCodeOf } from '@rookery/config';
import { explain } from './failure';
import { createProgram } from './program';

createProgram()
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`rookery: ${explain(error)}\n`);
    process.exitCode = exitCodeOf(error);
  });
