// Command-line options of our scripts: `--name value` or `--name`, known ones only; everything else is passed on.

/** @param {string[]} argv @param {Record<string, 'value' | 'flag'>} known */
export function readOptions(argv, known) {
  const options = {};
  const rest = [];
  for (let index = 0; index < argv.length; index += 1) {
    const [name, inline] = argv[index].startsWith('--') ? argv[index].slice(2).split(/=(.*)/s) : [];
    if (name === undefined || !Object.hasOwn(known, name)) rest.push(argv[index]);
    else if (known[name] === 'flag') options[name] = true;
    else options[name] = inline ?? argv[++index];
  }
  return { options, rest };
}
