import { defineConfig } from 'vite';
import { nodeBundle } from './vite.node.config.ts';

export default defineConfig(nodeBundle('preload', 'src/preload/index.ts'));
