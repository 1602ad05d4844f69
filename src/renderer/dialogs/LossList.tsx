import { SafeText } from '../components/SafeText.tsx';
import classes from './LossList.module.css';

interface LossListProps {
  readonly title: string;
  readonly items: readonly { readonly name: string; readonly detail: string }[];
}

const MOST = 200;

/** What something costs, by name; long lists scroll. */
export function LossList({ title, items }: LossListProps) {
  return (
    <div>
      <p className={classes.title}>{title}</p>
      {items.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        <ul className={classes.list} tabIndex={0} aria-label={title}>
          {items.slice(0, MOST).map(({ name, detail }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes while it is shown
            <li key={index}>
              <SafeText text={name} />{' '}
              <span className={classes.detail}>{detail !== '' && <SafeText text={detail} />}</span>
            </li>
          ))}
          {items.length > MOST && <li>and {items.length - MOST} more</li>}
        </ul>
      )}
    </div>
  );
}
