// Lets Node read the configuration of webpack, which is where the plugin tools of Grafana look for it, and in TypeScript.
const { readFileSync } = require('fs');
const { transformSync } = require('@swc/core');

const options = { module: { type: 'commonjs' }, jsc: { target: 'es2021', parser: { syntax: 'typescript' } } };

require.extensions['.ts'] = (module, file) => module._compile(transformSync(readFileSync(file, 'utf8'), { ...options, filename: file }).code, file);
