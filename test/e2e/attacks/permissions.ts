// What a page may ask its browser for.

/** Runs in the page: every permission it may ask about, and every device it may ask for. */
export async function askForEverything(): Promise<{ granted: string[]; asked: number }> {
  const names = [
    'geolocation',
    'notifications',
    'midi',
    'camera',
    'microphone',
    'background-fetch',
    'background-sync',
    'persistent-storage',
    'accelerometer',
    'gyroscope',
    'magnetometer',
    'screen-wake-lock',
    'display-capture',
    'clipboard-read',
    'clipboard-write',
    'payment-handler',
    'idle-detection',
    'periodic-background-sync',
    'storage-access',
    'window-management',
    'local-fonts',
    'nfc',
    'ambient-light-sensor',
    'speaker-selection',
  ];
  const granted: string[] = [];
  for (const name of names) {
    // A name that this browser does not know is not granted either.
    const status = await navigator.permissions.query({ name } as PermissionDescriptor).catch(() => null);
    if (status !== null && status.state !== 'denied') granted.push(`${name}: ${status.state}`);
  }
  const { bluetooth, usb, hid, serial } = navigator as unknown as Record<
    string,
    Record<string, (o: object) => unknown>
  >;
  const requests: Record<string, () => unknown> = {
    notification: () => Notification.requestPermission(),
    geolocation: () => new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject)),
    camera: () => navigator.mediaDevices.getUserMedia({ video: true }),
    microphone: () => navigator.mediaDevices.getUserMedia({ audio: true }),
    screen: () => navigator.mediaDevices.getDisplayMedia({ video: true }),
    midi: () => navigator.requestMIDIAccess({ sysex: true }),
    clipboard: () => navigator.clipboard.readText(),
    bluetooth: () => bluetooth?.requestDevice?.({ acceptAllDevices: true }),
    usb: () => usb?.requestDevice?.({ filters: [] }),
    hid: () => hid?.requestDevice?.({ filters: [] }),
    serial: () => serial?.requestPort?.({}),
  };
  for (const [name, request] of Object.entries(requests)) {
    // An interface that is not there answers undefined, a list of no devices is empty.
    const got = await Promise.resolve()
      .then(request)
      .catch(() => undefined);
    if (got !== undefined && got !== 'denied' && !(Array.isArray(got) && got.length === 0)) granted.push(name);
  }
  return { granted, asked: names.length };
}
