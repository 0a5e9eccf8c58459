#!/usr/bin/env node
import { CommanderError } from 'commander';
import { explain } from './failure';
import { createProgram } from './program';

createProgram()
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = 1;
    if (!(error instanceof CommanderError)) process.stderr.write(`rookery: ${explain(error)}\n`);
    else if (error.exitCode === 0) process.exitCode = 0; // --help and --version end this way
  });
