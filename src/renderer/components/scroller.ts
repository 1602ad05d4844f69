import { createContext, use } from 'react';

/** The one scrolling element of a page; virtual lists measure against it. */
export const ScrollerContext = createContext<HTMLElement | null>(null);

export function useScroller(): HTMLElement | null {
  return use(ScrollerContext);
}
