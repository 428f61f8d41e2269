import { readFile } from 'node:fs/promises';
import { openDatabase, openSession, type Database, type Login } from '../database.ts';

/** Who logs in with which password. */
export type RoleLogin = Pick<Login, 'user' | 'password'>;

/**
 * Makes the roles of deploy/roles.sql where they are missing, with these passwords, and the
 * database, owned by sluice_owner. `superuser` logs in to another database of the same server.
 */
export async function prepareServer(superuser: Login, logins: readonly Login[]): Promise<void> {
  const admin = openDatabase(superuser, { max: 1 });
  try {
    await prepareRoles(admin, logins);
    for (const name of new Set(logins.map((login) => login.database))) {
      await prepareDatabase(admin, name);
    }
  } finally {
    await admin.destroy();
  }
}

/** Makes the roles that are missing, and gives each login its password. */
export async function prepareRoles(admin: Database, logins: readonly RoleLogin[]): Promise<void> {
  const sql = await readFile(new URL('../../../deploy/roles.sql', import.meta.url), 'utf8');
  const session = await openSession(admin);
  try {
    await session.query(sql);
    for (const { user, password } of logins) {
      const statement = await session.query<{ text: string }>(
        "select format('alter role %I password %L', $1::text, $2::text) as text",
        [user, password],
      );
      await session.query(statement.rows[0]?.text ?? '');
    }
  } finally {
    session.release();
  }
}

/** Makes a database for sluice's roles alone, a copy of `template` if one is named. */
export async function prepareDatabase(
  admin: Database,
  name: string,
  template?: string,
): Promise<void> {
  if ((await admin('pg_database').where('datname', name).select('datname')).length === 0) {
    const copy = template === undefined ? '' : ' template ??';
    const names = template === undefined ? [name] : [name, template];
    await admin.raw(`create database ?? ${copy} owner sluice_owner`, names);
  }
  await admin.raw('revoke all on database ?? from public', [name]);
  await admin.raw('grant connect on database ?? to sluice_migrator, sluice_app, sluice_reader', [
    name,
  ]);
}
