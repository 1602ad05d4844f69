import type { Page } from '@playwright/test';

/**
 * What can be pressed or read as a heading but is cut off at a side: beyond the window, or beyond a box that hides what does not
 * fit. What scrolls sideways by itself can be reached. Looks at the topmost dialog, else at the page.
 */
export async function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const top = [...document.querySelectorAll('[role="dialog"]')].at(-1) ?? document.body;
    const found: string[] = [];
    for (const element of top.querySelectorAll('button, a, input, textarea, h1, h2, h3, dt, dd, [role="tab"]')) {
      const box = element.getBoundingClientRect();
      // Hidden ones, and those kept for screen readers alone.
      if (box.width <= 1 || box.height <= 1 || getComputedStyle(element).visibility === 'hidden') continue;
      let [least, most] = [0, document.documentElement.clientWidth];
      let isReachable = false;
      for (let around = element.parentElement; around !== null && !isReachable; around = around.parentElement) {
        const { overflowX } = getComputedStyle(around);
        if (overflowX === 'visible') continue;
        const { left, right } = around.getBoundingClientRect();
        least = Math.max(least, left);
        most = Math.min(most, right);
        isReachable = overflowX !== 'hidden' && overflowX !== 'clip' && around.scrollWidth > around.clientWidth;
      }
      if (!isReachable && (box.left < least - 1 || box.right > most + 1))
        found.push(`${element.textContent?.slice(0, 40)}: ${box.left} to ${box.right} in ${least} to ${most}`);
    }
    return found;
  });
}
