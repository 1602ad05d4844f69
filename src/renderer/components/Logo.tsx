/** Patchbay's mark: a patch cord between two jacks. */
export function Logo({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <rect width="20" height="20" rx="5" fill="var(--mantine-primary-color-filled)" />
      <path d="M6 6.5v4.2a4 4 0 0 0 8 0" fill="none" stroke="#fff" strokeWidth="2" strokeLinecap="round" />
      <circle cx="6" cy="6" r="2" fill="#fff" />
      <circle cx="14" cy="9.5" r="2" fill="#fff" />
    </svg>
  );
}
