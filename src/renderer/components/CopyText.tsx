import { Button } from '@mantine/core';
import { useRef, useState } from 'react';
import classes from './CopyText.module.css';
import { IconCheck, IconCopy } from './icons.ts';

/** The clipboard API may be refused by the window's permission rules; copying a selection never is. */
async function copy(text: string, shown: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (refused) {
    if (!(refused instanceof DOMException)) throw refused;
    const range = document.createRange();
    range.selectNodeContents(shown);
    const selection = window.getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
    return document.execCommand('copy');
  }
}

/** A value to be taken elsewhere: shown whole, one click to copy. */
export function CopyText({ text, what }: { text: string; what: string }) {
  const shown = useRef<HTMLElement>(null);
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const onClick = async (): Promise<void> => {
    if (!shown.current) return;
    setState((await copy(text, shown.current)) ? 'copied' : 'failed');
    setTimeout(() => setState('idle'), 2000);
  };
  return (
    <div className={classes.root}>
      <code ref={shown} className={classes.text}>
        {text}
      </code>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`Copy the ${what}`}
        leftSection={
          state === 'copied' ? <IconCheck size={14} aria-hidden="true" /> : <IconCopy size={14} aria-hidden="true" />
        }
        onClick={() => void onClick()}
      >
        {state === 'copied' ? 'Copied' : state === 'failed' ? 'Select and copy' : 'Copy'}
      </Button>
    </div>
  );
}
