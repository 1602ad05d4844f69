// npm run -s practice -- ...: starts the practice servers alone. Stdout is the program's own.
import { runBuiltProgram } from './lib/built-program.mjs';

await runBuiltProgram('practice');
