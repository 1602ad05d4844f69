/** Icons are imported one file each: the package's index would make the build read six thousand of them. */
declare module '@tabler/icons-react/dist/esm/icons/*.mjs' {
  import type { Icon } from '@tabler/icons-react';

  const icon: Icon;
  // biome-ignore lint/style/noDefaultExport: this is how the package exports each icon
  export default icon;
}
