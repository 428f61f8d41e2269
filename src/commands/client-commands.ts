import { InvalidArgumentError, type Command } from 'commander';
import { addClient, findClients, rotateClientKeys, rotateClientSecret } from '../clients/index.ts';
import { revokeClient } from '../tokens/index.ts';
import { readText } from './files.ts';
import { printRows, say, withTools, type Printing } from './frame.ts';
import { knownPartner } from './partner-commands.ts';

/** `sluice client …`: the credentials of partners' programs. A secret is printed once. */
export function addClientCommands(program: Command): void {
  const client = program
    .command('client')
    .description('credentials of partners’ programs: add, rotate, revoke, list')
    .addHelpText('after', '\nExample:\n  sluice client list');
  addAdding(client);
  addRotating(client);
  addEnding(client);
}

const shownOnce = 'The secret is shown this once: keep it where the partner’s program finds it.';
const dpopOf = (isRequired: boolean) => (isRequired ? 'required' : 'optional');
const signsBy = (issuer: string) =>
  `It signs a JWT for each request of a token (private_key_jwt, RFC 7523); its aud is ${issuer}.`;
const whence = '\nExample (`sluice client list` has the ids):\n  ';

function addAdding(client: Command): void {
  client
    .command('add')
    .description(
      'give a partner’s program its credentials: by its public keys, or a secret that is printed this once (P30)',
    )
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--name <name>', 'a name to tell clients apart', 'client')
    .option('--jwks <file>', 'its public keys, a JWK Set: it authenticates by private_key_jwt')
    .option('--sandbox', 'give it made-up data alone, in the same forms, and never a real record')
    .option('--dpop', 'give it tokens alone that are bound to a key of its own (RFC 9449)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  sluice client add --partner brightside --jwks keys.json' +
        '\n  sluice client add --partner brightside --name nightly',
    )
    .action(
      async (
        options: Printing & {
          partner: string;
          name: string;
          jwks?: string;
          dpop?: boolean;
          sandbox?: boolean;
        },
      ) => {
        const jwks = options.jwks === undefined ? undefined : await readText(options.jwks);
        await withTools(async (tools) => {
          const { id, key } = await knownPartner(tools.db, options.partner);
          const given = {
            partnerId: id,
            name: options.name,
            isDpopRequired: options.dpop,
            isSandbox: options.sandbox,
          };
          const added = await addClient(tools, { ...given, jwks });
          const { clientId, name, authMethod, isDpopRequired, isSandbox } = added.client;
          const dpop = dpopOf(isDpopRequired);
          const row = {
            client: clientId,
            partner: key,
            name,
            method: authMethod,
            dpop,
            sandbox: isSandbox,
          };
          printRows([added.secret === undefined ? row : { ...row, secret: added.secret }], options);
          say(added.secret === undefined ? signsBy(tools.settings.origin) : shownOnce);
        });
      },
    );
}

function addRotating(client: Command): void {
  client
    .command('rotate')
    .description('give a client its next secret or keys; those before stay good for a while')
    .argument('<client>', 'the client’s id, "cli_…"')
    .option(
      '--overlap-hours <hours>',
      'how long what was before stays good, 0 to 999; 0 ends it now',
      wholeHours,
      24,
    )
    .option('--jwks <file>', 'the next public keys, a JWK Set, of a client that has keys')
    .option('--json', 'print JSON')
    .addHelpText('after', `${whence}sluice client rotate cli_… --overlap-hours 2`)
    .action(async (clientId: string, options: Rotation) => {
      const overlapSeconds = options.overlapHours * 3600;
      const jwks = options.jwks === undefined ? undefined : await readText(options.jwks);
      await withTools(async (tools) => {
        if (jwks === undefined) {
          const { secret, olderUntil } = await rotateClientSecret(tools, { clientId, overlapSeconds }); // prettier-ignore
          printRows([{ client: clientId, secret, olderGoodUntil: olderUntil.toISOString() }], options); // prettier-ignore
          say(shownOnce);
          return;
        }
        const { thumbprints, olderUntil } = await rotateClientKeys(tools, { clientId, jwks, overlapSeconds }); // prettier-ignore
        const olderGoodUntil = olderUntil.toISOString();
        printRows(thumbprints.map((key) => ({ client: clientId, key, olderGoodUntil })), options); // prettier-ignore
      });
    });
}

type Rotation = Printing & { overlapHours: number; jwks?: string };

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
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice client list')
    .action(async (options: Printing) => {
      await withTools(async ({ db }) => {
        const rows = (await findClients(db)).map(
          ({
            clientId,
            partnerKey,
            name,
            status,
            authMethod,
            isDpopRequired,
            isSandbox,
            createdAt,
          }) => ({
            client: clientId,
            partner: partnerKey,
            name,
            status,
            method: authMethod,
            dpop: dpopOf(isDpopRequired),
            sandbox: isSandbox,
            created: createdAt.toISOString(),
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
