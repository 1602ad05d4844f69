import { defineConfig } from 'vite';
import { nodeBundle } from './vite.node.config.ts';

// In pieces: what is not needed to show the window (the AWS client above all) is not even read at a start.
export default defineConfig(nodeBundle('main', 'src/main/index.ts', { inPieces: true }));
