/** Renews one grant, uses it, and ends: the program that src/core/connections/access-kill.test.ts kills. */
import { CONNECTION_ID, makeBench } from './bench.ts';
import { openRealVault } from './real-vault.ts';

const [folder = '', issuer = '', elapsedMs = '0'] = process.argv.slice(2);
const { vault, close } = openRealVault(folder);
const bench = makeBench(issuer, { folder, secrets: vault });
bench.elapsedMs = Number(elapsedMs);
process.stdout.write('ready\n');
const { credentials } = await bench.access.current(CONNECTION_ID);
const answer = await fetch(`${issuer}/me`, {
  headers: { authorization: `Bearer ${credentials.accessToken?.reveal() ?? ''}` },
});
process.stdout.write(`used ${answer.status}\n`);
await bench.close();
close();
