// `npm start`: `rookery up` on a machine with nothing but Node.
import { launch } from './bootstrap/launch.mjs';

await launch('up');
