// What a person does in the list of connections, and how long the window takes to follow.
import { pause } from './open-window.mjs';

export const WORDS = ['emea 00', 'usage files', 'user12', 'acme-77', 'nothing has this', 'zendesk prod'];
export const ALL_HERE = 'document.querySelector(\'[data-list-state="whole"]\') !== null';

const KEY_EVERY_MS = 110;
const NOTCH_EVERY_MS = 30;
const NOTCH = 120;

/** Asks for every keystroke when the rows for what was typed, or for what was typed since, had been painted. */
const LISTEN = `(() => {
  const box = document.querySelector('input[data-page-search]');
  const list = document.querySelector('[data-list-state]');
  const typed = [];
  window.__keys = [];
  box.focus();
  box.addEventListener('input', (event) => {
    const place = typed.push(box.value) - 1;
    const from = event.timeStamp;
    const look = () => {
      if (typed.lastIndexOf(list.dataset.shownFor) < place) return void requestAnimationFrame(look);
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => window.__keys.push(performance.now() - from);
        channel.port2.postMessage(0);
      });
    };
    look();
  });
})()`;

export const listenToKeys = (window) => window.evaluate(LISTEN);

/** Types a word key by key and takes it back. @returns milliseconds from each keystroke to its painted rows */
export async function typeWord(window, word) {
  const press = async (down, up = down) => {
    await window.send('Input.dispatchKeyEvent', { type: 'keyDown', ...down });
    await window.send('Input.dispatchKeyEvent', { type: 'keyUp', ...up });
    await pause(KEY_EVERY_MS);
  };
  const back = { key: 'Backspace', code: 'Backspace', windowsVirtualKeyCode: 8 };
  for (const letter of word) await press({ text: letter, key: letter }, { key: letter });
  for (const _letter of word) await press(back);
  return window.evaluate('window.__keys.splice(0)');
}

/** Turns the wheel over the list, down and up again. @returns milliseconds between the frames meanwhile */
export async function scroll(window, ms) {
  const place = await window.evaluate(`(() => {
    const gaps = (window.__gaps = []);
    let before = performance.now();
    const look = () => {
      const now = performance.now();
      gaps.push(now - before);
      before = now;
      if (window.__gaps === gaps) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    return { x: Math.round(innerWidth / 2), y: Math.round(innerHeight * 0.7) };
  })()`);
  const startedAt = performance.now();
  for (let spent = 0; spent < ms; spent = performance.now() - startedAt) {
    const deltaY = spent < ms / 2 ? NOTCH : -NOTCH;
    await window.send('Input.dispatchMouseEvent', { type: 'mouseWheel', ...place, deltaX: 0, deltaY });
    await pause(NOTCH_EVERY_MS);
  }
  // The first gap began wherever between two frames.
  return window.evaluate('(() => { const gaps = window.__gaps; window.__gaps = null; return gaps.slice(1); })()');
}
