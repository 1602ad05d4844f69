import { defineConfig } from 'vite';
import { nodeBundle } from './vite.node.config.ts';

export default defineConfig(nodeBundle('network-thread', 'src/main/worker/network-thread.ts'));
