import { constants, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions, type Server } from 'node:tls';
import type { Logger } from 'pino';
import { isStrong, strongKeys } from '../certificates.ts';
import type { Clock } from '../clock.ts';
import { Refusal, type RefusalKind } from '../refusal.ts';

export const TlsUnusable = {
  code: 'tls-unusable',
  status: 503,
  title: 'The certificate and key for TLS can’t be used.',
} as const satisfies RefusalKind;

/** The certificate and key of a server, kept as their files are. */
export interface TlsFiles {
  /** What a new server starts with. */
  readonly options: () => SecureContextOptions;
  /** Gives a server each later pair, too. */
  readonly follow: (server: Server) => void;
}

/** TLS 1.2 and 1.3 with forward secrecy and authenticated encryption, and nothing else (FAPI 2.0, section 5.2). */
const modern: SecureContextOptions = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  honorCipherOrder: true,
  ecdhCurve: 'X25519:P-256:P-384',
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
};

/**
 * Reads certificate and key, and looks at the files again every few seconds: what changed and is good
 * serves every new connection from then on; what is not is logged, once, and the old pair stays. A
 * certificate that ends within 14 days is warned of, once a day. That ends with the last server.
 * Throws Refusal `tls-unusable`.
 */
export async function openTls(
  files: { readonly certFile: string; readonly keyFile: string },
  { clock, log, everyMs = 5_000 }: { clock: Clock; log: Logger; everyMs?: number },
): Promise<TlsFiles> {
  const servers = new Set<Server>();
  let seen = await readPair(files);
  let current = contextOf(seen, clock.now());
  let warnedOn: string | undefined;
  const warnOfEnd = () => {
    const now = clock.now();
    const endsAt = endOf(seen);
    const today = now.toISOString().slice(0, 10);
    if (endsAt.getTime() - now.getTime() > warnedBeforeMs || warnedOn === today) return;
    warnedOn = today;
    log.warn({ endsAt: endsAt.toISOString() }, 'certificate for TLS ends');
  };
  warnOfEnd();
  const look = async () => {
    const pair = await readPair(files);
    if (pair.cert.equals(seen.cert) && pair.key.equals(seen.key)) return;
    current = contextOf(pair, clock.now());
    seen = pair;
    for (const server of servers) server.setSecureContext(current);
    log.info('certificate for TLS replaced');
  };
  let complaint: string | undefined;
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    warnOfEnd();
    look()
      .then(
        () => {
          complaint = undefined;
        },
        (error: unknown) => {
          const because = error instanceof Error ? error.message : 'unknown';
          if (because !== complaint) log.error({ because }, 'certificate for TLS not replaced');
          complaint = because;
        },
      )
      .finally(() => {
        isLooking = false;
      });
  }, everyMs);
  timer.unref();
  return {
    options: () => current,
    follow: (server) => {
      servers.add(server);
      server.once('close', () => {
        servers.delete(server);
        if (servers.size === 0) clearInterval(timer);
      });
    },
  };
}

const warnedBeforeMs = 14 * 86_400_000;

interface Pair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

async function readPair({ certFile, keyFile }: { certFile: string; keyFile: string }) {
  const [cert, key] = await Promise.all([
    read(certFile, 'SLUICE_TLS_CERT_FILE'),
    read(keyFile, 'SLUICE_TLS_KEY_FILE'),
  ]);
  return { cert, key };
}

async function read(path: string, setting: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw unusable(`The file of ${setting} can't be read.`, cause);
  }
}

/** What a server is given; throws Refusal `tls-unusable` for a pair that nobody should be shown. */
function contextOf({ cert, key }: Pair, now: Date): SecureContextOptions {
  const certificate = parsed(() => new X509Certificate(cert), 'The file of SLUICE_TLS_CERT_FILE holds no certificate (PEM).'); // prettier-ignore
  const secret = parsed(() => createPrivateKey(key), 'The file of SLUICE_TLS_KEY_FILE holds no private key (PEM, without a passphrase).'); // prettier-ignore
  if (!certificate.checkPrivateKey(secret)) {
    throw unusable('The key of SLUICE_TLS_KEY_FILE is not that of the certificate.');
  }
  if (!isStrong(certificate.publicKey)) {
    throw unusable(`The key of the certificate is too weak: it must be ${strongKeys}.`);
  }
  const [from, until] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (until <= now) throw unusable(`The certificate expired at ${until.toISOString()}.`);
  if (from > now) throw unusable(`The certificate is good from ${from.toISOString()} on.`);
  const options = { ...modern, cert, key };
  parsed(() => createSecureContext(options), 'The certificate and what comes with it can’t be used together.'); // prettier-ignore
  return options;
}

function endOf({ cert }: Pair): Date {
  return new Date(new X509Certificate(cert).validTo);
}

function parsed<Value>(parse: () => Value, sentence: string): Value {
  try {
    return parse();
  } catch (cause) {
    throw unusable(sentence, cause);
  }
}

function unusable(sentence: string, cause?: unknown): Refusal {
  return Object.assign(new Refusal(TlsUnusable, sentence), { cause });
}
