import { defineConfig } from 'vite';
import { nodeBundle } from './vite.node.config.ts';

export default defineConfig(nodeBundle('headless', 'src/headless/index.ts'));
