// All progress goes to stderr: stdout belongs to the program that is started (one line of JSON, a report, nothing).

/** A failure that a person can do something about. */
export class SetupError extends Error {
  /** @param {string} message what failed @param {string} advice what to do next */
  constructor(message, advice, options) {
    super(message, options);
    this.advice = advice;
  }
}

export const say = (text) => process.stderr.write(`${text}\n`);

/** Says what is being done, runs it, and says how long it took when that was long enough to wonder. */
export async function step(title, work) {
  const startedAt = Date.now();
  say(`- ${title}`);
  const result = await work();
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  if (seconds >= 3) say(`  done in ${seconds} s`);
  return result;
}

/** Runs a script's body; a failure ends with a sentence and the advice, without a stack unless it is a bug. */
export async function runScript(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    if (error instanceof SetupError) {
      say(`\nFailed: ${error.message}`);
      if (error.cause) say(`Cause:  ${error.cause.message ?? error.cause}`);
      say(`Next:   ${error.advice}`);
    } else {
      say(error?.stack ?? String(error));
    }
    process.exitCode = 1;
  }
}
