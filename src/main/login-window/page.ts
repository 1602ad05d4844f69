/**
 * What a page of the log-in window must not do to the window, and Chromium has no switch for. Its script runs in every document
 * and frame before the page's own, through Chromium's debugging protocol. A preload would not do: it is not run in an empty frame,
 * whose `print` a page can call. https://chromedevtools.github.io/devtools-protocol/tot/Page/#method-addScriptToEvaluateOnNewDocument
 */
import type { WebContents } from 'electron';

/**
 * Printing opens a dialog of the system's, which has no place in a log-in, and which ends Electron 25 with a segmentation fault when the
 * window goes. And a log-in is closed by the person, not by its page.
 */
const SCRIPT = `(() => {
  // A frame's first document may keep the window of the empty one before, which is guarded already.
  if (Object.getOwnPropertyDescriptor(window, 'print')?.configurable === false) return;
  const keep = (owner, name, value) =>
    Object.defineProperty(owner, name, { value, enumerable: true, writable: false, configurable: false });
  const { execCommand } = Document.prototype;
  keep(window, 'print', function print() {});
  keep(window, 'close', function close() {});
  keep(Document.prototype, 'execCommand', function (command, ...rest) {
    const name = String(command);
    return name.toLowerCase() === 'print' ? false : execCommand.call(this, name, ...rest);
  });
})()`;

const FRAMES = { autoAttach: true, waitForDebuggerOnStart: true, flatten: true };

/**
 * Begins to guard every page that the window will show. The window must have one already, such as about:blank: before, there is
 * nobody to answer.
 * @param onLost told when pages can no longer be guarded while the window is there
 */
export async function guardPages(contents: WebContents, onLost: () => void): Promise<void> {
  const { debugger: protocol } = contents;
  protocol.attach('1.3');
  protocol.on('message', (_event, method, params: { sessionId?: string }) => {
    if (method === 'Target.attachedToTarget') void guardFrame(contents, params.sessionId);
  });
  protocol.on('detach', (_event, reason) => {
    if (reason !== 'target closed' && !contents.isDestroyed()) onLost();
  });
  await guardTarget(contents);
}

/** A frame of another site has a process of its own, which waits until its script is there. */
async function guardFrame(contents: WebContents, sessionId: string | undefined): Promise<void> {
  const { debugger: protocol } = contents;
  try {
    await addScript(contents, sessionId);
    await protocol.sendCommand('Runtime.runIfWaitingForDebugger', {}, sessionId);
    await protocol.sendCommand('Target.setAutoAttach', FRAMES, sessionId);
  } catch {
    // The frame was gone before it began; one that is there and has no script waits for ever, and does no harm.
  }
}

async function guardTarget(contents: WebContents): Promise<void> {
  await addScript(contents);
  await contents.debugger.sendCommand('Target.setAutoAttach', FRAMES);
}

/** One after the other: a frame that is sent all of it at once does not begin on Electron 25. */
async function addScript({ debugger: protocol }: WebContents, sessionId?: string): Promise<void> {
  await protocol.sendCommand('Page.enable', {}, sessionId);
  const script = { source: SCRIPT, runImmediately: true };
  await protocol.sendCommand('Page.addScriptToEvaluateOnNewDocument', script, sessionId);
}
