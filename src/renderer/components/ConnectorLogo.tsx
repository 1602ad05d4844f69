import classes from './ConnectorLogo.module.css';

/** A connector's mark in one grey, or its monogram where no logo exists. Decoration: the name stands beside it. */
export function ConnectorLogo({
  logoPath,
  monogram,
  size = 28,
}: {
  logoPath?: string | undefined;
  monogram: string;
  size?: number;
}) {
  if (!logoPath) {
    return (
      <span className={classes.monogram} style={{ width: size, height: size }} aria-hidden="true">
        {monogram}
      </span>
    );
  }
  return (
    <span className={classes.logo} style={{ width: size, height: size }} aria-hidden="true">
      <svg width={size * 0.78} height={size * 0.78} viewBox="0 0 24 24" focusable="false" aria-hidden="true">
        <path d={logoPath} fill="currentColor" />
      </svg>
    </span>
  );
}
