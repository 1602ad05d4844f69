import { LABEL_MAX, safeText } from '../text/safe-text.ts';

/** Text from outside: only ever a text node, isolated from its neighbours' direction, the whole of it on hover. */
export function SafeText({
  text,
  max = LABEL_MAX,
  className,
}: {
  text: string;
  max?: number;
  className?: string | undefined;
}) {
  const shown = safeText(text, max);
  return (
    <bdi className={className} title={shown}>
      {shown}
    </bdi>
  );
}
