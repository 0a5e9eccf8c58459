/** Preloaded into programs of others that we start: they end when we do, however that happens. */
process.on('disconnect', () => process.exit());
