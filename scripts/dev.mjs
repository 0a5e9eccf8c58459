// `npm run dev`: `rookery dev` on a machine with nothing but Node.
import { launch } from './bootstrap/launch.mjs';

await launch('dev');
