/** @type {import('jest').Config} */
const base = {
  testEnvironment: 'node',
  setupFilesAfterEnv: ['<rootDir>/test/patience.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.cache/'],
  transform: {
    '\\.ts$': '@swc/jest', // options come from .swcrc, shared with `nest build`
    // Nest 12 ships ES modules only; Jest can require() those natively only on Node >= 24.9
    '\\.m?js$': ['@swc/jest', { swcrc: false, jsc: { target: 'es2022' }, module: { type: 'commonjs' } }],
  },
  transformIgnorePatterns: ['/node_modules/(?!@nestjs/)'],
  moduleNameMapper: { '^@rookery/plugin-kit/testing$': '<rootDir>/apps/testkit/src', '^@rookery/([^/]+)$': '<rootDir>/libs/$1/src' },
};
module.exports = {
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs,scripts,test}/**/*.spec.ts'],
      testPathIgnorePatterns: ['\\.redis\\.spec\\.ts$'],
    },
    {
      ...base,
      displayName: 'redis',
      setupFilesAfterEnv: [...base.setupFilesAfterEnv, '<rootDir>/test/one-slot.ts', '<rootDir>/test/whole-cluster.ts'],
      testMatch: ['<rootDir>/{apps,libs}/**/*.redis.spec.ts'],
    },
    {
      ...base,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.e2e-spec.ts'],
    },
    {
      ...base,
      displayName: 'resilience',
      testMatch: ['<rootDir>/test/resilience/**/*.e2e-spec.ts'],
    },
  ],
};
