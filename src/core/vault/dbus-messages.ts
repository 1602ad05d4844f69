/** Messages of D-Bus as bytes: https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol-messages */

export type Value = string | number | boolean | readonly Value[];

export interface Message {
  readonly type: number;
  readonly path: string;
  readonly member: string;
  /** Name of the error that answers a call; null otherwise. */
  readonly error: string | null;
  /** The call that this answers; 0 for signals. */
  readonly replySerial: number;
  readonly body: readonly Value[];
}

export const SIGNAL = 4;
const CALL = 1;
const LITTLE_ENDIAN = 0x6c;
const FIELD = { path: 1, interface: 2, member: 3, error: 4, replySerial: 5, destination: 6, signature: 8 } as const;
const ALIGNMENT: Readonly<Record<string, number>> = {
  y: 1,
  g: 1,
  v: 1,
  b: 4,
  u: 4,
  i: 4,
  s: 4,
  o: 4,
  a: 4,
  '(': 8,
  '{': 8,
};
const HEADER_BYTES = 16;
/** Nothing that is asked for here is nearly as long. */
const MAX_MESSAGE_BYTES = 1_000_000;

const padding = (at: number, alignment: number): number => (alignment - (at % alignment)) % alignment;

class Writer {
  bytes = Buffer.alloc(0);

  align(alignment: number): void {
    this.add(Buffer.alloc(padding(this.bytes.length, alignment)));
  }

  add(more: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, more]);
  }

  number(value: number): void {
    this.align(4);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.add(bytes);
  }

  text(value: string): void {
    this.number(Buffer.byteLength(value));
    this.add(Buffer.from(`${value}\0`));
  }

  signature(value: string): void {
    this.add(Buffer.concat([Buffer.from([value.length]), Buffer.from(`${value}\0`)]));
  }

  array(values: readonly Value[], element: string): void {
    this.number(0);
    const lengthAt = this.bytes.length - 4;
    this.align(ALIGNMENT[element.charAt(0)] ?? 1);
    const begin = this.bytes.length;
    for (const value of values) this.value(element, value);
    this.bytes.writeUInt32LE(this.bytes.length - begin, lengthAt);
  }

  /** Strings, paths, numbers, arrays, and dictionaries of strings as pairs. */
  value(type: string, value: Value): void {
    if (type === 's' || type === 'o') this.text(String(value));
    else if (type === 'u') this.number(Number(value));
    else if (type.startsWith('a') && Array.isArray(value)) this.array(value, type.slice(1));
    else if (type === '{sv}' && Array.isArray(value)) this.#pair(String(value[0]), String(value[1]));
    else throw new Error(`D-Bus type ${type} is not written here.`);
  }

  #pair(name: string, text: string): void {
    this.align(8);
    this.text(name);
    this.signature('s');
    this.text(text);
  }
}

/** "a{sv}s" as ["a{sv}", "s"]. */
export function typesOf(signature: string): string[] {
  return signature.match(/a{0,4}(?:\{[^{}]{0,20}\}|\([^()]{0,20}\)|[b-z])/g) ?? [];
}

export interface MethodCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature: string;
  readonly body: readonly Value[];
  readonly serial: number;
}

export function methodCall(call: MethodCall): Buffer {
  const body = new Writer();
  for (const [place, type] of typesOf(call.signature).entries()) body.value(type, call.body[place] ?? '');
  const header = new Writer();
  header.add(Buffer.from([LITTLE_ENDIAN, CALL, 0, 1]));
  for (const number of [body.bytes.length, call.serial, 0]) header.number(number);
  for (const [name, type] of [
    ['path', 'o'],
    ['interface', 's'],
    ['member', 's'],
    ['destination', 's'],
  ] as const) {
    field(header, FIELD[name], type);
    header.text(call[name]);
  }
  if (call.signature !== '') {
    field(header, FIELD.signature, 'g');
    header.signature(call.signature);
  }
  header.bytes.writeUInt32LE(header.bytes.length - HEADER_BYTES, 12);
  header.align(8);
  return Buffer.concat([header.bytes, body.bytes]);
}

function field(header: Writer, code: number, type: string): void {
  header.align(8);
  header.add(Buffer.from([code]));
  header.signature(type);
}

class Reader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  align(alignment: number): void {
    this.at += padding(this.at, alignment);
  }

  byte(): number {
    this.at += 1;
    return this.#bytes.readUInt8(this.at - 1);
  }

  number(): number {
    this.align(4);
    this.at += 4;
    return this.#bytes.readUInt32LE(this.at - 4);
  }

  text(length: number): string {
    const text = this.#bytes.toString('utf8', this.at, this.at + length);
    this.at += length + 1;
    return text;
  }

  /** @throws Error for a type that nothing asked for here answers with */
  value(type: string): Value {
    switch (type.charAt(0)) {
      case 'y':
        return this.byte();
      case 's':
      case 'o':
        return this.text(this.number());
      case 'g':
        return this.text(this.byte());
      case 'u':
      case 'i':
        return this.number();
      case 'b':
        return this.number() === 1;
      case 'v':
        return this.value(this.text(this.byte()));
      case 'a':
        return this.#array(type.slice(1));
      default:
        throw new Error(`D-Bus type ${type} is not read here.`);
    }
  }

  #array(element: string): Value[] {
    const length = this.number();
    this.align(ALIGNMENT[element.charAt(0)] ?? 1);
    const end = this.at + length;
    const values: Value[] = [];
    while (this.at < end) values.push(this.value(element));
    return values;
  }
}

/** Puts the chunks of a stream together to messages. */
export class MessageReader {
  #rest = Buffer.alloc(0);

  /** @throws Error for a message that no bus on this machine sends */
  push(chunk: Buffer): Message[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: Message[] = [];
    for (let size = this.#size(); size !== null && this.#rest.length >= size; size = this.#size()) {
      messages.push(parse(this.#rest.subarray(0, size)));
      this.#rest = this.#rest.subarray(size);
    }
    return messages;
  }

  #size(): number | null {
    if (this.#rest.length < HEADER_BYTES) return null;
    if (this.#rest.readUInt8(0) !== LITTLE_ENDIAN)
      throw new Error('The session bus does not speak little-endian D-Bus.');
    const fields = HEADER_BYTES + this.#rest.readUInt32LE(12);
    const size = fields + padding(fields, 8) + this.#rest.readUInt32LE(4);
    if (size > MAX_MESSAGE_BYTES) throw new Error('A message of the session bus is too long.');
    return size;
  }
}

function parse(bytes: Buffer): Message {
  const reader = new Reader(bytes);
  const type = bytes.readUInt8(1);
  const end = HEADER_BYTES + bytes.readUInt32LE(12);
  const fields = new Map<number, Value>();
  for (reader.at = HEADER_BYTES; reader.at < end; ) {
    reader.align(8);
    const code = reader.byte();
    fields.set(code, reader.value('v'));
  }
  reader.at = end;
  reader.align(8);
  const text = (code: number): string => String(fields.get(code) ?? '');
  return {
    type,
    path: text(FIELD.path),
    member: text(FIELD.member),
    error: fields.has(FIELD.error) ? text(FIELD.error) : null,
    replySerial: Number(fields.get(FIELD.replySerial) ?? 0),
    body: bodyOf(reader, text(FIELD.signature)),
  };
}

/** Values up to the first of a type that is not read here: nobody here looks at what follows. */
function bodyOf(reader: Reader, signature: string): Value[] {
  const values: Value[] = [];
  for (const type of typesOf(signature)) {
    if (/[({]/.test(type)) break;
    values.push(reader.value(type));
  }
  return values;
}
