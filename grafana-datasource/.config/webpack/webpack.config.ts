// Bundles the front end as Grafana loads it, and as the configuration of @grafana/create-plugin does: an AMD module that takes Grafana's own
// libraries from Grafana.
import path from 'path';
import type { Configuration } from 'webpack';

interface Env {
  out?: string; // the folder that is written
  page?: boolean; // the page of the browser test
  development?: boolean;
}

const root = path.resolve(__dirname, '..', '..');

// What Grafana gives to plugins.
const shared = ['lodash', 'react', 'react-dom', 'react/jsx-runtime', 'rxjs', '@emotion/css', '@grafana/data', '@grafana/runtime', '@grafana/ui'];

const loader = {
  test: /\.tsx?$/,
  exclude: /node_modules/,
  use: { loader: 'swc-loader', options: { jsc: { target: 'es2021', parser: { syntax: 'typescript', tsx: true }, transform: { react: { runtime: 'automatic' } } } } },
};

// The page of the browser test, with all that Grafana would give.
const page = (env: Env): Configuration => ({
  mode: 'development',
  context: path.join(root, 'src'),
  entry: { page: './testing/page.tsx' },
  devtool: false,
  module: { rules: [loader, { test: /\.(css|svg)$/, use: path.join(root, '.config', 'webpack', 'empty.js') }, { test: /\.m?js$/, resolve: { fullySpecified: false } }] },
  resolve: { extensions: ['.ts', '.tsx', '.js', '.mjs'], fallback: { stream: false, string_decoder: false, buffer: false } },
  output: { path: path.resolve(env.out ?? 'page'), filename: '[name].js' },
  performance: { hints: false },
  stats: 'errors-only',
});

const plugin = (env: Env): Configuration => ({
  mode: env.development ? 'development' : 'production',
  context: path.join(root, 'src'),
  entry: { module: './module.ts' },
  devtool: 'source-map',
  externals: shared,
  module: { rules: [loader] },
  resolve: { extensions: ['.ts', '.tsx', '.js'] },
  output: {
    path: env.out ? path.resolve(env.out) : path.join(root, 'dist'),
    filename: '[name].js',
    library: { type: 'amd' },
    publicPath: 'public/plugins/weir-flow-datasource/',
    uniqueName: 'weir-flow-datasource',
  },
  performance: { hints: false },
  stats: 'errors-warnings',
});

export default (env: Env) => (env.page ? page(env) : plugin(env));
