import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import classes from './ActionMenu.module.css';
import { Part } from './Part.tsx';

export interface MenuAction {
  readonly id: string;
  readonly label: string;
  readonly onSelect: () => void;
  /** Why it may not be used now; such an item can be reached and read, not used. */
  readonly refusal?: string | undefined;
  readonly isDangerous?: boolean | undefined;
  /** A line before this item. */
  readonly startsGroup?: boolean | undefined;
  /** For items that are one of several: the chosen one. */
  readonly isChecked?: boolean | undefined;
  readonly icon?: ReactNode;
  /** At the end of the line: a count, a shortcut. */
  readonly detail?: string | undefined;
}

/** Where the menu opens: below an element, or at the pointer. */
export type MenuAnchor =
  | { readonly kind: 'element'; readonly element: HTMLElement }
  | { readonly kind: 'point'; readonly x: number; readonly y: number };

const MARGIN = 8;

function placeFor(anchor: MenuAnchor, width: number, height: number): { left: number; top: number } {
  const rect =
    anchor.kind === 'element' ? anchor.element.getBoundingClientRect() : new DOMRect(anchor.x, anchor.y, 0, 0);
  const prefersRight = anchor.kind === 'element' && rect.right > window.innerWidth / 2;
  const left = prefersRight ? rect.right - width : rect.left;
  const below = rect.bottom + 4;
  const top = below + height <= window.innerHeight - MARGIN ? below : Math.max(MARGIN, rect.top - height - 4);
  return { left: Math.min(Math.max(MARGIN, left), window.innerWidth - width - MARGIN), top };
}

interface ActionMenuProps {
  readonly label: string;
  readonly anchor: MenuAnchor;
  readonly items: readonly MenuAction[];
  /** Gets the focus back when the menu closes. */
  readonly returnFocusTo: HTMLElement | null;
  readonly onClose: () => void;
}

/**
 * A menu by the keyboard rules of the ARIA menu pattern. Our own instead of Mantine's because refused items must stay
 * reachable with their reason, and because one menu opens at a button, at the pointer and at a row alike.
 */
export function ActionMenu({ label, anchor, items, returnFocusTo, onClose }: ActionMenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null);
  const typed = useRef({ text: '', atMs: 0 });
  const baseId = useId();

  useLayoutEffect(() => {
    const settle = (): void => {
      const box = menu.current?.getBoundingClientRect();
      if (box) setPlace(placeFor(anchor, box.width, box.height));
    };
    settle();
    window.addEventListener('resize', settle);
    return () => window.removeEventListener('resize', settle);
  }, [anchor]);

  useEffect(() => {
    if (!place || menu.current?.contains(document.activeElement)) return;
    const all = itemsOf(menu.current);
    (all.find((item) => item.getAttribute('aria-checked') === 'true') ?? all[0])?.focus();
  }, [place]);

  const close = (): void => {
    onClose();
    if (returnFocusTo?.isConnected) returnFocusTo.focus();
  };

  const select = (item: MenuAction): void => {
    if (item.refusal !== undefined) return;
    close();
    item.onSelect();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    const buttons = itemsOf(menu.current);
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    const target = nextFocus(event.key, at, buttons, typed.current, event.timeStamp);
    if (target) {
      event.preventDefault();
      target.focus();
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      close();
    }
  };

  return createPortal(
    <Part
      className={classes.backdrop}
      onMouseDown={close}
      onContextMenu={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <Part
        ref={menu}
        className={classes.menu}
        style={place ?? { visibility: 'hidden' }}
        role="menu"
        aria-label={label}
        tabIndex={-1}
        onKeyDown={onKeyDown}
        onMouseDown={(event) => event.stopPropagation()}
      >
        {items.map((item, index) => (
          <MenuEntry key={item.id} item={item} reasonId={`${baseId}-${index}`} onSelect={() => select(item)} />
        ))}
      </Part>
    </Part>,
    // Inside the page's landmark, so that nothing on the screen stands outside of one.
    document.querySelector('main') ?? document.body,
  );
}

function MenuEntry({ item, reasonId, onSelect }: { item: MenuAction; reasonId: string; onSelect: () => void }) {
  const isRefused = item.refusal !== undefined;
  return (
    <>
      {item.startsGroup && <Part className={classes.line} role="separator" />}
      <button
        type="button"
        className={classes.item}
        {...(item.isChecked === undefined
          ? { role: 'menuitem' }
          : { role: 'menuitemradio', 'aria-checked': item.isChecked })}
        tabIndex={-1}
        aria-disabled={isRefused || undefined}
        aria-describedby={isRefused ? reasonId : undefined}
        data-dangerous={item.isDangerous || undefined}
        onClick={onSelect}
        onPointerMove={(event) => {
          // A menu that opens under a resting pointer must not move the focus.
          if (event.movementX !== 0 || event.movementY !== 0) event.currentTarget.focus();
        }}
      >
        {item.icon}
        <span className={classes.text}>
          <span>{item.label}</span>
          {isRefused && (
            <span id={reasonId} className={classes.reason} aria-hidden="true">
              {item.refusal}
            </span>
          )}
        </span>
        {item.detail !== undefined && <span className={classes.detail}>{item.detail}</span>}
      </button>
    </>
  );
}

function itemsOf(menu: HTMLElement | null): HTMLElement[] {
  return menu ? [...menu.querySelectorAll<HTMLElement>('[role^="menuitem"]')] : [];
}

function nextFocus(
  key: string,
  at: number,
  buttons: readonly HTMLElement[],
  typed: { text: string; atMs: number },
  nowMs: number,
): HTMLElement | undefined {
  const count = buttons.length;
  switch (key) {
    case 'ArrowDown':
      return buttons[(at + 1) % count];
    case 'ArrowUp':
      return buttons[(at - 1 + count) % count];
    case 'Home':
      return buttons[0];
    case 'End':
      return buttons[count - 1];
  }
  if (key.length !== 1 || key === ' ') return undefined;
  typed.text = nowMs - typed.atMs > 700 ? key.toLowerCase() : typed.text + key.toLowerCase();
  typed.atMs = nowMs;
  return buttons.find((button) => button.textContent?.toLowerCase().startsWith(typed.text));
}
