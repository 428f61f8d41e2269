import { addressOf, isLoopback, readNetworks } from './networks.ts';
import type { SettingValues } from './settings-schema.ts';

/** How requests reach the gateway: by its own TLS, or through proxies that it knows. */
export interface TransportSettings {
  /** PEM files of its certificate (with what lies between it and a root) and its key. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Port that asks each client for its certificate. */
  readonly mtlsPort: number | undefined;
  /** Networks of the proxies whose word on a client counts. */
  readonly trustedProxies: readonly string[];
  /** Whether those proxies tell the client’s certificate, and nobody else’s (RFC 9440). */
  readonly takesClientCert: boolean;
}

/** Reads them; adds a sentence to `problems` for each that is wrong. */
export function readTransport(values: SettingValues, problems: string[]): TransportSettings {
  const text = (name: string) => (values[name] === undefined ? undefined : String(values[name]));
  const tls = tlsOf(text('SLUICE_TLS_CERT_FILE'), text('SLUICE_TLS_KEY_FILE'), problems);
  const trustedProxies = proxiesOf(text('SLUICE_TRUSTED_PROXIES'), problems);
  const takesClientCert = values['SLUICE_CLIENT_CERT_HEADER'] === 'trusted';
  if (takesClientCert && trustedProxies.length === 0) {
    problems.push('SLUICE_CLIENT_CERT_HEADER needs SLUICE_TRUSTED_PROXIES: from nobody else is it taken.'); // prettier-ignore
  }
  const port = values['SLUICE_MTLS_PORT'];
  const mtlsPort = port === undefined ? undefined : Number(port);
  if (mtlsPort !== undefined && tls === undefined) {
    problems.push('SLUICE_MTLS_PORT needs SLUICE_TLS_CERT_FILE and SLUICE_TLS_KEY_FILE.');
  }
  if (mtlsPort !== undefined && mtlsPort !== 0 && mtlsPort === values['PORT']) {
    problems.push('SLUICE_MTLS_PORT must be another than PORT.');
  }
  const host = String(values['HOST']);
  if (tls === undefined && trustedProxies.length === 0 && isHost(host) && !staysHere(host)) {
    problems.push(
      'HOST is not a loopback address, so TLS is needed: give SLUICE_TLS_CERT_FILE and SLUICE_TLS_KEY_FILE, or name the proxy that has it in SLUICE_TRUSTED_PROXIES.',
    );
  }
  return { tls, mtlsPort, trustedProxies, takesClientCert };
}

function tlsOf(
  certFile: string | undefined,
  keyFile: string | undefined,
  problems: string[],
): TransportSettings['tls'] {
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  if (certFile === keyFile) return undefined;
  const [given, missing] =
    certFile === undefined
      ? ['SLUICE_TLS_KEY_FILE', 'SLUICE_TLS_CERT_FILE']
      : ['SLUICE_TLS_CERT_FILE', 'SLUICE_TLS_KEY_FILE'];
  problems.push(`${given} is given, but ${missing} is not: they go together.`);
  return undefined;
}

function proxiesOf(text: string | undefined, problems: string[]): readonly string[] {
  if (text === undefined) return [];
  const read = readNetworks(text);
  if ('networks' in read) return read.networks;
  problems.push(`SLUICE_TRUSTED_PROXIES is wrong: ${read.wrong}`);
  return [];
}

/** A name that could be anything counts as one that leaves the machine. */
const staysHere = (host: string) => host === 'localhost' || isLoopback(addressOf(host) ?? '');

const isHost = (host: string) => /^[0-9A-Za-z.:-]+$/.test(host);
