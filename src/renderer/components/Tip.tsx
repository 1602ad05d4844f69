import { type ReactNode, useId, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import classes from './Tip.module.css';

interface TipProps {
  readonly text: string;
  /** Gets the id of the description and must put it on its control as `aria-describedby`. */
  readonly children: (descriptionId: string) => ReactNode;
}

/** A short explanation on hover and focus. Screen readers get it as the control's description, without any hovering. */
export function Tip({ text, children }: TipProps) {
  const id = useId();
  const root = useRef<HTMLSpanElement>(null);
  const [place, setPlace] = useState<{ right: number; top: number } | null>(null);
  const show = (): void => {
    const rect = root.current?.getBoundingClientRect();
    if (rect) setPlace({ right: Math.max(8, window.innerWidth - rect.right - 8), top: rect.bottom + 6 });
  };
  const hide = (): void => setPlace(null);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the control inside is what has the focus
    <span
      ref={root}
      className={classes.root}
      onMouseEnter={show}
      onMouseLeave={hide}
      onFocus={show}
      onBlur={hide}
      onKeyDown={(event) => event.key === 'Escape' && hide()}
    >
      {children(id)}
      <span id={id} className="pb-hidden">
        {text}
      </span>
      {place &&
        createPortal(
          <div className={classes.tip} style={place} role="tooltip">
            {text}
          </div>,
          document.body,
        )}
    </span>
  );
}
