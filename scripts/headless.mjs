// npm run -s headless -- ...: runs one job through the engine without a window. Stdout is the program's own.
import { runBuiltProgram } from './lib/built-program.mjs';

await runBuiltProgram('headless', ['network-thread']);
