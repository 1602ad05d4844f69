/**
 * As much of D-Bus as asking the secret service takes: calls and signals on the session bus, in main, without ever blocking it.
 * https://dbus.freedesktop.org/doc/dbus-specification.html
 */
import { connect as connectSocket, type Socket } from 'node:net';
import { type Message, MessageReader, methodCall, type Value } from './dbus-messages.ts';

export class DBusError extends Error {
  override readonly name = 'DBusError';
}

export interface Call {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly Value[];
}

interface Waiting {
  readonly resolve: (values: readonly Value[]) => void;
  readonly reject: (error: Error) => void;
}

/** Where the session bus listens, as `net.connect` takes it; null where there is none. */
export function sessionBus(env: NodeJS.ProcessEnv): string | null {
  const address = env.DBUS_SESSION_BUS_ADDRESS ?? (env.XDG_RUNTIME_DIR ? `unix:path=${env.XDG_RUNTIME_DIR}/bus` : '');
  for (const one of address.split(';')) {
    if (!one.startsWith('unix:')) continue;
    const parts = new Map(
      one
        .slice('unix:'.length)
        .split(',')
        .map((part) => splitAt(part)),
    );
    const path = parts.get('path');
    const name = parts.get('abstract');
    if (path !== undefined) return decodeURIComponent(path);
    if (name !== undefined) return `\0${decodeURIComponent(name)}`;
  }
  return null;
}

function splitAt(part: string): [string, string] {
  const place = part.indexOf('=');
  return [part.slice(0, place), part.slice(place + 1)];
}

/** One connection to a bus. Calls wait as long as the other side takes; they fail when it, or the bus, goes away. */
export class Bus {
  readonly #socket: Socket;
  readonly #reader = new MessageReader();
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(message: Message) => void>();
  #serial = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const end = (): void => this.#end();
    socket.on('error', end);
    socket.on('close', end);
  }

  /** @throws Error when nobody listens there, or it does not let this user in */
  static async connect(path: string): Promise<Bus> {
    const socket = connectSocket(path);
    // Nothing of this keeps the app from quitting.
    socket.unref();
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('close', () => reject(new DBusError('The session bus closed the connection.')));
      socket.once('connect', () => {
        const user = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex');
        socket.write(`\0AUTH EXTERNAL ${user}\r\n`);
      });
      socket.once('data', (answer) => {
        if (answer.toString('latin1').startsWith('OK ')) resolve();
        else reject(new DBusError('The session bus does not let this user in.'));
      });
    });
    socket.write('BEGIN\r\n');
    const bus = new Bus(socket);
    socket.on('data', (chunk: Buffer) => bus.#take(chunk));
    await bus.call({ ...DRIVER, member: 'Hello' });
    return bus;
  }

  /** @returns the values of the answer @throws DBusError */
  call({ body = [], signature = '', ...call }: Call): Promise<readonly Value[]> {
    this.#serial += 1;
    const serial = this.#serial;
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new DBusError('The session bus is gone.'));
      this.#waiting.set(serial, { resolve, reject });
      this.#socket.write(methodCall({ ...call, signature, body, serial }));
    });
  }

  /** Told of signals that were asked for with AddMatch, and of the end of the connection (null). */
  onMessage(listener: (message: Message | null) => void): void {
    this.#listeners.add(listener);
    this.#socket.once('close', () => listener(null));
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    for (const message of this.#reader.push(chunk)) {
      for (const listener of this.#listeners) listener(message);
      const waiting = this.#waiting.get(message.replySerial);
      if (waiting === undefined) continue;
      this.#waiting.delete(message.replySerial);
      if (message.error === null) waiting.resolve(message.body);
      else waiting.reject(new DBusError(`${message.error}: ${String(message.body[0] ?? '')}`));
    }
  }

  #end(): void {
    for (const { reject } of this.#waiting.values()) reject(new DBusError('The session bus is gone.'));
    this.#waiting.clear();
  }
}

/** The bus itself. */
export const DRIVER = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
} as const;
