/** A step of an iterator that is under way, of which one can ask whether it has come to the end already. */
export interface Peekable<T> {
  readonly result: Promise<IteratorResult<T>>;
  isDone(): boolean;
}

export function peekable<T>(result: Promise<IteratorResult<T>>): Peekable<T> {
  let isDone = false;
  result.then(
    ({ done }) => {
      isDone = done === true;
    },
    // Whoever awaits `result` gets the error; without this it would count as unhandled while a page is being stored.
    () => undefined,
  );
  return { result, isDone: () => isDone };
}

/** Lets sockets, messages and other runs have their turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
