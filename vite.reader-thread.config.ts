import { defineConfig } from 'vite';
import { nodeBundle } from './vite.node.config.ts';

export default defineConfig(nodeBundle('reader-thread', 'src/main/data/reader-thread.ts'));
