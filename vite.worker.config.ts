import { defineConfig } from 'vite';
import { nodeBundle } from './vite.node.config.ts';

export default defineConfig(nodeBundle('worker', 'src/main/worker/index.ts'));
