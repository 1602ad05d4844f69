import { defineConfig } from 'vite';
import { nodeBundle } from './vite.node.config.ts';

export default defineConfig(nodeBundle('check-thread', 'src/main/store/check-thread.ts'));
