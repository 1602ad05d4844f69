// Calls main as the page does.

const asked = (name, input) => {
  const [group, member] = name.split('.');
  return `window.patchbay.calls[${JSON.stringify(group)}][${JSON.stringify(member)}](${JSON.stringify(JSON.stringify(input))})`;
};

/** @returns what the call answered */
export async function call(window, name, input = {}) {
  const answer = JSON.parse(await window.evaluate(asked(name, input)));
  if (!answer.ok) throw new Error(`${name}: ${answer.error.message}`);
  return answer.value;
}

/** @returns milliseconds until the page had the answer and had parsed it */
export function timeOf(window, name, input = {}) {
  return window.evaluate(`(async () => {
    const from = performance.now();
    const answer = JSON.parse(await ${asked(name, input)});
    if (!answer.ok) throw new Error(answer.error.message);
    return performance.now() - from;
  })()`);
}
