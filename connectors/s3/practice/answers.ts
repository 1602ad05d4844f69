/** What S3 answers, as data; the server puts it on the wire. */
export interface S3Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent piece by piece; absent for HEAD and 304. */
  readonly body?: Iterable<Uint8Array> | undefined;
}

/** A refusal in S3's own words: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export class S3Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, details: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'S3Refusal';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

export function xmlAnswer(status: number, xml: string, headers: Readonly<Record<string, string>> = {}): S3Answer {
  return {
    status,
    headers: { 'content-type': 'application/xml', ...headers },
    body: [Buffer.from(DECLARATION + xml, 'utf8')],
  };
}

export function refusalAnswer(refusal: S3Refusal, resource: string, requestId: string): S3Answer {
  const details = Object.entries(refusal.details).map(([name, value]) => element(name, value));
  const xml = `<Error>${element('Code', refusal.code)}${element('Message', refusal.message)}${details.join('')}${element('Resource', resource)}${element('RequestId', requestId)}</Error>`;
  const region = refusal.details.Region;
  return xmlAnswer(refusal.status, xml, region === undefined ? {} : { 'x-amz-bucket-region': region });
}

export function element(name: string, text: string | number | boolean): string {
  return `<${name}>${escapeXml(String(text))}</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ENTITIES[character] ?? '');
}
