// What @grafana/ui needs comes as ES modules, which jest does not read.
const modules = ['@grafana', '@wojtekmaj', 'd3', 'd3-.*', 'delaunator', 'robust-predicates', 'internmap', 'get-user-locale', 'marked', 'memoize', 'mimic-function', 'ol', 'rbush', 'quickselect', 'react-calendar', 'react-colorful', 'rxjs', 'uuid', 'mdast.*', 'color-.*', 'geotiff', 'earcut', 'pbf'];

process.env.TZ = 'UTC';

module.exports = {
  testEnvironment: 'jest-environment-jsdom',
  testMatch: ['<rootDir>/src/**/*.test.{ts,tsx}'],
  setupFilesAfterEnv: ['<rootDir>/jest-setup.ts'],
  moduleNameMapper: { '\\.(css|scss|svg)$': '<rootDir>/.config/jest/empty.js', 'react-inlinesvg': '<rootDir>/.config/jest/empty.js' },
  transform: {
    '^.+\\.m?[tj]sx?$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript', tsx: true }, transform: { react: { runtime: 'automatic' } }, target: 'es2022' } }],
  },
  transformIgnorePatterns: [`node_modules/(?!.*(?:${modules.join('|')})/)`],
  maxWorkers: 2,
  testTimeout: 60000, // of a busy machine
};
