import { useLayoutEffect } from 'react';

let holders = 0;

function change(by: 1 | -1): void {
  holders += by;
  const root = document.getElementById('root');
  if (root) root.inert = holders > 0;
}

/** While anybody wants it, the page behind can be reached neither by keyboard nor by a screen reader. */
export function useInertPage(isWanted: boolean): void {
  useLayoutEffect(() => {
    if (!isWanted) return;
    change(1);
    return () => change(-1);
  }, [isWanted]);
}
