import { createRequire } from 'node:module';
import './toggle.mjs';

createRequire(import.meta.url)('../../../dist/apps/connector/src/main.js');
