import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  addClient,
  findClients,
  rotateClientCertificates,
  rotateClientKeys,
  rotateClientSecret,
  setClientNetworks,
} from '../clients/index.ts';
import { revokeClient } from '../tokens/index.ts';
import { readText } from './files.ts';
import { misuse, printRows, say, withTools, type Printing } from './frame.ts';
import { knownPartner } from './partner-commands.ts';

/** `sluice client …`: the credentials of partners' programs. A secret is printed once. */
export function addClientCommands(program: Command): void {
  const client = program
    .command('client')
    .description('credentials of partners’ programs: add, rotate, networks, revoke, list')
    .addHelpText('after', '\nExample:\n  sluice client list');
  addAdding(client);
  addRotating(client);
  addNetworks(client);
  addEnding(client);
}

const shownOnce = 'The secret is shown this once: keep it where the partner’s program finds it.';
const dpopOf = (isRequired: boolean) => (isRequired ? 'required' : 'optional');
const signsBy = (issuer: string) =>
  `It signs a JWT for each request of a token (private_key_jwt, RFC 7523); its aud is ${issuer}.`;
const showsCertificate =
  'It shows its certificate on each connection (RFC 8705), and its tokens serve with it alone.';
const fromOf = (networks: readonly string[] | null) => networks?.join(',') ?? 'any';
const whence = '\nExample (`sluice client list` has the ids):\n  ';

function addAdding(client: Command): void {
  client
    .command('add')
    .description(
      'give a partner’s program its credentials: by its public keys or certificates, or a secret that is printed this once (P30)',
    )
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--name <name>', 'a name to tell clients apart (default: "client", or "sandbox")')
    .option('--jwks <file>', 'its public keys, a JWK Set: it authenticates by private_key_jwt')
    .option('--jwks-uri <url>', 'where it hosts that set itself: https, at a public address')
    .option(
      '--certificate <file>',
      'its certificates (PEM, 1 to 4): it proves itself by mutual TLS',
    )
    .option(
      '--networks <list>',
      'serve it from these addresses and networks alone, parted by commas',
    )
    .option('--sandbox', 'give it made-up data alone, in the same forms, and never a real record')
    .option('--dpop', 'give it tokens alone that are bound to a key of its own (RFC 9449)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  sluice client add --partner brightside --jwks keys.json' +
        '\n  sluice client add --partner brightside --certificate client.pem --networks 203.0.113.0/24' +
        '\n  sluice client add --partner brightside --name nightly',
    )
    .action(async (options: Adding) => {
      const { jwks, certificates } = await readProof(options);
      await withTools(async (tools) => {
        const { id, key } = await knownPartner(tools.db, options.partner);
        const given = {
          partnerId: id,
          name: options.name ?? (options.sandbox === true ? 'sandbox' : 'client'),
          isDpopRequired: options.dpop,
          isSandbox: options.sandbox,
        };
        const { jwksUri, networks: from } = options;
        const proof = { jwks, jwksUri, certificates, networks: from };
        const added = await addClient(tools, { ...given, ...proof });
        const { clientId, name, authMethod, isDpopRequired, isSandbox, networks } = added.client;
        const row = {
          client: clientId,
          partner: key,
          name,
          method: authMethod,
          dpop: dpopOf(isDpopRequired),
          from: fromOf(networks),
          sandbox: isSandbox,
        };
        printRows([added.secret === undefined ? row : { ...row, secret: added.secret }], options);
        if (authMethod === 'private_key_jwt') say(signsBy(tools.settings.origin));
        else say(certificates === undefined ? shownOnce : showsCertificate);
      });
    });
}

type Adding = Printing &
  ProofFiles & {
    partner: string;
    name?: string;
    networks?: string;
    jwksUri?: string;
    dpop?: boolean;
    sandbox?: boolean;
  };

interface ProofFiles {
  readonly jwks?: string;
  readonly certificate?: string;
}

async function readProof({ jwks, certificate }: ProofFiles) {
  return {
    jwks: jwks === undefined ? undefined : await readText(jwks),
    certificates: certificate === undefined ? undefined : await readText(certificate),
  };
}

function addRotating(client: Command): void {
  client
    .command('rotate')
    .description(
      'give a client its next secret, keys or certificates; those before stay good for a while',
    )
    .argument('<client>', 'the client’s id, "cli_…"')
    .option(
      '--overlap-hours <hours>',
      'how long what was before stays good, 0 to 999; 0 ends it now',
      wholeHours,
      24,
    )
    .option('--jwks <file>', 'the next public keys, a JWK Set, of a client that has keys')
    .option('--certificate <file>', 'the next certificates (PEM) of a client that has certificates')
    .option('--json', 'print JSON')
    .addHelpText('after', `${whence}sluice client rotate cli_… --overlap-hours 2`)
    .action(async (clientId: string, options: Rotation) => {
      const overlapSeconds = options.overlapHours * 3600;
      const { jwks, certificates } = await readProof(options);
      if (jwks !== undefined && certificates !== undefined) {
        misuse('Give --jwks or --certificate, not both.');
      }
      await withTools(async (tools) => {
        if (jwks === undefined && certificates === undefined) {
          const { secret, olderUntil } = await rotateClientSecret(tools, { clientId, overlapSeconds }); // prettier-ignore
          printRows([{ client: clientId, secret, olderGoodUntil: olderUntil.toISOString() }], options); // prettier-ignore
          say(shownOnce);
          return;
        }
        const { thumbprints, olderUntil } =
          jwks === undefined
            ? await rotateClientCertificates(tools, { clientId, pem: certificates ?? '', overlapSeconds }) // prettier-ignore
            : await rotateClientKeys(tools, { clientId, jwks, overlapSeconds });
        const olderGoodUntil = olderUntil.toISOString();
        const what = jwks === undefined ? 'certificate' : 'key';
        printRows(thumbprints.map((one) => ({ client: clientId, [what]: one, olderGoodUntil })), options); // prettier-ignore
      });
    });
}

type Rotation = Printing & ProofFiles & { overlapHours: number };

function addNetworks(client: Command): void {
  client
    .command('networks')
    .description('say from which networks a client and its tokens are served')
    .argument('<client>', 'the client’s id, "cli_…"')
    .addOption(
      new Option('--set <list>', 'addresses and networks, parted by commas').conflicts('any'),
    )
    .option('--any', 'from everywhere')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${whence}sluice client networks cli_… --set 203.0.113.0/24,2001:db8::/32`,
    )
    .action(async (clientId: string, options: Printing & { set?: string; any?: boolean }) => {
      if (options.set === undefined && options.any !== true) {
        misuse('Give --set with networks, or --any.');
      }
      await withTools(async (tools) => {
        const networks = await setClientNetworks(tools, { clientId, networks: options.set });
        printRows([{ client: clientId, from: fromOf(networks) }], options);
      });
    });
}

function addEnding(client: Command): void {
  client
    .command('revoke')
    .description('end a client for good, with every token it holds')
    .argument('<client>', 'the client’s id, "cli_…"')
    .option('--json', 'print JSON')
    .addHelpText('after', `${whence}sluice client revoke cli_…`)
    .action(async (clientId: string, options: Printing) => {
      await withTools(async (tools) => {
        await revokeClient(tools, { clientId });
        printRows([{ client: clientId, status: 'revoked' }], options);
      });
    });
  client
    .command('list')
    .description('list the clients')
    .option('--partner <key>', 'those of this partner only')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice client list --partner brightside')
    .action(async (options: Printing & { partner?: string }) => {
      await withTools(async ({ db, clock }) => {
        const { partner } = options;
        if (partner !== undefined) await knownPartner(db, partner);
        const found = (await findClients(db, clock.now())).filter(
          ({ partnerKey }) => partner === undefined || partnerKey === partner,
        );
        const rows = found.map(
          ({
            clientId,
            partnerKey,
            name,
            status,
            authMethod,
            isDpopRequired,
            networks,
            isSandbox,
            createdAt,
            usedAt,
            endsInUseAt,
          }) => ({
            client: clientId,
            partner: partnerKey,
            name,
            status,
            method: authMethod,
            dpop: dpopOf(isDpopRequired),
            from: fromOf(networks),
            sandbox: isSandbox,
            created: createdAt.toISOString(),
            lastUsed: usedAt?.toISOString() ?? null,
            endsInUse: endsInUseAt?.toISOString() ?? null,
          }),
        );
        printRows(rows, { ...options, none: 'No clients yet.' });
      });
    });
}

function wholeHours(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('It must be whole hours, 0 to 999.');
  return Number(text);
}
