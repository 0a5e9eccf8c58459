import './toggle.mjs';
import '../events/rookery-worker.mjs';
