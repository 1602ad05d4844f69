import { describe, expect, it } from 'vitest';
import { boundsOnScreen } from './window-state.ts';

const main = { x: 0, y: 25, width: 1920, height: 1055 };
const left = { x: -1280, y: 0, width: 1280, height: 1024 };
const size = { width: 1280, height: 860, isMaximized: false };

describe('the window comes back', () => {
  it('where it was, on either screen', () => {
    for (const place of [
      { x: 300, y: 100 },
      { x: -1280, y: 60 },
    ])
      expect(boundsOnScreen({ ...size, ...place }, [main, left])).toEqual({ ...size, ...place });
  });

  it('in the middle of the main screen when the one it stood on is gone', () => {
    expect(boundsOnScreen({ ...size, x: -1280, y: 60 }, [main])).toEqual(size);
    expect(boundsOnScreen({ ...size, x: 90_000, y: -4000 }, [main, left])).toEqual(size);
  });

  it('whole, when part of it was outside', () => {
    expect(boundsOnScreen({ ...size, x: 1500, y: 900 }, [main])).toEqual({ ...size, x: 640, y: 220 });
    expect(boundsOnScreen({ ...size, x: -100, y: -50 }, [main])).toEqual({ ...size, x: 0, y: 25 });
  });

  it('no larger than the screen that is there', () => {
    const small = { x: 0, y: 0, width: 1024, height: 700 };
    expect(boundsOnScreen({ ...size, x: 10, y: 10 }, [small])).toEqual({ ...small, isMaximized: false });
    expect(boundsOnScreen({ ...size, isMaximized: true }, [small])).toEqual({
      width: 1024,
      height: 700,
      isMaximized: true,
    });
  });

  it('with its size alone when it has no place yet, or no screen is known', () => {
    expect(boundsOnScreen(size, [main])).toEqual(size);
    expect(boundsOnScreen({ ...size, x: 1, y: 1 }, [])).toEqual(size);
  });
});
