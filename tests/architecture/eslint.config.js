import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const chance = ['randomBytes', 'randomUUID', 'randomInt', 'randomFill', 'randomFillSync'];
const chanceOfWeb = ['getRandomValues', 'webcrypto'];

const settings = { object: 'process', property: 'env', message: 'Read it from tools.settings.' };
const output = ['stdout', 'stderr', 'stdin'].map((property) => ({
  object: 'process',
  property,
  message: 'Commands print through commands/frame.ts; everything else through tools.log.',
}));
const outsideWorld = [
  { object: 'Date', property: 'now', message: 'Ask tools.clock.' },
  { object: 'Math', property: 'random', message: 'Ask tools.random.' },
  ...[...chance, ...chanceOfWeb].map((property) => ({
    object: 'crypto',
    property,
    message: 'Ask tools.random.',
  })),
];
const noMocks = ['mock', 'unstable_mockModule', 'doMock', 'spyOn', 'setMock'].map((property) => ({
  object: 'jest',
  property,
  message: 'Use the real thing; see Tools.',
}));
const noChance = ['node:crypto', 'crypto'].map((name) => ({
  name,
  importNames: [...chance, ...chanceOfWeb],
  message: 'Ask tools.random.',
}));

const inTransaction = "CallExpression[callee.name='inTransaction']";
const shape = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  { selector: 'ExportAllDeclaration', message: 'A door names what it shows.' },
  {
    selector: "ExportNamedDeclaration > VariableDeclaration[kind='let']",
    message: 'Export what stays the same.',
  },
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
  {
    selector:
      ':matches(ClassDeclaration, ClassExpression):not([superClass.name=/Error$|^Refusal$/])',
    message: 'Write functions; classes are for errors.',
  },
  {
    selector: `${inTransaction} :function :matches(MemberExpression[property.name=/^(db|reader)$/], Identifier[name='db'])`,
    message: 'Inside a transaction every query goes through tx.',
  },
  {
    selector: `${inTransaction} :function ${inTransaction}`,
    message: 'A transaction inside a transaction waits for itself.',
  },
];
const standingClock = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'Ask tools.clock.',
};

export default defineConfig(
  { ignores: ['dist/**', 'src/platform/schema-types.ts', '**/*.cjs', '**/*.js', '**/*.mjs'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: {
      parserOptions: {
        project: 'tests/tsconfig.json',
        tsconfigRootDir: process.cwd(),
        // Under CI the parser would read files from disk once, and not the texts it is given.
        disallowAutomaticSingleRunInference: true,
      },
    },
    rules: {
      'no-else-return': 'error',
      'no-param-reassign': 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'hack'], location: 'anywhere' }],
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      'no-restricted-imports': ['error', { paths: noChance }],
      'no-restricted-properties': ['error', settings, ...output, ...outsideWorld],
      'no-restricted-syntax': ['error', ...shape, standingClock],
    },
  },
  {
    files: ['src/platform/settings.ts'],
    rules: { 'no-restricted-properties': ['error', ...output, ...outsideWorld] },
  },
  {
    files: ['src/platform/{clock,randomness}.ts'],
    rules: {
      'no-restricted-imports': 'off',
      'no-restricted-properties': ['error', settings, ...output],
      'no-restricted-syntax': ['error', ...shape],
    },
  },
  {
    // It runs in browsers as well, where Node's globals are not.
    files: ['src/{notes,recomputation,verification}/**'],
    rules: {
      'no-restricted-globals': ['error', 'Buffer', 'process', 'global', 'require', 'setImmediate'],
    },
  },
  {
    files: ['src/commands/frame.ts'],
    rules: { 'no-restricted-properties': ['error', settings, ...outsideWorld] },
  },
  {
    files: ['tests/**', 'bench/**'],
    rules: {
      'no-restricted-imports': 'off',
      'no-restricted-properties': ['error', ...noMocks],
      'no-restricted-syntax': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Bodies of answers and jest's matchers are any; the assertions are what checks them.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
